"""Which documents take part in a question or a list. Knows no ranking, and changes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from sqlite3 import Row

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import EVERYTHING, Filters
from pipeline.outcomes import Code
from pipeline.storage import dating, globs, members
from pipeline.storage.database import Database, Value

Ids = npt.NDArray[np.int64]
Condition = tuple[str, tuple[Value, ...]]  # SQL, with its values


def documents(database: Database, filters: Filters) -> Ids | None:
    """The ids of the documents that take part, ascending; None when all do."""
    if filters == EVERYTHING:
        return None
    conditions = list(_conditions(filters))
    asks_for_days = filters.after is not None or filters.before is not None
    with database.snapshot():
        if asks_for_days:
            first, last = _bounds(filters)
            stated = _ids(database, [*conditions, ("dated BETWEEN ? AND ?", (first, last))])
            found = np.union1d(stated, _of_unstated_days(database, conditions, filters))
        else:
            found = np.sort(_ids(database, conditions))
        if filters.paths and len(found):
            found = found[np.isin(found, _in_files(database, filters))]
    return found


def alone(files: Iterable[Row], filters: Filters) -> Iterator[Row]:
    """Those that take part of files whose bytes could not be identified: path, code, signature is all they have."""
    asks_more = replace(filters, states=(), paths=(), after=None, before=None) != EVERYTHING
    is_there = globs.matcher(filters.paths) if filters.paths else None
    first, last = _bounds(filters)
    for file in () if asks_more else files:
        is_state = not filters.states or Code(file["code"]).state in filters.states
        is_of_days = first <= (dating.of_file(file["signature"]) or "") <= last
        if is_state and is_of_days and (is_there is None or is_there(file["path"])):
            yield file


def _conditions(filters: Filters) -> Iterator[Condition]:
    """What is asked of the columns of a document, but for its day."""
    codes = tuple(code for code in Code if code.state in filters.states)
    for set_name in dict.fromkeys(one for one, _ in filters.further_labels):
        names = [name for one, name in filters.further_labels if one == set_name]
        marks = ", ".join("?" * len(names))
        wanted = f"id IN (SELECT document_id FROM labels WHERE set_name = ? AND name IN ({marks}))"  # noqa: S608
        yield wanted, (set_name, *names)
    for column, values in (
        ("label", filters.labels),
        ("language", filters.languages),
        ("format", filters.formats),
        ("code", codes),
        ("sensitivity", filters.sensitivities),
    ):
        if values:
            yield f"{column} IN ({', '.join('?' * len(values))})", values
    if filters.indexed_after is not None:
        yield "substr(indexed_at, 1, 10) >= ?", (filters.indexed_after.isoformat(),)
    if filters.indexed_before is not None:
        yield "substr(indexed_at, 1, 10) <= ?", (filters.indexed_before.isoformat(),)
    if filters.personal:
        marks = ", ".join("?" * len(filters.personal))
        yield f"id IN (SELECT document_id FROM finding_counts WHERE kind IN ({marks}))", filters.personal  # noqa: S608
    if filters.arrived_after is not None:
        yield "arrived > ?", (filters.arrived_after,)


def _ids(database: Database, conditions: Sequence[Condition]) -> Ids:
    """The ids of the documents of which all of this is true, in any order, as one text: rows take ten times as long."""
    where = " AND ".join(condition for condition, _ in conditions) or "1"
    row = database.row(
        f"SELECT group_concat(id) FROM documents WHERE {where}",  # noqa: S608 - our own words
        [value for _, values in conditions for value in values],
    )
    return np.fromstring(row[0] if row and row[0] else "", np.int64, sep=",")


def _of_unstated_days(database: Database, conditions: Sequence[Condition], filters: Filters) -> Ids:
    """Documents that state no day, of those of the wanted days by what is known of their files."""
    found = _ids(database, [*conditions, ("dated IS NULL", ())])
    first, last = _bounds(filters)
    undated = dating.undated(database) if len(found) else {}
    return np.array([one for one in found.tolist() if first <= undated.get(one, "") <= last], np.int64)


def _in_files(database: Database, filters: Filters) -> Ids:
    """The ids of the documents at the wanted paths, and of all that lie in these."""
    is_there = globs.matcher(filters.paths)
    paths = database.rows("SELECT path, document_id FROM paths")
    there = {row["document_id"] for row in paths if is_there(row["path"])}
    return np.array(sorted(members.within(database, there)), np.int64)


def _bounds(filters: Filters) -> tuple[str, str]:
    """The wanted days, as YYYY-MM-DD; where no day is asked for, what is of an unknown one is within them, too."""
    if filters.after is None and filters.before is None:
        return "", date.max.isoformat()
    return (filters.after or date.min).isoformat(), (filters.before or date.max).isoformat()

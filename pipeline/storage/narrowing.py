"""Which documents take part in a question or a list. Knows no ranking, and changes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from sqlite3 import Row

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import EVERYTHING, Filters
from pipeline.outcomes import Code
from pipeline.storage import dating, globs, members
from pipeline.storage.database import Database, Value


def documents(database: Database, filters: Filters) -> npt.NDArray[np.int64] | None:
    """The ids of the documents that take part, ascending; None when all do."""
    if filters == EVERYTHING:
        return None
    conditions = list(_conditions(filters))
    where = " AND ".join(condition for condition, _ in conditions) or "1"
    with database.snapshot():
        rows = database.rows(
            f"SELECT id, dated FROM documents WHERE {where} ORDER BY id",  # noqa: S608 - our own words
            [value for _, values in conditions for value in values],
        )
        if filters.after is not None or filters.before is not None:
            rows = _of_days(database, rows, filters)
        found = np.array([row["id"] for row in rows], np.int64)
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


def _conditions(filters: Filters) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """SQL on the columns of a document, each with its values."""
    codes = tuple(code for code in Code if code.state in filters.states)
    for column, values in (
        ("label", filters.labels),
        ("language", filters.languages),
        ("format", filters.formats),
        ("code", codes),
    ):
        if values:
            yield f"{column} IN ({', '.join('?' * len(values))})", values
    if filters.after is not None:
        yield "(dated IS NULL OR dated >= ?)", (filters.after.isoformat(),)
    if filters.before is not None:
        yield "(dated IS NULL OR dated <= ?)", (filters.before.isoformat(),)
    if filters.indexed_after is not None:
        yield "substr(indexed_at, 1, 10) >= ?", (filters.indexed_after.isoformat(),)
    if filters.indexed_before is not None:
        yield "substr(indexed_at, 1, 10) <= ?", (filters.indexed_before.isoformat(),)
    if filters.arrived_after is not None:
        yield "arrived > ?", (filters.arrived_after,)


def _of_days(database: Database, rows: list[Row], filters: Filters) -> list[Row]:
    """Those of the wanted days, where documents that state none are of the day that is known of their files."""
    undated = dating.undated(database) if any(row["dated"] is None for row in rows) else {}
    first, last = _bounds(filters)
    return [row for row in rows if row["dated"] is not None or first <= undated.get(row["id"], "") <= last]


def _in_files(database: Database, filters: Filters) -> npt.NDArray[np.int64]:
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

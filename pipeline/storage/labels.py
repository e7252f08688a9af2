"""The labels of documents in each set, with what decided and why; a person's stands until a person changes it."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipeline.config import KIND
from pipeline.datatypes import NEEDS_REVIEW, Label
from pipeline.storage.audit import utc_text
from pipeline.storage.database import Database

PERSON, HEAD = "person", "head"


@dataclass(frozen=True, slots=True)
class GivenLabel:
    """A label as stored. `by_person`: somebody has decided, and the scores say nothing."""

    document_id: int
    document: str  # its sha256
    set_name: str
    label: Label
    by_person: bool


def put(
    database: Database, document_id: int, by: str, found: Iterable[tuple[str, Label]], clock: Callable[[], float]
) -> None:
    """Keep what a document was labelled by what calls itself `by`, but for sets in which a person did. In atomic()."""
    now = utc_text(clock)
    given = [
        (
            document_id, set_name, label.name, label.score, label.margin, label.threshold, HEAD, label.head,
            json.dumps(label.alternatives), json.dumps(label.evidence), now,
        )
        for set_name, label in found
    ]  # fmt: skip
    forget(database, document_id)
    database.run_many("INSERT OR IGNORE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", given)
    database.run("UPDATE documents SET labelled = ? WHERE id = ?", (by, document_id))
    _mirror(database, document_id)


def forget(database: Database, document_id: int, *, of_people: bool = False) -> None:
    """Drop the labels of a document, those of people only where it leaves. Call inside atomic()."""
    kept = "" if of_people else f" AND given_by <> '{PERSON}'"
    database.run(f"DELETE FROM labels WHERE document_id = ?{kept}", (document_id,))  # noqa: S608 - our own words


def choose(database: Database, document_id: int, set_name: str, name: str | None, clock: Callable[[], float]) -> None:
    """Keep a person's label, None: take it back, and have the document labelled anew. Call inside atomic()."""
    database.run("DELETE FROM labels WHERE document_id = ? AND set_name = ?", (document_id, set_name))
    if name is None:
        database.run("UPDATE documents SET labelled = NULL WHERE id = ?", (document_id,))
    else:
        database.run(
            "INSERT INTO labels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (document_id, set_name, name, 1.0, 1.0, 0.0, PERSON, None, None, None, utc_text(clock)),
        )
    _mirror(database, document_id)


def of(database: Database, document_id: int) -> list[GivenLabel]:
    """The labels of a document, by set."""
    return _given(database, "WHERE document_id = ? ORDER BY set_name", (document_id,))


def by_people(database: Database, set_name: str) -> list[GivenLabel]:
    """All labels of a set that people gave, by document."""
    return _given(database, "WHERE set_name = ? AND given_by = 'person' ORDER BY document_id", (set_name,))


def least_certain(database: Database, set_name: str, limit: int) -> list[GivenLabel]:
    """Those that nobody has looked at, the least certain first: that teaches most."""
    order = f"(name = '{NEEDS_REVIEW}') DESC, margin, document_id"
    where = f"WHERE set_name = ? AND given_by = 'head' ORDER BY {order} LIMIT ?"
    return _given(database, where, (set_name, limit))


def unlabelled(database: Database, by: str) -> list[int]:
    """The ids of documents with passages that were not labelled by what calls itself so, ascending."""
    rows = database.rows("SELECT id FROM documents WHERE chunks > 0 AND labelled IS NOT ? ORDER BY id", (by,))
    return [int(row["id"]) for row in rows]


def counts(database: Database, set_name: str) -> dict[str, int]:
    """How many documents have each label of a set."""
    rows = database.rows(
        "SELECT name, count(*) AS documents FROM labels WHERE set_name = ? GROUP BY name ORDER BY name", (set_name,)
    )
    return {row["name"]: row["documents"] for row in rows}


def _given(database: Database, where: str, values: tuple[int | str, ...]) -> list[GivenLabel]:
    rows = database.rows(f"SELECT labels.*, sha256 FROM labels JOIN documents ON id = document_id {where}", values)  # noqa: S608
    return [
        GivenLabel(
            row["document_id"],
            row["sha256"],
            row["set_name"],
            Label(
                row["name"],
                row["score"],
                row["margin"],
                row["threshold"],
                row["head"],
                tuple((name, score) for name, score in json.loads(row["alternatives"] or "[]")),
                tuple((page, start, end) for page, start, end in json.loads(row["evidence"] or "[]")),
            ),
            row["given_by"] == PERSON,
        )
        for row in rows
    ]


def _mirror(database: Database, document_id: int) -> None:
    """The label in the first set, as lists and filters have it."""
    row = database.row(
        "SELECT name, score, margin FROM labels WHERE document_id = ? AND set_name = ?", (document_id, KIND)
    )
    database.run(
        "UPDATE documents SET label = ?, label_score = ?, label_margin = ? WHERE id = ?",
        (*(row or (None, None, None)), document_id),
    )

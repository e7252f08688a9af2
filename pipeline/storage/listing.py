"""Reads the lists that people and scripts ask for: every file with its state, and the sums. Changes nothing."""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.datatypes import EVERYTHING, Filters
from pipeline.outcomes import Code
from pipeline.reports import DocumentRow, FileOutcome
from pipeline.storage import findings, members, narrowing
from pipeline.storage.database import Database
from pipeline.storage.jobs import below


def documents(database: Database, filters: Filters = EVERYTHING) -> list[DocumentRow]:
    """Every document with all its paths, by path; then files whose bytes could not be identified.

    A document that lies only in others stands behind the file that holds it.
    """
    with database.snapshot():
        paths: dict[int, list[bytes]] = {}
        for row in database.rows("SELECT path, document_id FROM paths ORDER BY path"):
            paths.setdefault(row["document_id"], []).append(row["path"])
        places = _places(database, paths)
        found = narrowing.documents(database, filters)
        wanted = None if found is None else frozenset(found.tolist())
        personal = findings.counts(database)
        listed = [
            _row(row, *places.get(row["id"], ([], ())), personal.get(row["id"], {}))
            for row in database.rows(_EVERY)
            if wanted is None or row["id"] in wanted
        ]
        listed += [
            _unidentified(row["path"], Code(row["code"]), row["size_bytes"])
            for row in narrowing.alone(database.rows(_FILES_ALONE), filters)
        ]
    return sorted(listed, key=lambda row: ([os.fsencode(path) for path in row.paths], row.inside))


def document(database: Database, document_id: int) -> DocumentRow:
    """One document. Raises KeyError when there is none."""
    row = database.row(f"{_EVERY} WHERE id = ?", (document_id,))
    if row is None:
        raise KeyError(document_id)
    personal = findings.counts(database, [document_id]).get(document_id, {})
    own = database.rows("SELECT path FROM paths WHERE document_id = ? ORDER BY path", (document_id,))
    if own:
        return _row(row, [bytes(one["path"]) for one in own], (), personal)
    place = members.place(database, document_id)
    return _row(row, [], (), personal) if place is None else _row(row, [place.path], place.inside, personal)


_Place = tuple[list[bytes], tuple[str, ...]]


def _places(database: Database, paths: dict[int, list[bytes]]) -> dict[int, _Place]:
    """Where each document lies: at its paths, else in the first document that holds it."""
    places: dict[int, _Place] = {document_id: (found, ()) for document_id, found in paths.items()}
    rows = database.rows(
        "SELECT container_id, document_id, name FROM members WHERE document_id IS NOT NULL "
        "ORDER BY container_id, number"
    )
    waiting = [(int(row["container_id"]), int(row["document_id"]), str(row["name"])) for row in rows]
    while waiting:
        left = []
        for container_id, document_id, name in waiting:
            if container_id in places:
                holder, inside = places[container_id]
                places.setdefault(document_id, (holder, (*inside, name)))
            else:
                left.append((container_id, document_id, name))
        if len(left) == len(waiting):
            break
        waiting = left
    return places


def _row(row: sqlite3.Row, paths: list[bytes], inside: tuple[str, ...], personal: Mapping[str, int]) -> DocumentRow:
    code = Code(row["code"])
    return DocumentRow(
        document=row["sha256"],
        paths=tuple(Path(os.fsdecode(path)) for path in paths),
        state=code.state,
        code=code,
        **{name: row[name] for name in _COPIED},
        misnamed=bool(row["misnamed"]),
        inside=inside,
        personal=tuple(personal.items()),
    )


_FILES_ALONE = (
    "SELECT path, code, size_bytes, signature FROM jobs WHERE status = 'done' AND path NOT IN (SELECT path FROM paths)"
)
_COPIED = (
    "format", "size_bytes", "label", "label_score", "label_margin", "indexed_at", "dated", "language", "pages",
    "pages_failed", "pages_without_text", "pages_recognised", "pages_uncertain", "members", "members_unread", "chunks",
    "sensitivity", "sensitivity_chosen",
)  # fmt: skip
# A store of the first version may hold documents without these numbers.
_NEVER_NULL = ("pages", "pages_failed", "pages_without_text", "chunks")
_EVERY = (
    "SELECT id, sha256, code, misnamed, "  # noqa: S608 - our own words
    + ", ".join(f"coalesce({name}, 0) AS {name}" if name in _NEVER_NULL else name for name in _COPIED)
    + " FROM documents"
)


def _unidentified(path: bytes, code: Code, size_bytes: int) -> DocumentRow:
    return DocumentRow(
        document=None,
        paths=(Path(os.fsdecode(path)),),
        state=code.state,
        code=code,
        format=None,
        size_bytes=size_bytes,
        pages=0,
        pages_failed=0,
        pages_without_text=0,
        chunks=0,
        label=None,
        label_score=None,
        label_margin=None,
        indexed_at=None,
    )


def outcomes(database: Database, scopes: Sequence[bytes]) -> list[FileOutcome]:
    """What became of every file at or below the scopes, by path."""
    found: dict[bytes, FileOutcome] = {}
    for scope in scopes:
        low, high = below(scope)
        for row in database.rows(
            "SELECT jobs.path, jobs.code, sha256 FROM jobs LEFT JOIN paths ON paths.path = jobs.path "
            "LEFT JOIN documents ON documents.id = document_id "
            "WHERE status = 'done' AND (jobs.path = ? OR (jobs.path >= ? AND jobs.path < ?))",
            (scope, low, high),
        ):
            found[row["path"]] = FileOutcome(Path(os.fsdecode(row["path"])), row["sha256"], Code(row["code"]))
    return [found[path] for path in sorted(found)]


def unread(database: Database) -> dict[str, int]:
    """What was not read, or not for certain, summed over all documents."""
    counted = ("pages_failed", "pages_without_text", "pages_recognised", "pages_uncertain", "members", "members_unread")
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in (*counted, "misnamed"))
    row = database.rows(f"SELECT {sums} FROM documents")[0]  # noqa: S608 - our own words
    return {name: int(row[name]) for name in (*counted, "misnamed")}


def codes(database: Database) -> dict[Code, int]:
    """How many documents ended under each code, those within others included."""
    rows = database.rows("SELECT code, count(*) AS documents FROM documents GROUP BY code ORDER BY code")
    return {Code(row["code"]): int(row["documents"]) for row in rows}


def totals(database: Database) -> dict[str, int]:
    """How many documents, pages, chunks and vectors of the active model are kept."""
    tables = ("documents", "pages", "chunks")
    counts = {name: int(database.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in tables}  # noqa: S608 - our own words
    active = "SELECT count(*) FROM vectors WHERE model_id = (SELECT value FROM settings WHERE name = 'active_model')"
    return counts | {"vectors": int(database.rows(active)[0][0])}

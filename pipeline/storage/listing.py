"""Reads the lists that people and scripts ask for: every file with its state, and the sums. Changes nothing."""

import os
from collections.abc import Sequence
from pathlib import Path

from pipeline.datatypes import DocumentRow, FileOutcome
from pipeline.outcomes import Code
from pipeline.storage.database import Database
from pipeline.storage.jobs import below


def documents(database: Database, *, label: str | None = None, state: str | None = None) -> list[DocumentRow]:
    """Every document with all its paths, by first path; then files whose bytes could not be identified."""
    with database.snapshot():
        paths: dict[int, list[bytes]] = {}
        for row in database.rows("SELECT path, document_id FROM paths ORDER BY path"):
            paths.setdefault(row["document_id"], []).append(row["path"])
        listed = [
            DocumentRow(
                document=row["sha256"],
                paths=tuple(Path(os.fsdecode(path)) for path in paths.get(row["id"], [])),
                state=Code(row["code"]).state,
                code=Code(row["code"]),
                **{name: row[name] for name in _COPIED},
                pages=row["pages"] or 0,
                pages_failed=row["pages_failed"] or 0,
                pages_without_text=row["pages_without_text"] or 0,
                chunks=row["chunks"] or 0,
            )
            for row in database.rows("SELECT * FROM documents")
        ]
        listed += [
            _unidentified(row["path"], Code(row["code"]), row["size_bytes"])
            for row in database.rows(
                "SELECT path, code, size_bytes FROM jobs WHERE status = 'done' AND path NOT IN (SELECT path FROM paths)"
            )
        ]
    kept = [row for row in listed if (label is None or row.label == label) and (state is None or row.state == state)]
    return sorted(kept, key=lambda row: [os.fsencode(path) for path in row.paths])


_COPIED = ("format", "size_bytes", "label", "label_score", "label_margin", "indexed_at")


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


def totals(database: Database) -> dict[str, int]:
    """How many documents, pages, chunks and vectors of the active model are kept."""
    tables = ("documents", "pages", "chunks")
    counts = {name: int(database.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in tables}  # noqa: S608 - our own words
    active = "SELECT count(*) FROM vectors WHERE model_id = (SELECT value FROM settings WHERE name = 'active_model')"
    return counts | {"vectors": int(database.rows(active)[0][0])}

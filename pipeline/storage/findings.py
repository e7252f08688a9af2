"""Where personal data stands in documents: kind, place, score and detector, never what it says."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.datatypes import Finding
from pipeline.storage.database import Database


def put(database: Database, document_id: int, by: str, found: Iterable[Finding]) -> None:
    """Keep what an inspection found, in place of what one before it did. Call inside atomic()."""
    forget(database, document_id)
    database.run_many(
        "INSERT INTO findings (document_id, page, start, end, kind, score, detector) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(document_id, one.page, one.start, one.end, str(one.kind), one.score, one.detector) for one in found],
    )
    database.run("UPDATE documents SET inspected = ? WHERE id = ?", (by, document_id))


def forget(database: Database, document_id: int) -> None:
    """Drop all findings of a document. Call inside atomic()."""
    database.run("DELETE FROM findings WHERE document_id = ?", (document_id,))


def of(database: Database, document_id: int) -> list[Finding]:
    """The findings of a document, by page and place."""
    return _found(database, "document_id = ?", (document_id,))


def within(database: Database, document_id: int, page: int, start: int, end: int) -> list[Finding]:
    """The findings of a document that touch page_text[start:end] of a page, by place."""
    return _found(database, "document_id = ? AND page = ? AND start < ? AND end > ?", (document_id, page, end, start))


def counts(database: Database, document_ids: Sequence[int] | None = None) -> dict[int, dict[str, int]]:
    """How many findings of each kind, by document; None: of all documents that have any."""
    where = "" if document_ids is None else f"WHERE document_id IN ({', '.join('?' * len(document_ids))})"
    rows = database.rows(
        f"SELECT document_id, kind, count(*) AS found FROM findings {where} "  # noqa: S608 - our own words
        "GROUP BY document_id, kind ORDER BY document_id, kind",
        tuple(document_ids or ()),
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["document_id"], {})[row["kind"]] = row["found"]
    return found


def totals(database: Database) -> Mapping[str, tuple[int, int]]:
    """By kind: how many findings there are, in how many documents."""
    rows = database.rows(
        "SELECT kind, count(*) AS found, count(DISTINCT document_id) AS documents FROM findings "
        "GROUP BY kind ORDER BY kind"
    )
    return {row["kind"]: (row["found"], row["documents"]) for row in rows}


def uninspected(database: Database, by: str) -> list[int]:
    """The ids of documents with pages that were not looked through by this inspector, ascending."""
    rows = database.rows(
        "SELECT id FROM documents WHERE inspected IS NOT ? AND id IN (SELECT document_id FROM pages) ORDER BY id", (by,)
    )
    return [int(row["id"]) for row in rows]


def _found(database: Database, condition: str, values: tuple[int, ...]) -> list[Finding]:
    rows = database.rows(
        "SELECT kind, page, start, end, score, detector FROM findings "  # noqa: S608 - our own words
        f"WHERE {condition} ORDER BY page, start",
        values,
    )
    return [Finding(row["kind"], row["page"], row["start"], row["end"], row["score"], row["detector"]) for row in rows]

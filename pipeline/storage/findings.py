"""Where personal data stands in documents: kind, place, score and detector, never what it says.

Those of a page are one row, packed: names of persons, organisations and places are many, and a row for each would take
85 bytes with its indexes. How many there are of each kind is counted beside, for filters and sums.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pipeline.datatypes import Finding
from pipeline.storage.database import Database
from pipeline.storage.packed_findings import packed, unpacked


def put(database: Database, document_id: int, by: str, found: Iterable[Finding]) -> None:
    """Keep what an inspection found, in place of what one before it did. Call inside atomic()."""
    forget(database, document_id)
    ordered = sorted(found, key=lambda one: (one.page, one.start))
    pages = itertools.groupby(ordered, lambda one: one.page)
    database.run_many(
        "INSERT INTO findings (document_id, page, packed) VALUES (?, ?, ?)",
        [(document_id, page, packed(list(those))) for page, those in pages],
    )
    database.run_many(
        "INSERT INTO finding_counts (document_id, kind, found) VALUES (?, ?, ?)",
        [(document_id, kind, count) for kind, count in Counter(str(one.kind) for one in ordered).items()],
    )
    database.run("UPDATE documents SET inspected = ? WHERE id = ?", (by, document_id))


def forget(database: Database, document_id: int) -> None:
    """Drop all findings of a document. Call inside atomic()."""
    for table in ("findings", "finding_counts"):
        database.run(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))  # noqa: S608 - our own words


def of(database: Database, document_id: int) -> list[Finding]:
    """The findings of a document, by page and place."""
    rows = database.rows("SELECT page, packed FROM findings WHERE document_id = ? ORDER BY page", (document_id,))
    return [one for row in rows for one in unpacked(row["page"], row["packed"])]


def within(database: Database, document_id: int, page: int, start: int, end: int) -> list[Finding]:
    """The findings of a document that touch page_text[start:end] of a page, by place."""
    row = database.row("SELECT packed FROM findings WHERE document_id = ? AND page = ?", (document_id, page))
    found = () if row is None else unpacked(page, row["packed"])
    return [one for one in found if one.start < end and one.end > start]


def counts(database: Database, document_ids: Sequence[int] | None = None) -> dict[int, dict[str, int]]:
    """How many findings of each kind, by document; None: of all documents that have any."""
    where = "" if document_ids is None else f"WHERE document_id IN ({', '.join('?' * len(document_ids))})"
    rows = database.rows(
        f"SELECT document_id, kind, found FROM finding_counts {where} ORDER BY document_id, kind",  # noqa: S608 - as above
        tuple(document_ids or ()),
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["document_id"], {})[row["kind"]] = row["found"]
    return found


def totals(database: Database) -> Mapping[str, tuple[int, int]]:
    """By kind: how many findings there are, in how many documents."""
    rows = database.rows(
        "SELECT kind, sum(found) AS found, count(*) AS documents FROM finding_counts GROUP BY kind ORDER BY kind"
    )
    return {row["kind"]: (row["found"], row["documents"]) for row in rows}


def uninspected(database: Database, by: str) -> list[int]:
    """The ids of documents with pages that were not looked through by this inspector, ascending."""
    rows = database.rows(
        "SELECT id FROM documents WHERE inspected IS NOT ? AND id IN (SELECT document_id FROM pages) ORDER BY id", (by,)
    )
    return [int(row["id"]) for row in rows]

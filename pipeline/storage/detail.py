"""Everything that is known of how one document was read. Nothing of its text, and it changes nothing."""

import os
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.outcomes import Code
from pipeline.reports import DocumentDetail, PageRow
from pipeline.storage import findings, listing, members
from pipeline.storage.database import Database

MIN_DIGITS = 4  # of a document's id


def find(database: Database, given: str) -> DocumentDetail:
    """The document with this id, or the beginning of one, or at this path. Raises UsageError."""
    with database.snapshot():
        document_id = identify(database, given)
        row = listing.document(database, document_id)
        pages = database.rows(
            "SELECT number, characters, code, reader, confidence, dpi FROM pages WHERE document_id = ? ORDER BY number",
            (document_id,),
        )
        return DocumentDetail(
            row=row,
            pages=tuple(
                PageRow(
                    number=page["number"],
                    characters=page["characters"],
                    code=None if page["code"] is None else Code(page["code"]),
                    reader=page["reader"],
                    confidence=page["confidence"],
                    dpi=page["dpi"],
                )
                for page in pages
            ),
            members=tuple(members.of(database, document_id)),
            findings=tuple(findings.of(database, document_id)),
        )


def identify(database: Database, given: str) -> int:
    """The id in the store of the document with this id, or the beginning of one, or at this path. Raises UsageError."""
    return _id_at(database, given) or _id_of(database, given)


def _id_at(database: Database, given: str) -> int | None:
    path = os.fsencode(os.path.abspath(Path(given).expanduser()))  # noqa: PTH100 - links stay as named
    row = database.row("SELECT document_id FROM paths WHERE path = ?", (path,))
    return None if row is None else int(row[0])


def _id_of(database: Database, given: str) -> int:
    wanted = given.strip().lower()
    if len(wanted) >= MIN_DIGITS and set(wanted) <= set("0123456789abcdef"):
        rows = database.rows(
            "SELECT id FROM documents WHERE sha256 >= ? AND sha256 < ? LIMIT 2", (wanted, wanted + "g")
        )
        if len(rows) == 1:
            return int(rows[0][0])
        if rows:
            raise UsageError("document_ambiguous", "Several documents begin with this id.", "Give more of its digits.")
    raise UsageError(
        "document_unknown",
        "There is no such document.",
        "Name a file that was read, or an id (or its beginning) as `pipeline documents` lists it.",
    )

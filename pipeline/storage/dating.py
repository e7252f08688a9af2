"""The day that a document is of: what it says itself, else what is known of the files it lies in. Changes nothing.

In this order: the day that it states (documents.dated); when the newest file in which it lies was last written; the day
of the newest document that holds it, so that an attachment is of the day of its mail; the day on which it was read.
All but the first are days of UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from pipeline.storage.database import Database

_SIGNATURE_PARTS = (
    4  # datatypes.FileSeen.signature: size, time in nanoseconds, inode, mode; of what is no file: its kind
)


def of_file(signature: str) -> str | None:
    """The day on which a file was last written, as YYYY-MM-DD, from its signature in the ledger."""
    parts = signature.split(":")
    try:
        modified_s = int(parts[1]) / 1e9 if len(parts) >= _SIGNATURE_PARTS else None
        return None if modified_s is None else datetime.fromtimestamp(modified_s, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def undated(database: Database) -> Mapping[int, str]:
    """The day of each document that states none, by its id. Call inside snapshot()."""
    rows = database.rows("SELECT id, substr(indexed_at, 1, 10) AS day FROM documents WHERE dated IS NULL")
    days = _Days(database, {int(row["id"]): str(row["day"] or "") for row in rows})
    return {document_id: days.of(document_id) for document_id in days.read}


class _Days:
    """What is known of the days of documents that state none, and of those that hold them."""

    def __init__(self, database: Database, read: dict[int, str]) -> None:
        self.read = read  # the days on which those that state none were read
        self._found: dict[int, str] = {}
        self._holders: dict[int, list[int]] = {}
        for row in database.rows(
            "SELECT document_id, signature FROM paths JOIN jobs ON jobs.path = paths.path "
            "JOIN documents ON documents.id = document_id WHERE dated IS NULL"
        ):
            day = of_file(row["signature"])
            if day is not None:
                self._found[row["document_id"]] = max(day, self._found.get(row["document_id"], ""))
        for row in database.rows(
            "SELECT DISTINCT document_id, container_id, holder.dated FROM members "
            "JOIN documents ON documents.id = document_id JOIN documents AS holder ON holder.id = container_id "
            "WHERE documents.dated IS NULL"
        ):
            self._holders.setdefault(row["document_id"], []).append(row["container_id"])
            if row["dated"] is not None:
                self._found[row["container_id"]] = row["dated"]

    def of(self, document_id: int) -> str:
        """The day of one document; documents that hold one another, which cannot be, come to an end, too."""
        if document_id not in self._found:
            self._found[document_id] = ""
            days = [self.of(holder) for holder in self._holders.get(document_id, ())]
            self._found[document_id] = max(days, default="") or self.read.get(document_id, "")
        return self._found[document_id]

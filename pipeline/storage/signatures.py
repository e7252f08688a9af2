"""The signatures of documents, by which texts that are nearly the same find one another, and the texts themselves."""

import numpy as np
import numpy.typing as npt

from pipeline.storage import texts
from pipeline.storage.database import Database


def put(database: Database, document_id: int, minhash: bytes) -> None:
    """Keep the signature of a document, unless it left meanwhile. Empty: it has no word."""
    database.run(
        "INSERT OR REPLACE INTO signatures (document_id, minhash) SELECT id, ? FROM documents WHERE id = ?",
        (minhash, document_id),
    )


def forget(database: Database, document_id: int) -> None:
    """Drop the signature of a document whose text goes. Call inside atomic()."""
    database.run("DELETE FROM signatures WHERE document_id = ?", (document_id,))


def missing(database: Database) -> list[int]:
    """The ids of documents with text that have none: they were read before there were any."""
    rows = database.rows(
        "SELECT id FROM documents WHERE chunks > 0 AND id NOT IN (SELECT document_id FROM signatures) ORDER BY id"
    )
    return [int(row["id"]) for row in rows]


def every(database: Database) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """The ids of all documents with words (n,), ascending, and their signatures (n, numbers)."""
    rows = database.rows("SELECT document_id, minhash FROM signatures WHERE length(minhash) > 0 ORDER BY document_id")
    ids = np.array([row["document_id"] for row in rows], np.int64)
    numbers = np.frombuffer(b"".join(row["minhash"] for row in rows), "<u4").astype(np.uint32)
    return ids, numbers.reshape(len(ids), -1 if len(ids) else 0)


def bodies(database: Database, document_id: int) -> list[str]:
    """The text of each page of a document, without running heads."""
    rows = database.rows(
        "SELECT number, body_start, body_end FROM pages WHERE document_id = ? ORDER BY number", (document_id,)
    )
    pages = texts.of_pages(database, document_id)
    return [pages.get(row["number"], "")[row["body_start"] or 0 : row["body_end"]] for row in rows]  # no end: its own

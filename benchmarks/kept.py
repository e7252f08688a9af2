"""The texts that a store keeps, read with the product's own code."""

from contextlib import closing
from pathlib import Path

from pipeline.storage import texts
from pipeline.storage.database import Database
from pipeline.storage.texts import StoredTexts


def passages(store: Path) -> list[str]:
    """All passages of a store, named by its file, in the order of their ids."""
    with closing(Database(store.parent, read_only=True)) as database:
        ids = [int(row[0]) for row in database.rows("SELECT id FROM chunks ORDER BY id")]
        return list(StoredTexts(database).of_chunks(ids).values())


def pages(database: Database, document_id: int) -> list[str]:
    """The texts of a document's pages, those without text among them."""
    found = texts.of_pages(database, document_id)
    rows = database.rows("SELECT number FROM pages WHERE document_id = ? ORDER BY number", (document_id,))
    return [found.get(int(row[0]), "") for row in rows]


def pages_by_path(store: Path) -> dict[bytes, list[str]]:
    """The texts of the pages of all documents that lie at a path; page 1 first."""
    with closing(Database(store.parent, read_only=True)) as database:
        rows = database.rows("SELECT path, document_id FROM paths ORDER BY path")
        return {bytes(row[0]): pages(database, int(row[1])) for row in rows}

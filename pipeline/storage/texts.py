"""The texts of pages: kept once, packed, in blocks. A passage is a stretch of its page (chunking.py)."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.errors import StoreError
from pipeline.storage.database import Database

BLOCK = 8192  # characters: most pages are one block, and of a book in one page no more is unpacked than a passage needs

Key = tuple[int, int, int]  # of a block: document, page, and the character of the page with which it begins


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text lies: page[start:end] of a document."""

    document_id: int
    page: int
    start: int
    end: int

    def blocks(self) -> Iterator[Key]:
        """The blocks that it lies in."""
        for start in range(self.start - self.start % BLOCK, self.end, BLOCK):
            yield self.document_id, self.page, start


def put(database: Database, document_id: int, pages: Iterable[tuple[int, str]]) -> None:
    """Keep the texts of a document's pages, by number. Call inside atomic()."""
    database.run_many("INSERT INTO texts (document_id, page, start, content) VALUES (?, ?, ?, ?)", [
        (document_id, page, start, content) for page, text in pages for start, content in packed(text)
    ])  # fmt: skip


def forget(database: Database, document_id: int) -> None:
    """Drop the texts of a document. Call inside atomic()."""
    database.run("DELETE FROM texts WHERE document_id = ?", (document_id,))


def packed(text: str) -> Iterator[tuple[int, bytes]]:
    """The blocks of a page: where each begins, and what is kept of it. A page without text has none."""
    for start in range(0, len(text), BLOCK):
        yield start, zlib.compress(text[start : start + BLOCK].encode())


def of_pages(database: Database, document_id: int) -> dict[int, str]:
    """The texts of a document's pages, by number, ascending; those without text are left out."""
    rows = database.rows("SELECT page, content FROM texts WHERE document_id = ? ORDER BY page, start", (document_id,))
    found: dict[int, list[str]] = {}
    for page, content in rows:
        found.setdefault(page, []).append(_unpacked(content))
    return {page: "".join(parts) for page, parts in found.items()}


def incomplete(database: Database) -> list[int]:
    """The documents of which a page has lost text, or has some that cannot be unpacked; reads the whole store."""
    return [row[0] for row in database.rows("SELECT id FROM documents ORDER BY id") if not _is_whole(database, row[0])]


def _is_whole(database: Database, document_id: int) -> bool:
    with database.snapshot():  # one state of the document: a watcher may be reading it anew
        pages = database.rows("SELECT number, characters FROM pages WHERE document_id = ?", (document_id,))
        try:
            there = of_pages(database, document_id)
        except StoreError:
            return False
    return all(len(there.get(number, "")) >= characters for number, characters in pages)


@dataclass(frozen=True, slots=True)
class StoredTexts:
    """Reads texts, and remembers the blocks that it has unpacked: for one question, or one stretch of the store."""

    database: Database
    _blocks: dict[Key, str] = field(default_factory=dict)

    def of_chunks(self, chunk_ids: Sequence[int]) -> dict[int, str]:
        """The texts of chunks, by id, ascending; those that are not there are left out."""
        rows = self.database.rows(
            "SELECT id, document_id, page, start, end FROM chunks WHERE id IN (SELECT value FROM json_each(?)) "
            "ORDER BY id",
            (json.dumps(chunk_ids),),
        )
        places = [Place(*tuple(row)[1:]) for row in rows]
        return dict(zip((row["id"] for row in rows), self.at(places), strict=True))

    def at(self, places: Sequence[Place]) -> list[str]:
        """The texts that lie in these places."""
        self._read(dict.fromkeys(key for place in places for key in place.blocks()))
        return [self._cut(place) for place in places]

    def _cut(self, place: Place) -> str:
        text = "".join(self._blocks.get(key, "") for key in place.blocks())
        first = place.start % BLOCK
        return text[first : first + place.end - place.start]

    def _read(self, keys: Iterable[Key]) -> None:
        missing = [key for key in keys if key not in self._blocks]
        if not missing:
            return
        # One by one, by the index on all three: of rows in a list, (a, b, c) IN (VALUES ...), SQLite reads the table.
        rows = self.database.rows(
            "SELECT texts.* FROM json_each(?) AS wanted CROSS JOIN texts ON document_id = json_extract(value, '$[0]') "
            "AND page = json_extract(value, '$[1]') AND start = json_extract(value, '$[2]')",
            (json.dumps(missing),),
        )
        for row in rows:
            self._blocks[row["document_id"], row["page"], row["start"]] = _unpacked(row["content"])


def _unpacked(content: bytes) -> str:
    try:
        return zlib.decompress(content).decode()
    except (zlib.error, UnicodeDecodeError):
        raise StoreError(
            "store_damaged",
            "The store's database file is damaged.",
            "Restore it from a backup, or remove the store's folder: the inbox is read again from the start.",
        ) from None

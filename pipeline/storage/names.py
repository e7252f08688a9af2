"""What documents are called: the names of their files and of what they are within documents, searchable by word.

An index of SQLite's own (FTS5), since it is small and changes with every rename. A document has one row.
"""

import os
from collections.abc import Sequence
from pathlib import PurePath

from pipeline.storage.database import Database

_MOST_CALLED = 10_000  # documents with one word in their name: where there are more, it says nothing


def refresh(database: Database, document_id: int) -> None:
    """Bring the names of one document up to date, or forget them with it. Call inside atomic()."""
    paths = database.rows("SELECT path FROM paths WHERE document_id = ?", (document_id,))
    names = database.rows("SELECT name FROM members WHERE document_id = ?", (document_id,))
    text = searchable([row[0] for row in paths], [row[0] for row in names])
    database.run("DELETE FROM names WHERE rowid = ?", (document_id,))
    if text:
        database.run("INSERT INTO names (rowid, name) VALUES (?, ?)", (document_id, text))


def searchable(paths: Sequence[bytes], names: Sequence[str]) -> str:
    """The last parts of paths, and other names, as words are sought in them."""
    found = [PurePath(os.fsdecode(path)).name for path in paths] + list(names)
    distinct = dict.fromkeys(name.encode("utf-8", "replace").decode() for name in found)
    return "\n".join(distinct)


def called(database: Database, word: str) -> tuple[int, ...]:
    """The ids of documents that have this word in a name, ascending; none where nearly all have it."""
    rows = database.rows(
        "SELECT rowid FROM names WHERE names MATCH ? ORDER BY rowid LIMIT ?",
        (f'"{word.replace(chr(34), "")}"', _MOST_CALLED + 1),
    )
    return tuple(int(row[0]) for row in rows) if len(rows) <= _MOST_CALLED else ()

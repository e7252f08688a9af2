"""Search by word: FTS5 with BM25. What the user types is only ever words, never FTS5 syntax."""

import re
from dataclasses import dataclass

from pipeline.storage.database import Database

MAX_TERMS = 32  # the longest words say most; a pasted page of text must not scan every posting list
_WORD = re.compile(r"\w+")
# English words that stand in nearly every passage: they explain nothing and cost a scan of the whole index. Words that
# may carry meaning (not, may, will, it, who) are kept; a query of nothing else is searched as it is.
_FUNCTION_WORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "in", "is", "of", "on",
     "or", "than", "that", "the", "these", "this", "those", "to", "was", "were", "which", "with")
)  # fmt: skip
MARK_START, MARK_END = "\x02", "\x03"  # control characters do not occur in stored text (parsing/worker.py)


@dataclass(frozen=True, slots=True)
class Match:
    """FTS5 expressions of one text: passages with any of its words, and passages with all of them."""

    any_word: str
    all_words: str


def expression(text: str) -> Match | None:
    """What to look for, or None when the text has no words.

    Each word is quoted, so that NEAR, *, quotes, brackets and column names are words like others
    (sqlite.org/fts5.html, section 3.1).
    """
    all_words = list(dict.fromkeys(_WORD.findall(text.casefold())))
    words = [word for word in all_words if word not in _FUNCTION_WORDS] or all_words
    if len(words) > MAX_TERMS:
        longest = set(sorted(words, key=len, reverse=True)[:MAX_TERMS])
        words = [word for word in words if word in longest]
    quoted = [f'"{word}"' for word in words]
    return Match(" OR ".join(quoted), " AND ".join(quoted)) if quoted else None


def add(database: Database, document_id: int) -> None:
    """Make a document's chunks searchable by word. Call inside atomic(), after they were inserted."""
    database.run(
        "INSERT INTO chunks_fts (rowid, text) SELECT id, text FROM chunks WHERE document_id = ?", (document_id,)
    )


def remove(database: Database, document_id: int) -> None:
    """Take a document's chunks out again. Call inside atomic(), before they are deleted.

    An index over external content must be told the text that it forgets (sqlite.org/fts5.html, section 6.2).
    """
    database.run(
        "INSERT INTO chunks_fts (chunks_fts, rowid, text) SELECT 'delete', id, text FROM chunks WHERE document_id = ?",
        (document_id,),
    )


def search(database: Database, match: str, limit: int, label: str | None) -> list[int]:
    """Chunk ids, best first, by BM25; ties by id. With a label only chunks of such documents are ranked."""
    among = "" if label is None else f"AND rowid IN ({CHUNKS_WITH_LABEL}) "
    rows = database.rows(
        f"SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH ? {among}ORDER BY rank, rowid LIMIT ?",  # noqa: S608 - our own words
        (match, limit) if label is None else (match, label, limit),
    )
    return [int(row[0]) for row in rows]


CHUNKS_WITH_LABEL = (
    "SELECT chunks.id FROM chunks JOIN documents ON documents.id = chunks.document_id WHERE documents.label = ?"
)


def marked(database: Database, match: str, chunk_id: int) -> str | None:
    """The chunk's text with MARK_START and MARK_END around every word that matched, or None when none did."""
    row = database.row(
        "SELECT highlight(chunks_fts, 0, ?, ?) FROM chunks_fts WHERE chunks_fts MATCH ? AND rowid = ?",
        (MARK_START, MARK_END, match, chunk_id),
    )
    return None if row is None else str(row[0])

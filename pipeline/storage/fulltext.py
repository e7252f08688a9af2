"""Search by word: FTS5 with BM25, one index for each way in which words are made findable (storage/analysis.py)."""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.storage import pairs
from pipeline.storage.analysis import Analysis, Match
from pipeline.storage.database import Database
from pipeline.storage.narrowing import EVERYTHING, Narrowing

MARK_START, MARK_END = "\x02", "\x03"  # control characters do not occur in stored text (parsing/cleaning.py)

_INDEXES: Mapping[Analysis, str] = MappingProxyType(
    {Analysis.STEMMED: "stemmed_fts", Analysis.WHOLE: "whole_fts", Analysis.PAIRS: "pairs_fts"}
)
# What each index holds of one document: columns and rows of a SELECT.
_CONTENTS: Mapping[Analysis, str] = MappingProxyType(
    {
        Analysis.STEMMED: "id, text FROM chunks WHERE document_id = ? AND analysis = 'stemmed'",
        Analysis.WHOLE: "id, text FROM chunks WHERE document_id = ? AND analysis = 'whole'",
        Analysis.PAIRS: "chunk_id, chunk_pairs.text FROM chunk_pairs JOIN chunks ON chunks.id = chunk_id "
        "WHERE document_id = ?",
    }
)


def add(database: Database, document_id: int) -> None:
    """Make a document's chunks searchable by word. Call inside atomic(), after they were inserted."""
    rows = database.rows(
        "SELECT id, text FROM chunks WHERE document_id = ? AND analysis = ?", (document_id, Analysis.PAIRS)
    )
    database.run_many(
        "INSERT INTO chunk_pairs (chunk_id, text) VALUES (?, ?)",
        [(row["id"], " ".join(term.text for term in pairs.terms(row["text"]))) for row in rows],
    )
    for kind, index in _INDEXES.items():
        database.run(f"INSERT INTO {index} (rowid, text) SELECT {_CONTENTS[kind]}", (document_id,))


def remove(database: Database, document_id: int) -> None:
    """Take a document's chunks out again. Call inside atomic(), before they are deleted.

    An index over external content must be told the text that it forgets (sqlite.org/fts5.html, section 6.2).
    """
    for kind, index in _INDEXES.items():
        database.run(
            f"INSERT INTO {index} ({index}, rowid, text) SELECT 'delete', {_CONTENTS[kind]}",
            (document_id,),
        )
    database.run(
        "DELETE FROM chunk_pairs WHERE chunk_id IN (SELECT id FROM chunks WHERE document_id = ?)", (document_id,)
    )


def search(
    database: Database, match: Match, limit: int, among: Narrowing = EVERYTHING, *, every_term: bool = False
) -> list[int]:
    """Chunk ids with any or every term, best first, by BM25 within each index; ties by id. Only `among` is ranked."""
    narrowed = among.chunks()
    condition, values = ("", ()) if narrowed is None else (f"AND rowid IN ({narrowed[0]}) ", narrowed[1])
    found: list[tuple[float, int]] = []
    for kind, index in _INDEXES.items():
        expression = match.expression(kind, every_term=every_term)
        rows = database.rows(
            f"SELECT rank, rowid FROM {index} WHERE {index} MATCH ? {condition}ORDER BY rank, rowid LIMIT ?",  # noqa: S608 - our own words
            (expression, *values, limit),
        )
        found += [(float(row[0]), int(row[1])) for row in rows]
    return [chunk_id for _, chunk_id in sorted(found)[:limit]]


def marked(database: Database, match: Match, chunk_id: int) -> str | None:
    """The chunk's text with MARK_START and MARK_END around every word that matched, or None when none did."""
    chunk = database.row("SELECT analysis, text FROM chunks WHERE id = ?", (chunk_id,))
    if chunk is None:
        return None
    kind = Analysis(chunk["analysis"])
    index = _INDEXES[kind]
    row = database.row(
        f"SELECT highlight({index}, 0, ?, ?) FROM {index} WHERE {index} MATCH ? AND rowid = ?",  # noqa: S608 - our own words
        (MARK_START, MARK_END, match.expression(kind, every_term=False), chunk_id),
    )
    if row is None:
        return None
    return _marked_pairs(chunk["text"], str(row[0])) if kind is Analysis.PAIRS else str(row[0])


def _marked_pairs(text: str, marked_terms: str) -> str | None:
    """The marks on a passage's terms, set in its text. None should it be divided otherwise than when it was indexed."""
    spans: list[list[int]] = []
    terms, shown = list(pairs.terms(text)), marked_terms.split(" ")
    if len(terms) != len(shown):
        return None
    for term, one in zip(terms, shown, strict=True):
        if MARK_START not in one:
            continue
        if spans and term.start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], term.end)
        else:
            spans.append([term.start, term.end])
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], MARK_START, text[start:end], MARK_END]
        done = end
    return "".join([*pieces, text[done:]])

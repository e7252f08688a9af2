"""From ranked passages to hits: merged where they say the same, with where they stand and why they were found."""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.datatypes import Query, SearchHit, SearchMode
from pipeline.outcomes import Code
from pipeline.search import snippets
from pipeline.search.masking import Masked, Masker
from pipeline.search.passages import Examined, Span
from pipeline.storage import members
from pipeline.storage.database import Database
from pipeline.storage.texts import Place, StoredTexts

_MOST_VALUES = 500  # SQLite's limit on the ? of one statement was 999 for long
_UNSURE = 80.0  # confidence of text recognition below which a hit says so


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage with what speaks for it. `words` is its score by word; `seen` is what was found by looking into it."""

    chunk_id: int
    cosine: float | None
    words: float
    seen: Examined | None = None

    @property
    def sentence(self) -> float:
        """The weight of the question's words in its best sentence, 0 while it was not looked into."""
        return 0.0 if self.seen is None else self.seen.sentence

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where the question's words stand in it."""
        return () if self.seen is None else self.seen.spans


class Ranks:
    """The place of each chunk in each list, counted from 1."""

    def __init__(self, semantic: Sequence[int], keyword: Sequence[int]) -> None:
        self.semantic = {found: rank for rank, found in enumerate(semantic, 1)}
        self.keyword = {found: rank for rank, found in enumerate(keyword, 1)}


@dataclass(slots=True)
class Chosen:
    """A passage that is shown. `also` are documents with the very same passage, `passages` the hits of its document."""

    row: sqlite3.Row
    text: str
    place: members.Place
    score: float
    scored: Scored
    also: dict[int, members.Place] = field(default_factory=dict)  # by document id
    passages: int = 1
    relevant: bool = False  # as near to the question as answers are
    named: bool = False  # its document's name has most of the question


def languages(database: Database, chunk_ids: Sequence[int]) -> dict[int, str | None]:
    """The languages of the documents of chunks, by id."""
    return {int(row[0]): row[1] for row in _rows(database, "chunks.id, language", chunk_ids)}


def chosen(texts: StoredTexts, ranked: Sequence[tuple[float, Scored]], query: Query) -> list[Chosen]:
    """The best passages that say something of their own, at most `query.limit`, in their order.

    One that overlaps a better one on its page is left out; the same text in another document is named with the first.
    With `by_document` each document is there once, with its best passage.
    """
    found: list[Chosen] = []
    by_text: dict[str, Chosen] = {}
    by_document: dict[int, Chosen] = {}
    told: dict[int, list[sqlite3.Row]] = {}  # by document: what need not be said again
    columns = (
        "chunks.id, page, start, end, sha256, documents.code, label, label_score, language, sensitivity, document_id"
    )
    done = 0
    while done < len(ranked):
        upto = done + (_MOST_VALUES if len(found) == query.limit else 2 * query.limit)
        part, done = ranked[done:upto], upto
        if len(found) == query.limit and not query.by_document:
            shown = {one.scored.cosine for one in found}  # the same text has the same one
            part = [(score, one) for score, one in part if one.cosine in shown]
        ids = [one.chunk_id for _, one in part]
        rows = {int(row["id"]): row for row in _rows(texts.database, columns, ids)}
        # Of a document that is shown only the number of further passages is told.
        said = {} if query.by_document and len(found) == query.limit else texts.of_chunks(ids)
        for score, scored in part:
            row = rows.get(scored.chunk_id)
            if row is None:
                continue  # removed since the vector index was brought up to date
            document_id = int(row["document_id"])
            if any(_overlap(one, row) for one in told.get(document_id, ())):
                continue
            text = " ".join(said.get(scored.chunk_id, "").split())
            first = by_document.get(document_id) if query.by_document else by_text.get(text)
            if first is None and len(found) == query.limit:
                continue  # what comes later may still belong to what is shown
            told.setdefault(document_id, []).append(row)
            if first is not None and query.by_document:
                first.passages += 1
                continue
            place = members.place(texts.database, document_id)
            if place is None:
                continue
            if first is None:
                one = by_text[text] = by_document[document_id] = Chosen(
                    row, said[scored.chunk_id], place, score, scored
                )
                found.append(one)
            elif first.row["document_id"] != document_id:
                first.also.setdefault(document_id, place)
    return found


def hit(texts: StoredTexts, one: Chosen, ranks: Ranks, query: Query, masker: Masker | None) -> SearchHit:
    """What is told of a passage. No masker: personal data in it is shown as it stands."""
    row, place = one.row, one.place
    spans = one.scored.spans if query.mode is not SearchMode.SEMANTIC else ()
    said = _said(one.text, _place(row, row["start"], row["end"]), row["sensitivity"], masker, spans)
    shown = snippets.snippet(said.text, said.spans)
    before, after = _context(texts, row, query.context, masker) if query.context else (Masked(""), Masked(""))
    page = texts.database.row(
        "SELECT reader, confidence FROM pages WHERE document_id = ? AND number = ?", (row["document_id"], row["page"])
    )
    confidence = None if page is None else page["confidence"]
    return SearchHit(
        document=row["sha256"],
        path=Path(os.fsdecode(place.path)),
        page=row["page"],
        start=row["start"],
        end=row["end"],
        snippet=shown.text,
        highlights=shown.highlights,
        score=one.score,
        semantic_rank=ranks.semantic.get(one.scored.chunk_id),
        cosine=one.scored.cosine,
        keyword_rank=ranks.keyword.get(one.scored.chunk_id),
        words=one.scored.words if ranks.keyword else None,
        matched=tuple(dict.fromkeys(said.text[start:end].casefold() for start, end in said.spans)),
        label=row["label"],
        label_score=row["label_score"],
        state=Code(row["code"]).state,
        inside=place.inside,
        language=row["language"],
        reader=None if page is None else page["reader"],
        confidence=confidence,
        unsure=confidence is not None and confidence < _UNSURE,
        also=tuple(Path(os.fsdecode(other.path)) for other in one.also.values()),
        passages=one.passages,
        before=before.text.strip(),
        after=after.text.strip(),
        relevant=one.relevant,
        named=one.named,
        sensitivity=row["sensitivity"],
        masked=said.count + before.count + after.count,
    )


def _rows(database: Database, columns: str, chunk_ids: Sequence[int]) -> list[sqlite3.Row]:
    found: list[sqlite3.Row] = []
    for begin in range(0, len(chunk_ids), _MOST_VALUES):
        part = chunk_ids[begin : begin + _MOST_VALUES]
        found += database.rows(
            f"SELECT {columns} FROM chunks JOIN documents ON documents.id = document_id "  # noqa: S608 - our own words
            f"WHERE chunks.id IN ({', '.join('?' * len(part))})",
            part,
        )
    return found


def _overlap(one: Mapping[str, int] | sqlite3.Row, other: Mapping[str, int] | sqlite3.Row) -> bool:
    return bool(one["page"] == other["page"] and one["start"] < other["end"] and other["start"] < one["end"])


def _context(texts: StoredTexts, row: sqlite3.Row, count: int, masker: Masker | None) -> list[Masked]:
    """The text of the page around a passage, as far as so many passages before and after it reach."""
    around = texts.database.row(
        "SELECT min(start), max(end) FROM chunks WHERE document_id = ? AND page = ? AND id BETWEEN ? AND ?",
        (row["document_id"], row["page"], row["id"] - count, row["id"] + count),
    )
    if around is None:
        return [Masked(""), Masked("")]
    places = [_place(row, around[0], row["start"]), _place(row, row["end"], around[1])]
    return [
        _said(text, place, row["sensitivity"], masker) for text, place in zip(texts.at(places), places, strict=True)
    ]


def _place(row: sqlite3.Row, start: int, end: int) -> Place:
    return Place(row["document_id"], row["page"], start, end)


def _said(text: str, place: Place, level: str | None, masker: Masker | None, spans: Sequence[Span] = ()) -> Masked:
    return Masked(text, tuple(spans)) if masker is None else masker.masked(text, place, level, spans)

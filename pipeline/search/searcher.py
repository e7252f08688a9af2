"""Answers a query: ranks by word and by meaning, fuses the ranks, and explains each hit. Reads only."""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import SearchConfig
from pipeline.datatypes import Query, SearchHit, SearchMode, Vectors
from pipeline.errors import UsageError
from pipeline.outcomes import Code
from pipeline.registry.active import ActiveModel
from pipeline.search import snippets
from pipeline.search.fusion import reciprocal_rank_fusion
from pipeline.storage import fulltext, members
from pipeline.storage.analysis import Match, match_of
from pipeline.storage.database import Database
from pipeline.storage.narrowing import Narrowing
from pipeline.storage.vectors import cosine

MAX_LIMIT = 1000


class Searcher:
    """Searches one store. `active` is called once a query, and only when meaning takes part."""

    def __init__(self, database: Database, config: SearchConfig, active: Callable[[], ActiveModel]) -> None:
        self._database = database
        self._config = config
        self._active = active

    def search(self, query: Query) -> tuple[SearchHit, ...]:
        """The best passages, best first. The same store and query give the same answer. Raises UsageError."""
        _check(query)
        depth = max(self._config.candidates, query.limit)
        meaning = None if query.mode is SearchMode.KEYWORD else self._by_meaning(query, depth)
        semantic = {} if meaning is None else meaning.found
        match = None if query.mode is SearchMode.SEMANTIC else match_of(query.text)
        among = Narrowing(query.label, query.language)
        with self._database.snapshot():
            keyword = [] if match is None else fulltext.search(self._database, match, depth, among)
            # A passage with all the words counts as found a third time: a sentence that is quoted comes first even
            # where its passage as a whole means something else. Questions in free words have no such passage.
            verbatim = [] if match is None else fulltext.search(self._database, match, depth, among, every_term=True)
            scores = reciprocal_rank_fusion([list(semantic), keyword, verbatim], self._config.rrf_k)
            ranks = _Ranks(list(semantic), keyword)
            hits: list[SearchHit] = []
            for chunk_id, score in scores.items():
                if len(hits) == query.limit:
                    break
                row = self._row(chunk_id)
                place = None if row is None else members.place(self._database, int(row["document_id"]))
                if row is not None and place is not None:  # None: removed since the vector index was brought up to date
                    hits.append(self._hit(row, place, score, ranks, meaning, match))
        return tuple(hits)

    def _by_meaning(self, query: Query, depth: int) -> "_Meaning":
        """Everything about one query's meaning comes from one model, even when another is activated meanwhile."""
        active = self._active()
        vector: Vectors = active.embedder.encode([query.text], as_query=True)[0]
        active.index.catch_up()
        narrowed = Narrowing(query.label, query.language).chunks()
        among = None if narrowed is None else [int(row[0]) for row in self._database.rows(*narrowed)]
        return _Meaning(active.model.id, vector, active.index.search(vector, depth, among))

    def _row(self, chunk_id: int) -> sqlite3.Row | None:
        return self._database.row(
            "SELECT chunks.id, page, start, end, text, sha256, documents.code, label, label_score, language, "
            "document_id FROM chunks JOIN documents ON documents.id = chunks.document_id WHERE chunks.id = ?",
            (chunk_id,),
        )

    def _hit(
        self,
        row: sqlite3.Row,
        place: members.Place,
        score: float,
        ranks: "_Ranks",
        meaning: "_Meaning | None",
        match: Match | None,
    ) -> SearchHit:
        chunk_id = int(row["id"])
        marked = None if match is None else fulltext.marked(self._database, match, chunk_id)
        return SearchHit(
            document=row["sha256"],
            path=Path(os.fsdecode(place.path)),
            page=row["page"],
            start=row["start"],
            end=row["end"],
            snippet=snippets.snippet(marked or row["text"]),
            score=score,
            semantic_rank=ranks.semantic.get(chunk_id),
            cosine=None if meaning is None else self._cosine(meaning, chunk_id),
            keyword_rank=ranks.keyword.get(chunk_id),
            matched=snippets.matched_words(marked or ""),
            label=row["label"],
            label_score=row["label_score"],
            state=Code(row["code"]).state,
            inside=place.inside,
            language=row["language"],
        )

    def _cosine(self, meaning: "_Meaning", chunk_id: int) -> float | None:
        """How alike the query and a passage are, also where only its words were found."""
        known = meaning.found.get(chunk_id)
        if known is not None:
            return known
        row = self._database.row(
            "SELECT codes FROM vectors WHERE model_id = ? AND chunk_id = ?", (meaning.model_id, chunk_id)
        )
        return None if row is None else cosine(meaning.query, row["codes"])


@dataclass(frozen=True, slots=True)
class _Meaning:
    """A query's unit vector (d,) in one model's space, and the chunks nearest to it with their cosines, best first."""

    model_id: int
    query: Vectors
    found: Mapping[int, float]


class _Ranks:
    """The place of each chunk in each list, counted from 1."""

    def __init__(self, semantic: Sequence[int], keyword: Sequence[int]) -> None:
        self.semantic = {found: rank for rank, found in enumerate(semantic, 1)}
        self.keyword = {found: rank for rank, found in enumerate(keyword, 1)}


def _check(query: Query) -> None:
    if not query.text.strip():
        raise UsageError("query_empty", "The query is empty.", "Give some words to look for.")
    if not 1 <= query.limit <= MAX_LIMIT:
        raise UsageError("limit_bound", f"limit must be from 1 to {MAX_LIMIT}.", "Give another --limit.")

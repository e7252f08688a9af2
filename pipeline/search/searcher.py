"""Answers a query: ranks by word and by meaning, fuses the ranks, and explains each hit. Reads only."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.config import SearchConfig
from pipeline.datatypes import Query, SearchHit, SearchMode, Vectors
from pipeline.errors import UsageError
from pipeline.outcomes import Code
from pipeline.search import snippets
from pipeline.search.fusion import reciprocal_rank_fusion
from pipeline.storage import fulltext
from pipeline.storage.database import Database
from pipeline.storage.vectors import VectorIndex, cosine

MAX_LIMIT = 1000

Embed = Callable[[str], Vectors]  # one text to a unit vector (d,)


class Searcher:
    """Searches one store. `embed` and `index` are called only when meaning takes part."""

    def __init__(
        self, database: Database, config: SearchConfig, embed: Embed, index: Callable[[], VectorIndex]
    ) -> None:
        self._database = database
        self._config = config
        self._embed = embed
        self._index = index

    def search(self, query: Query) -> tuple[SearchHit, ...]:
        """The best passages, best first. The same store and query give the same answer. Raises UsageError."""
        _check(query)
        depth = max(self._config.candidates, query.limit)
        vector = None if query.mode is SearchMode.KEYWORD else self._embed(query.text)
        semantic = {} if vector is None else self._by_meaning(vector, depth, query.label)
        match = None if query.mode is SearchMode.SEMANTIC else fulltext.expression(query.text)
        with self._database.snapshot():
            keyword = [] if match is None else fulltext.search(self._database, match.any_word, depth, query.label)
            # A passage with all the words counts as found a third time: a sentence that is quoted comes first even
            # where its passage as a whole means something else. Questions in free words have no such passage.
            verbatim = [] if match is None else fulltext.search(self._database, match.all_words, depth, query.label)
            scores = reciprocal_rank_fusion([list(semantic), keyword, verbatim], self._config.rrf_k)
            ranks = _Ranks(list(semantic), keyword)
            hits: list[SearchHit] = []
            for chunk_id, score in scores.items():
                if len(hits) == query.limit:
                    break
                row = self._row(chunk_id)
                if row is not None:  # None: removed since the vector index was brought up to date
                    hits.append(self._hit(row, score, ranks, vector, match))
        return tuple(hits)

    def _by_meaning(self, vector: Vectors, depth: int, label: str | None) -> dict[int, float]:
        index = self._index()
        index.catch_up()
        if label is None:
            return index.search(vector, depth)
        among = [int(row[0]) for row in self._database.rows(fulltext.CHUNKS_WITH_LABEL, (label,))]
        return index.search(vector, depth, among)

    def _row(self, chunk_id: int) -> sqlite3.Row | None:
        return self._database.row(
            "SELECT chunks.id, page, start, end, text, sha256, documents.code, label, label_score, "
            "(SELECT min(path) FROM paths WHERE paths.document_id = documents.id) AS path, "
            "(SELECT codes FROM vectors WHERE chunk_id = chunks.id AND vectors.model_id = documents.model_id) AS codes "
            "FROM chunks JOIN documents ON documents.id = chunks.document_id WHERE chunks.id = ?",
            (chunk_id,),
        )

    def _hit(
        self, row: sqlite3.Row, score: float, ranks: "_Ranks", vector: Vectors | None, match: fulltext.Match | None
    ) -> SearchHit:
        chunk_id = int(row["id"])
        marked = None if match is None else fulltext.marked(self._database, match.any_word, chunk_id)
        return SearchHit(
            document=row["sha256"],
            path=Path(os.fsdecode(row["path"])),
            page=row["page"],
            start=row["start"],
            end=row["end"],
            snippet=snippets.snippet(marked or row["text"]),
            score=score,
            semantic_rank=ranks.semantic.get(chunk_id),
            cosine=None if vector is None or row["codes"] is None else cosine(vector, row["codes"]),
            keyword_rank=ranks.keyword.get(chunk_id),
            matched=snippets.matched_words(marked or ""),
            label=row["label"],
            label_score=row["label_score"],
            state=Code(row["code"]).state,
        )


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

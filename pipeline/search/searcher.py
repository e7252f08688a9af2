"""Answers a query: gathers passages by word and by meaning, weighs the evidence, explains each hit. Reads only."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pipeline.config import SearchConfig
from pipeline.datatypes import Query, SearchHit, SearchMode
from pipeline.errors import UsageError
from pipeline.insight import relevance
from pipeline.insight.relevance import Closeness
from pipeline.registry.active import ActiveModel
from pipeline.search import candidates, hits, passages
from pipeline.search.asking import Asked, asked, sought
from pipeline.search.candidates import ByWord, Index
from pipeline.search.hits import Chosen, Scored
from pipeline.search.masking import Masker
from pipeline.search.meaning import Asking, Meaning, meaning
from pipeline.search.question import understood
from pipeline.search.weights import BY_MEANING, BY_WORD, LEARNED, WANTED
from pipeline.storage import names, narrowing
from pipeline.storage.database import Database
from pipeline.storage.lexicon.lexicon import Lexicon
from pipeline.storage.lexicon.tokens import Tokenizer
from pipeline.storage.texts import StoredTexts

MAX_LIMIT = 1000
MAX_CONTEXT = 20
_LOOKED_INTO = 16  # of the best passages: each is read for the sentence that has most of the question
_MOST_WITH_PHRASE = 5_000  # passages with all words of a phrase that are read for the phrase itself
_WEIGHTS = {SearchMode.HYBRID: LEARNED, SearchMode.SEMANTIC: BY_MEANING, SearchMode.KEYWORD: BY_WORD}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one query before passages are weighed.

    `called` are the documents whose names have most of the question, with the share of it that they have; `wanted` the
    first passages of those that are asked for by their names.
    """

    index: Index
    asked: Asked
    texts: StoredTexts
    called: Mapping[int, float]
    wanted: frozenset[int]
    by_word: ByWord
    keyword: dict[int, float]
    meaning: Meaning | None


class Searcher:
    """Searches one store. `active` is called once a query, and only when meaning takes part. Threads may share it."""

    def __init__(
        self,
        database: Database,
        lexicon: Lexicon,
        config: SearchConfig,
        active: Callable[[], ActiveModel],
        masker: Masker,
    ) -> None:
        self._database = database
        self._masker = masker
        self._lexicon = lexicon
        self._config = config
        self._active = active
        self._tokenizer = Tokenizer()
        self._tokenizing = threading.Lock()

    def search(self, query: Query) -> tuple[SearchHit, ...]:
        """The best passages, best first. The same store and query give the same answer. Raises UsageError."""
        _check(query)
        active = None if query.mode is SearchMode.KEYWORD else self._active()
        # The indexes have locks of their own, and read the database under them: never the other way round.
        gathered = self._gathered(query, active)
        with self._database.snapshot():
            ranked = self._ranked(query, gathered, self._candidates(gathered))
            return self._explained(query, gathered, ranked)

    def _gathered(self, query: Query, active: ActiveModel | None) -> Evidence:
        depth = max(self._config.candidates, query.limit)
        scoped = understood(query.text)
        begun = None if active is None else Asking.of(active, scoped.whole.text)  # the model, while words are weighed
        words = self._lexicon.catch_up()
        index = Index.narrowed(words.parts, narrowing.documents(self._database, query.filters))
        question = asked(scoped, index, words.languages, partial(names.called, self._database))
        by_word = ByWord.of(index, question.found, question.named, _WEIGHTS[query.mode])
        called, keyword = {}, {}
        if query.mode is not SearchMode.SEMANTIC:
            called = candidates.called(question.found, question.words)
            keyword = by_word.best(index, depth, np.array(list(called), np.int64))
        near = None if active is None or begun is None else meaning(active, begun, question, index, depth)
        wanted = candidates.named_wholly(index, called) if question.named is None else frozenset()
        return Evidence(index, question, StoredTexts(self._database), called, wanted, by_word, keyword, near)

    def _candidates(self, gathered: Evidence) -> list[Scored]:
        """The passages found in any way, by id; with a phrase all that have it, and no others."""
        nearest = {} if gathered.meaning is None else gathered.meaning.nearest
        found = sorted({*nearest, *gathered.keyword})
        phrases = gathered.asked.phrases
        if phrases:
            needed = [sought(word, self._lexicon.languages) for phrase in phrases for word in phrase.words]
            possible = gathered.by_word.with_all(gathered.index, needed, _MOST_WITH_PHRASE)
            texts = gathered.texts.of_chunks(sorted({*found, *possible}))
            wanted = [phrase.text for phrase in phrases]
            found = [one for one, text in texts.items() if passages.has_phrases(text, wanted)]
        cosines = {} if gathered.meaning is None else gathered.meaning.cosines(found)
        words = gathered.by_word.of_chunks(gathered.index, found)
        return [Scored(one, cosines.get(one), score) for one, score in zip(found, words, strict=True)]

    def _ranked(self, query: Query, gathered: Evidence, scored: Sequence[Scored]) -> list[tuple[float, Scored]]:
        """The passages, best first, ties by id; the best ones are looked into."""
        weights = _WEIGHTS[query.mode]
        known, most = 1.0, gathered.asked.found.most or 1.0
        if query.mode is SearchMode.HYBRID and gathered.meaning is not None:
            known = gathered.meaning.familiarity

        def ordered(some: Sequence[Scored]) -> list[tuple[float, Scored]]:
            found = [
                (
                    weights.meaning * known * (one.cosine or 0.0)
                    + one.words
                    + weights.sentence * one.sentence / most
                    + WANTED * (one.chunk_id in gathered.wanted),
                    one,
                )
                for one in some
            ]
            return sorted(found, key=lambda pair: (-pair[0], pair[1].chunk_id))

        found = ordered(scored)
        if not (weights.sentence and gathered.asked.words):
            return found
        best = self._looked_into([one for _, one in found[:_LOOKED_INTO]], gathered)
        # They gain by it, and never fall behind the others: what was in order stays so.
        return [*ordered(best), *found[_LOOKED_INTO:]]

    def _looked_into(self, some: Sequence[Scored], gathered: Evidence) -> list[Scored]:
        """The passages with where the words of the question stand in them."""
        unseen = [one.chunk_id for one in some if one.seen is None]
        if not unseen:
            return list(some)
        texts = gathered.texts.of_chunks(unseen)
        languages = hits.languages(self._database, list(texts))
        these = [(text, languages[one]) for one, text in texts.items()]
        with self._tokenizing:
            self._tokenizer.forget()
            found = passages.examine(self._tokenizer, these, gathered.asked.words, gathered.asked.weights)
        seen = dict(zip(texts, found, strict=True))  # without what left since it was gathered, which is not shown
        return [replace(one, seen=seen[one.chunk_id]) if one.chunk_id in seen else one for one in some]

    def _explained(
        self, query: Query, gathered: Evidence, ranked: Sequence[tuple[float, Scored]]
    ) -> tuple[SearchHit, ...]:
        chosen = hits.chosen(gathered.texts, ranked, query)
        nearest = {} if gathered.meaning is None else gathered.meaning.nearest
        ranks = hits.Ranks(list(nearest), list(gathered.keyword))
        scored = self._looked_into([one.scored for one in chosen], gathered)
        is_near = self._judge(gathered)
        named = [one.row["document_id"] in gathered.called for one in chosen]
        told = [replace(one, scored=seen, named=by) for one, seen, by in zip(chosen, scored, named, strict=True)]
        masker = None if query.reveal else self._masker
        return tuple(
            hits.hit(gathered.texts, replace(one, relevant=is_near(one)), ranks, query, masker) for one in told
        )

    def _judge(self, gathered: Evidence) -> Callable[[Chosen], bool]:
        """Tells what is nearer to the question than chance brings it."""
        near = gathered.meaning
        usual = 0.0 if near is None else relevance.usual(self._database, near.active.model.id)
        familiarity = 1.0 if near is None else near.familiarity
        most = gathered.asked.found.most or 1.0

        def is_near(one: Chosen) -> bool:
            share = max(one.scored.sentence / most, gathered.called.get(one.row["document_id"], 0.0))
            return relevance.is_relevant(Closeness(one.scored.cosine, share, familiarity), usual)

        return is_near


def _check(query: Query) -> None:
    if not query.text.strip():
        raise UsageError("query_empty", "The query is empty.", "Give some words to look for.")
    if not 1 <= query.limit <= MAX_LIMIT:
        raise UsageError("limit_bound", f"limit must be from 1 to {MAX_LIMIT}.", "Give another --limit.")
    if not 0 <= query.context <= MAX_CONTEXT:
        raise UsageError("context_bound", f"context must be from 0 to {MAX_CONTEXT}.", "Give another --context.")

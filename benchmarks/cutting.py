"""How documents are cut into passages, and what is embedded with them: which way finds best, over all shared sets.

The passages of a set are put together to its documents again, and these are cut anew with the product's own cutter.
What is found is told in the set's own passages: one is found where a hit has half of it, or lies in it by half. Two
measures bracket the truth: nDCG@10 of those passages counts all that a hit spans one after the other, and so leans to
small hits; the reciprocal rank of the first hit that spans an answer leans to large ones. A prefix is embedded before
each passage and shown nowhere.
"""

import argparse
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks import judged_store, measure
from benchmarks.judged_store import JudgedSet
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from benchmarks.search import INT8, ndcg
from pipeline import chunking
from pipeline.config import SearchConfig, SensitivityConfig
from pipeline.datatypes import Chunk, PageText, ParsedDocument, ProcessedDocument, Query, SearchHit
from pipeline.outcomes import Code
from pipeline.registry import catalogue
from pipeline.registry.active import ActiveModel, stored_model
from pipeline.registry.runtime import Embedder
from pipeline.search.masking import Masker
from pipeline.search.searcher import Searcher
from pipeline.storage import vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.lexicon.lexicon import Lexicon
from pipeline.storage.vectors import VectorIndex

QUESTIONS = 150  # of each set, evenly drawn
SETS = ("cranfield", "covidqa", "cuad_a", "xquad_en")  # what the default model reads
_SEPARATOR = "\n\n"
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Way:
    """One way of cutting: tokens of a passage and of its overlap with the next, and what is embedded before it."""

    tokens: int
    overlap: int
    prefix: str  # none, title

    @property
    def is_shipped(self) -> bool:
        """Whether the product cuts so."""
        return (self.tokens, self.overlap, self.prefix) == (256, chunking.OVERLAP_TOKENS, "none")


WAYS = (
    Way(256, 32, "none"), Way(256, 0, "none"), Way(256, 64, "none"), Way(192, 32, "none"), Way(128, 32, "none"),
    Way(256, 32, "title"), Way(128, 32, "title"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One set cut in one way: how many passages that made, nDCG@10 by the set's own, and the mean of reciprocal ranks
    of the first hits, of ten, with an answer.
    """

    name: str
    way: Way
    passages: int
    ndcg: float
    mrr: float


@dataclass(frozen=True, slots=True)
class Cutting:
    """The result."""

    conditions: Conditions
    found: list[Found]


@dataclass(frozen=True, slots=True)
class _Whole:
    """A document put together of passages, each named and lying at a place of its text."""

    title: str
    text: str
    places: Mapping[str, tuple[int, int]]


def measure_cutting(sets: Sequence[str], ways: Sequence[Way] = WAYS) -> Cutting:
    """Every set in every way."""
    conditions = Conditions.now()
    embedder = Embedder(catalogue.find(MODELS, INT8).folder)
    try:
        found = []
        for name in sets:
            one = judged_store.read(name)
            for way in ways:
                tell(f"cutting: {name}, {way.tokens} tokens, overlap {way.overlap}, prefix {way.prefix}")
                found.append(_found(one, way, embedder))
    finally:
        embedder.close()
    return Cutting(conditions.ended(), found)


def _found(one: JudgedSet, way: Way, embedder: Embedder) -> Found:
    documents = list(_documents(one))
    with _indexed(documents, way, embedder) as (search, passages):
        step = max(1, len(one.questions) // QUESTIONS)
        asked = one.questions[::step]
        spans = [_spanned(search(question.text), documents) for question in asked]
        graded = [question.grades for question in asked]
        by_passage = [
            ndcg(list(dict.fromkeys(chain(*hits))), grades) for hits, grades in zip(spans, graded, strict=True)
        ]
        by_hit = [_reciprocal_rank(hits, grades) for hits, grades in zip(spans, graded, strict=True)]
    return Found(one.name, way, passages, fmean(by_passage), fmean(by_hit))


def _documents(one: JudgedSet) -> Iterator[_Whole]:
    for _, group in groupby(one.passages, key=lambda name: name.rsplit("-", 1)[0]):
        names = list(group)
        places: dict[str, tuple[int, int]] = {}
        end = 0
        for name in names:
            places[name] = (end, end + len(one.passages[name]))
            end = places[name][1] + len(_SEPARATOR)
        yield _Whole(one.titles[names[0]], _SEPARATOR.join(one.passages[name] for name in names), places)


@contextmanager
def _indexed(
    documents: Sequence[_Whole], way: Way, embedder: Embedder
) -> Iterator[tuple[Callable[[str], tuple[SearchHit, ...]], int]]:
    with TemporaryDirectory() as folder, patch.object(chunking, "OVERLAP_TOKENS", way.overlap):
        database = Database(Path(folder))
        try:
            model = stored_model(database, catalogue.find(MODELS, INT8))
            vector_sets.adopt(database, model)
            kept = Documents(database, Audit(database, lambda: 0.0), lambda: 0.0)
            passages = 0
            for number, one in enumerate(documents):
                page = PageText(1, one.text)
                chunks = chunking.split([page], embedder.token_spans, way.tokens)
                vectors = embedder.encode([_embedded(one, chunk, way) for chunk in chunks])
                parsed = ParsedDocument("text", 1, (page,), Code.COMPLETE)
                sha256 = hashlib.sha256(str(number).encode()).hexdigest()
                document = ProcessedDocument(sha256, 1, parsed, chunks, vectors, None, "en")
                with database.atomic():
                    codes = vector_sets.encode(vectors, model.scale)
                    kept.attach(f"/{number}.txt".encode(), kept.put(document, codes, model.id))
                passages += len(chunks)
            active = ActiveModel(embedder, model, VectorIndex(database, model))
            searcher = Searcher(
                database, Lexicon(database), SearchConfig(), lambda: active, Masker(database, SensitivityConfig())
            )
            yield (lambda text: searcher.search(Query(text, limit=30))), passages
        finally:
            database.close()


def _embedded(one: _Whole, chunk: Chunk, way: Way) -> str:
    return f"{one.title}\n{chunk.text}" if way.prefix == "title" else chunk.text


def _spanned(hits: Sequence[SearchHit], documents: Sequence[_Whole]) -> list[list[str]]:
    """By hit, best first, the set's passages that it finds."""
    found = []
    for hit in hits:
        places = documents[int(hit.path.stem)].places.items()
        found.append([name for name, place in places if _is_found(hit, *place)])
    return found


def _is_found(hit: SearchHit, start: int, end: int) -> bool:
    return min(end, hit.end) - max(start, hit.start) >= _HALF * min(end - start, hit.end - hit.start)


def _reciprocal_rank(hits: Sequence[Sequence[str]], grades: Mapping[str, float]) -> float:
    """Of the first of ten hits that finds a passage with a grade; 0 when none does (Voorhees, TREC-8, 1999)."""
    found = (rank for rank, names in enumerate(hits[:10], 1) if any(grades.get(name, 0) > 0 for name in names))
    return 1 / next(found, float("inf"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    chosen = options.parse_args()
    measure.write(measure_cutting(chosen.sets), chosen.json)


if __name__ == "__main__":
    main()

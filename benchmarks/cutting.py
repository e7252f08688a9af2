"""How documents are cut into passages, and what is embedded with them: which way finds best, over all shared sets.

The passages of a set are put together to its documents again, and these are cut anew with the product's own cutter.
What is found is told in the set's own passages: one is found where a hit has half of it, or lies in it by half; so
nDCG@10 means the same for every way of cutting. A prefix is embedded before each passage and shown nowhere.
"""

import argparse
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks import judged_store, measure
from benchmarks.judged_store import JudgedSet
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from benchmarks.search import INT8, ndcg
from pipeline import chunking
from pipeline.config import SearchConfig
from pipeline.datatypes import Chunk, PageText, ParsedDocument, ProcessedDocument, Query, SearchHit
from pipeline.outcomes import Code
from pipeline.registry import catalogue
from pipeline.registry.active import ActiveModel, stored_model
from pipeline.registry.runtime import Embedder
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
    """nDCG@10 of one set cut in one way, and how many passages that made."""

    name: str
    way: Way
    passages: int
    ndcg: float


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
        values = [ndcg(_named(search(question.text), documents), question.grades) for question in asked]
    return Found(one.name, way, passages, sum(values) / len(values))


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
            searcher = Searcher(database, Lexicon(database), SearchConfig(), lambda: active)
            yield (lambda text: searcher.search(Query(text, limit=30))), passages
        finally:
            database.close()


def _embedded(one: _Whole, chunk: Chunk, way: Way) -> str:
    return f"{one.title}\n{chunk.text}" if way.prefix == "title" else chunk.text


def _named(hits: Sequence[SearchHit], documents: Sequence[_Whole]) -> list[str]:
    """The set's passages that were found, each once, best first."""
    found: dict[str, None] = {}
    for hit in hits:
        for name, (start, end) in documents[int(hit.path.stem)].places.items():
            shared = min(end, hit.end) - max(start, hit.start)
            if shared >= _HALF * min(end - start, hit.end - hit.start):
                found.setdefault(name)
    return list(found)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    chosen = options.parse_args()
    measure.write(measure_cutting(chosen.sets), chosen.json)


if __name__ == "__main__":
    main()

"""Shared sets of questions as stores of the product: each of their documents a document, each passage a passage.

The passages are those of the set, not cut anew, so that its judgements hold. A title is the name of the file, and the
first line of a document's first passage unless that says it already, as in a real document.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.passages import RETRIEVAL, grades
from pipeline.config import SearchConfig, SensitivityConfig
from pipeline.datatypes import Chunk, PageText, ParsedDocument, ProcessedDocument, Query, SearchHit, SearchMode, Vectors
from pipeline.insight import relevance
from pipeline.outcomes import Code
from pipeline.registry.active import ActiveModel, stored_model
from pipeline.registry.catalogue import Installed
from pipeline.registry.runtime import Embedder
from pipeline.search.hits import Scored
from pipeline.search.masking import Masker
from pipeline.search.searcher import Evidence, Searcher
from pipeline.storage import vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.lexicon.lexicon import Lexicon
from pipeline.storage.vectors import VectorIndex

SETS = ("cranfield", "covidqa", "cuad_a", "xquad_en", "xquad_de", "xquad_zh")
LANGUAGES = {"xquad_de": "de", "xquad_zh": "zh"}  # of the texts; the others are English
DEPTH = 100  # how far a single ranking is read when rankings are fused


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a set, and the grades of the passages that answer it, by id."""

    text: str
    grades: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A set: passages by id in the order of their documents, titles by id, questions."""

    name: str
    passages: Mapping[str, str]
    titles: Mapping[str, str]
    questions: tuple[Asked, ...]


def read(name: str) -> JudgedSet:
    """A shared set."""
    folder = RETRIEVAL / name
    lines = [json.loads(line) for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    asked = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    judged = grades(folder / "qrels.tsv")
    return JudgedSet(
        name,
        {line["_id"]: line["text"] for line in lines},
        {line["_id"]: (line.get("title") or "").replace("_", " ") for line in lines},
        tuple(Asked(line["text"], judged[line["_id"]]) for line in asked if line["_id"] in judged),
    )


def present() -> list[str]:
    """The shared sets that are there; none outside the developers' machines."""
    return [name for name in SETS if (RETRIEVAL / name).is_dir()]


class JudgedStore:
    """A set, indexed."""

    def __init__(
        self, one: JudgedSet, database: Database, searcher: Searcher, ids: Mapping[tuple[str, int], str]
    ) -> None:
        self.set = one
        self._database = database
        self._searcher = searcher
        self._ids = ids

    def hits(self, text: str, mode: SearchMode = SearchMode.HYBRID, limit: int = 10) -> tuple[SearchHit, ...]:
        """What the product finds."""
        return self._searcher.search(Query(text, mode, limit))

    def ranked(self, text: str, mode: SearchMode = SearchMode.HYBRID, limit: int = 10) -> list[str]:
        """The ids of the passages that the product finds, best first."""
        return [self._ids[hit.document, hit.page] for hit in self.hits(text, mode, limit)]

    def weighed(self, text: str) -> tuple[Evidence, list[Scored], list[str]]:
        """What the product weighs for a question: the evidence, the passages gathered, looked into, and their ids.

        It is the product's own inside, so that what is learned is learned of what is used.
        """
        searcher, query = self._searcher, Query(text)
        gathered = searcher._gathered(query, searcher._active())
        with self._database.snapshot():
            scored = searcher._looked_into(searcher._candidates(gathered), gathered)
        ids = list(self.set.passages)  # chunks are numbered in this order, from 1
        return gathered, scored, [ids[one.chunk_id - 1] for one in scored]


@contextmanager
def indexed(one: JudgedSet, installed: Installed, threads: int = 0) -> Iterator[JudgedStore]:
    """A store of a set, with the vectors of a model."""
    embedder = Embedder(installed.folder, threads)
    try:
        with TemporaryDirectory() as folder:
            database = Database(Path(folder))
            try:
                yield _store(one, installed, embedder, database)
            finally:
                database.close()
    finally:
        embedder.close()


def _store(one: JudgedSet, installed: Installed, embedder: Embedder, database: Database) -> JudgedStore:
    model = stored_model(database, installed)
    vector_sets.adopt(database, model)
    documents = Documents(database, Audit(database, lambda: 0.0), lambda: 0.0)
    ids: dict[tuple[str, int], str] = {}
    for number, (_, group) in enumerate(groupby(one.passages, key=lambda name: name.rsplit("-", 1)[0])):
        names = list(group)
        title = one.titles[names[0]]
        texts = [one.passages[name] for name in names]
        if (
            not " ".join(texts[0].split()).casefold().startswith(" ".join(title.split()).casefold())
            and one.name not in _NAMED
        ):
            texts[0] = f"{title}\n{texts[0]}"
        sha256 = hashlib.sha256(f"{one.name} {number}".encode()).hexdigest()
        ids |= {(sha256, page): name for page, name in enumerate(names, 1)}
        document = _document(sha256, texts, embedder.encode(texts), LANGUAGES.get(one.name, "en"))
        with database.atomic():
            stored = documents.put(document, vector_sets.encode(document.vectors, model.scale), model.id)
            documents.attach(os.fsencode(f"/{number}/{title[:200].replace('/', ' ')}.txt"), stored)
    index = VectorIndex(database, model)
    active = ActiveModel(embedder, model, index)
    index.catch_up()
    relevance.measure(database, active)
    return JudgedStore(
        one,
        database,
        Searcher(database, Lexicon(database), SearchConfig(), lambda: active, Masker(database, SensitivityConfig())),
        ids,
    )


_NAMED = ("cuad_a", "xquad_en", "xquad_de", "xquad_zh")  # sets whose titles are names of files, in no document


def _document(sha256: str, texts: Sequence[str], vectors: Vectors, language: str) -> ProcessedDocument:
    pages = tuple(PageText(number, text) for number, text in enumerate(texts, 1))
    chunks = tuple(Chunk(page.number, 0, len(page.text), page.text) for page in pages)
    parsed = ParsedDocument("text", len(pages), pages, Code.COMPLETE)
    return ProcessedDocument(sha256, 1, parsed, chunks, np.asarray(vectors), None, language)


def fused(rankings: Sequence[Sequence[str]], k: int = 60) -> list[str]:
    """Plain Reciprocal Rank Fusion (Cormack, Clarke, Buettcher, SIGIR 2009), with which the product is compared."""
    scores: dict[str, float] = {}
    for ranked in rankings:
        for rank, found in enumerate(ranked, 1):
            scores[found] = scores.get(found, 0.0) + 1.0 / (k + rank)
    return sorted(scores, key=lambda one: (-scores[one], one))

"""Makes a store of any size whose passages are mixed of the shared corpora: as many of them are real nowhere.

A passage's vector is a random convex combination of the real embeddings of a passage and two of its 32 nearest
neighbours in the same language, plus noise, of length 1 again. The noise is a difference of two other embeddings (0.35)
and a random direction (0.15): without it, mixtures would be nearer to each other than texts are. Of a million such
passages the nearest other one has a cosine of 0.89, the tenth 0.86; for real questions 0.66 and 0.62.
Its text is of sentences of the same three passages, in the same shares, so that words are as frequent as there. About
30 passages that have to do with each other are a document, three of them a page. Everything is put by the product's
own code, in large transactions, and everything behind the store works as in use.

    python -m benchmarks.synthetic_store --chunks 100000 --folder DIR [--embeddings FILE]
"""

import argparse
import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import judged_store
from benchmarks.embedding_process import INT8
from benchmarks.measure import tell
from benchmarks.passages import MODELS
from pipeline.datatypes import Chunk, Label, PageText, ParsedDocument, ProcessedDocument, Vectors
from pipeline.outcomes import Code
from pipeline.registry import catalogue
from pipeline.registry.active import stored_model
from pipeline.registry.runtime import Embedder
from pipeline.storage import vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents

LABELS = ("contract", "report")  # every other document has the first one: a filter that half of them pass
SEED = 1
_NEIGHBOURS = 32
_TOGETHER = 64  # of the nearest passages, a document is mixed of
_NOISE, _ASIDE = 0.35, 0.15
_PER_DOCUMENT = (10, 50)  # passages
_PER_PAGE = 3
_BATCH = 200  # documents in a transaction: 6,000 passages
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Material:
    """Real passages as sentences, their languages, unit vectors (n, d), and their nearest ones (n, 64) by likeness."""

    sentences: Sequence[Sequence[str]]
    languages: Sequence[str]
    vectors: Vectors
    nearest: Ints
    questions: Vectors  # (q, d), real ones, of all sets
    asked: Sequence[str]  # their texts


def material(kept: Path | None = None) -> Material:
    """The shared corpora, embedded with the product's model; a file keeps the embeddings for the next time."""
    sets = [judged_store.read(name) for name in judged_store.present()]
    texts = [text for one in sets for text in one.passages.values()]
    languages = [judged_store.LANGUAGES.get(one.name, "en") for one in sets for _ in one.passages]
    asked = [question.text for one in sets for question in one.questions[:: max(1, len(one.questions) // 80)][:80]]
    vectors, questions = _embeddings(texts, asked, kept)
    sentences = [[one for one in _SENTENCE.split(text) if one.strip()] or [text] for text in texts]
    return Material(sentences, languages, vectors, _nearest(vectors, np.array(languages)), questions, asked)


def make(folder: Path, chunks: int, of: Material, seed: int = SEED) -> None:
    """A store of so many passages in a folder. The same arguments make the same store."""
    database = Database(folder)
    try:
        model = stored_model(database, catalogue.find(MODELS, INT8))
        vector_sets.adopt(database, model)
        vector_sets.allow_passages(database, 256)
        documents = Documents(database, Audit(database, lambda: 0.0), lambda: 0.0)
        made = 0
        for batch in _batches(of, chunks, seed):
            with database.atomic():
                for path, document in batch:
                    codes = vector_sets.encode(document.vectors, model.scale)
                    documents.attach(path, documents.put(document, codes, model.id))
                    made += len(document.chunks)
            tell(f"  {made} of {chunks} passages")
        database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


def _embeddings(texts: Sequence[str], asked: Sequence[str], kept: Path | None) -> tuple[Vectors, Vectors]:
    if kept is not None and kept.is_file():
        with np.load(kept) as stored:
            if (len(stored["texts"]), len(stored["asked"])) == (len(texts), len(asked)):
                return stored["texts"], stored["asked"]
    tell(f"  embedding {len(texts)} passages and {len(asked)} questions")
    embedder = Embedder(catalogue.find(MODELS, INT8).folder)
    try:
        vectors, questions = embedder.encode(texts), embedder.encode(asked, as_query=True)
    finally:
        embedder.close()
    if kept is not None:
        np.savez(kept, texts=vectors, asked=questions)
    return vectors, questions


def _nearest(vectors: Vectors, languages: npt.NDArray[np.str_]) -> Ints:
    """Of each passage, those most like it in its language, itself first."""
    nearest = np.empty((len(vectors), _TOGETHER), np.int64)
    for language in np.unique(languages):
        here = np.flatnonzero(languages == language)
        for part in np.array_split(here, max(1, len(here) // 1000)):
            like = vectors[part] @ vectors[here].T
            nearest[part] = here[np.argsort(-like, axis=1, kind="stable")[:, :_TOGETHER]]
    return nearest


def _batches(of: Material, chunks: int, seed: int) -> Iterator[list[tuple[bytes, ProcessedDocument]]]:
    rng, words = np.random.default_rng(seed), random.Random(seed)
    number, left = 0, chunks
    while left:
        sizes: list[int] = []
        while left and len(sizes) < _BATCH:
            sizes.append(min(left, words.randint(*_PER_DOCUMENT)))
            left -= sizes[-1]
        about = np.repeat(
            rng.integers(len(of.vectors), size=len(sizes)), sizes
        )  # what each passage's document is about
        bases = of.nearest[about, rng.integers(_TOGETHER, size=len(about))]
        parents = of.nearest[bases[:, None], rng.integers(_NEIGHBOURS, size=(len(bases), 3))]
        parents[:, 0] = bases
        shares = rng.dirichlet((1, 1, 1), size=len(bases)).astype(np.float32)
        vectors = _mixed(of.vectors, parents, shares, rng)
        texts = [_text(of, *row, words) for row in zip(parents.tolist(), shares.tolist(), strict=True)]
        batch = []
        first = 0
        for size in sizes:
            here = slice(first, first + size)
            language = of.languages[int(bases[first])]
            batch.append(_document(number, texts[here], vectors[here], language, words))
            number, first = number + 1, first + size
        yield batch


def _mixed(real: Vectors, parents: Ints, shares: Vectors, rng: np.random.Generator) -> Vectors:
    mixed = _unit(np.einsum("np,npd->nd", shares, real[parents]))
    noise = _unit(real[rng.integers(len(real), size=len(mixed))] - real[rng.integers(len(real), size=len(mixed))])
    aside = _unit(rng.normal(size=mixed.shape).astype(np.float32))
    return _unit(mixed + np.float32(_NOISE) * noise + np.float32(_ASIDE) * aside)


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-6))
    return unit


def _text(of: Material, parents: Sequence[int], shares: Sequence[float], words: random.Random) -> str:
    """As many sentences as the first of the passages has, of all three."""
    count = len(of.sentences[parents[0]])
    return " ".join(words.choice(of.sentences[one]) for one in words.choices(parents, shares, k=count))


def _document(
    number: int, texts: Sequence[str], vectors: Vectors, language: str, words: random.Random
) -> tuple[bytes, ProcessedDocument]:
    """A document and its path. Its passages are parts of its pages, as the product cuts them."""
    pages: list[PageText] = []
    chunks: list[Chunk] = []
    for first in range(0, len(texts), _PER_PAGE):
        start = 0
        for text in texts[first : first + _PER_PAGE]:
            chunks.append(Chunk(len(pages) + 1, start, start + len(text), text))
            start += len(text) + 2
        pages.append(PageText(len(pages) + 1, "\n\n".join(texts[first : first + _PER_PAGE])))
    dated = f"{words.randint(2010, 2025)}-{words.randint(1, 12):02}-{words.randint(1, 28):02}"
    parsed = ParsedDocument("text", len(pages), tuple(pages), Code.COMPLETE, dated=dated)
    label = Label(LABELS[number % 2], 0.5, 0.1)
    size_bytes = sum(len(page.text.encode()) for page in pages)
    sha256 = hashlib.sha256(f"synthetic {number}".encode()).hexdigest()
    document = ProcessedDocument(sha256, size_bytes, parsed, tuple(chunks), vectors, label, language)
    name = " ".join(re.findall(r"\w+", texts[0])[:4])
    return f"/synthetic/{number // 1000:03}/{name} {number}.txt".encode(), document


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--chunks", type=int, required=True)
    options.add_argument("--folder", type=Path, required=True, help="of the store; made if it is missing")
    options.add_argument("--embeddings", type=Path, metavar="FILE", help="keep the corpora's embeddings here (.npz)")
    chosen = options.parse_args()
    make(chosen.folder, chosen.chunks, material(chosen.embeddings))


if __name__ == "__main__":
    main()

"""What quantization cost on texts never calibrated with: cosines, the ten best of each query, judged quality."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.contenders import Embed
from benchmarks.measure import tell
from benchmarks.passages import MODELS, Judged, drawn, everything
from pipeline.datatypes import Vectors
from pipeline.evaluation import fidelity, intervals, judged, neighbours
from pipeline.evaluation.report import Interval
from pipeline.registry import catalogue

HELD_OUT = 2_000  # passages that torch embeds as well
SEED = 20240229  # of the bootstrap
NAMES = "names"
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Alike:
    """Cosines of one model's vectors and another's, of the same passages."""

    texts: str
    model: str
    beside: str
    passages: int
    mean: Interval
    p1: Interval
    least: float


@dataclass(frozen=True, slots=True)
class Found:
    """What the INT8 model finds in a set, and what the float32 one does."""

    name: str
    documents: int
    passages: int
    queries: int
    overlap_at_10: Interval
    ndcg_float32: float
    ndcg_int8: float
    ndcg_difference: Interval


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The result."""

    seconds: float
    alike: list[Alike]
    found: list[Found]


class Models:
    """The product's two, and sentence-transformers itself where it is there. Each embeds a text once only."""

    def __init__(self, float32: Embed, int8: Embed, original: Embed | None) -> None:
        self.float32 = _Once("float32", float32)
        self.int8 = _Once("INT8", int8)
        self.original = None if original is None else _Once("sentence-transformers", original)


def measure_fidelity(sets: Sequence[Judged], models: Models, held_out: int = HELD_OUT) -> Fidelity:
    """Embed every set once with both of the product's models, and `held_out` passages with the original."""
    started = time.monotonic()
    found = [_found(one, models) for one in sets]
    passages = everything(sets)
    names = catalogue.texts(MODELS, NAMES)
    alike = [
        _alike(label, models.int8, models.float32, texts)
        for label, texts in (("held-out passages", passages), ("lists of names", names))
    ]
    for label, texts in (("held-out passages", drawn(passages, held_out)), ("lists of names", names)):
        if models.original is not None:
            alike += [_alike(label, one, models.original, texts) for one in (models.float32, models.int8)]
    return Fidelity(time.monotonic() - started, alike, found)


class _Once:
    """A model that remembers its vectors."""

    def __init__(self, name: str, embed: Embed) -> None:
        self.name = name
        self._embed = embed
        self._known: dict[str, Vectors] = {}

    def vectors(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for first in range(0, len(new), _BLOCK):
            block = new[first : first + _BLOCK]
            self._known |= dict(zip(block, self._embed(block), strict=True))
        return np.stack([self._known[text] for text in texts])


def _alike(label: str, model: _Once, beside: _Once, texts: Sequence[str]) -> Alike:
    tell(f"  {label}: {model.name} beside {beside.name}")
    cosines = fidelity.cosines(model.vectors(texts), beside.vectors(texts))
    random = np.random.default_rng(SEED)
    return Alike(
        texts=label,
        model=model.name,
        beside=beside.name,
        passages=len(cosines),
        mean=intervals.of_mean(cosines, random),
        p1=intervals.of_percentile(cosines, 1, random),
        least=float(cosines.min()),
    )


def _found(one: Judged, models: Models) -> Found:
    tell(f"  {one.name}: {len(one.passages)} passages, {len(one.queries)} queries")
    exact, int8 = ((model.vectors(one.queries), model.vectors(one.passages)) for model in (models.float32, models.int8))
    nobody = [None] * len(one.queries)
    best, expected = (neighbours.nearest(*vectors, nobody) for vectors in (int8, exact))
    quality, reference = (judged.ndcg(*vectors, one.owners, one.relevant) for vectors in (int8, exact))
    random = np.random.default_rng(SEED)
    return Found(
        name=one.name,
        documents=len(set(one.owners)),
        passages=len(one.passages),
        queries=len(one.queries),
        overlap_at_10=intervals.of_mean(neighbours.overlaps(best, expected), random),
        ndcg_float32=float(reference.mean()),
        ndcg_int8=float(quality.mean()),
        ndcg_difference=intervals.of_mean(quality - reference, random),
    )

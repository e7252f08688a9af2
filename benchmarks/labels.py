"""How well documents are labelled: from descriptions, 8, 16 and all examples, on the shared sets, INT8 and float32.

The product's own features, training and calibration; few examples are drawn three times. Beside it TF-IDF with a linear
SVM (scikit-learn, where it is installed) on all examples. The scale of words against vectors and the usual temperature
were chosen on the same four sets, so that these figures lean a little to them.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks import measure
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from pipeline.chunking import split
from pipeline.datatypes import PageText
from pipeline.insight.labelling import calibration
from pipeline.insight.labelling.features import Features, features
from pipeline.insight.labelling.head import Head
from pipeline.insight.labelling.training import Example, LabelSet, train
from pipeline.registry.runtime import Embedder

FOLDER = measure.SHARED / "classification"
SETS = ("doc_genre_a", "banking77", "cuad_clause", "cuad_contract_type_a")
PRECISIONS = ("int8", "fp32")
SHOTS = (0, 8, 16, None)  # None: all
DRAWS = 3
MAX_ERROR, COVERAGE = 0.05, 0.9
BINS = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """One set, one precision, so many examples a label (None: all), on the mean of the draws.

    `error_kept` is the error at 90 % coverage. `given` is the share that reaches the learned threshold, `given_error`
    the error among them, both None where nothing was measured.
    """

    name: str
    precision: str
    shots: int | None
    accuracy: float
    calibration_error: float
    error_kept: float
    given: float | None
    given_error: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """By tenth of confidence: how many documents, how sure, how many right. 16 examples a label, INT8, all sets."""

    low: float
    documents: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Labels:
    """All of it. `lexical` is TF-IDF with a linear SVM by set; `confused` the most frequent errors of a set."""

    conditions: Conditions
    found: list[Labelled]
    lexical: dict[str, float]
    reliability: list[Reliability]
    confusion: dict[str, dict[str, int]]
    confusion_of: str


@dataclass(frozen=True, slots=True)
class _Set:
    names: tuple[str, ...]
    descriptions: np.ndarray
    train: list[Example]
    test: list[Features]
    wanted: np.ndarray


def measure_labels(names: Sequence[str] = SETS) -> Labels:
    """Embed the sets, learn, and count."""
    at = Conditions.now()
    found: list[Labelled] = []
    confidences: list[tuple[float, bool]] = []
    confusion: dict[str, dict[str, int]] = {}
    for name in names:
        for precision in PRECISIONS:
            embedder = Embedder(MODELS / f"all-minilm-l6-v2-{precision}")
            shared = _read(name, embedder)
            embedder.close()
            for shots in SHOTS:
                tell(f"labels: {name}, {precision}, {'all' if shots is None else shots} examples")
                drawn = list(_measured(name, precision, shared, shots))
                found.append(_mean([one for one, _, _ in drawn]))
                if precision == "int8" and shots == 16:
                    confidences += [pair for _, pairs, _ in drawn for pair in pairs]
                if precision == "int8" and shots is None and name == names[0]:
                    confusion = drawn[0][2]
    lexical = {name: score for name in names if (score := _lexical(name)) is not None}
    return Labels(at.ended(), found, lexical, _reliability(confidences), confusion, names[0])


def _rows(name: str, part: str) -> list[tuple[str, str]]:
    lines = (FOLDER / name / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(row["text"], row["label"]) for row in map(json.loads, lines)]


def _read(name: str, embedder: Embedder) -> _Set:
    names = tuple(sorted({label for _, label in [*_rows(name, "train"), *_rows(name, "test")]}))
    places = {label: place for place, label in enumerate(names)}
    descriptions = embedder.encode([f"a document about {label.replace('_', ' ').replace('-', ' ')}" for label in names])
    examples = [
        Example(f"{number:064x}", found, places[label])
        for number, (found, (_, label)) in enumerate(
            zip(_features(name, "train", embedder), _rows(name, "train"), strict=True)
        )
    ]
    wanted = np.array([places[label] for _, label in _rows(name, "test")])
    return _Set(names, descriptions, examples, list(_features(name, "test", embedder)), wanted)


def _features(name: str, part: str, embedder: Embedder) -> Iterator[Features]:
    texts = [text for text, _ in _rows(name, part)]
    cut = [split((PageText(1, text),), embedder.token_spans, embedder.max_passage_tokens) for text in texts]
    vectors = embedder.encode([chunk.text for chunks in cut for chunk in chunks])
    first = 0
    for text, chunks in zip(texts, cut, strict=True):
        yield features(vectors[first : first + len(chunks)], [text])
        first += len(chunks)


def _measured(
    name: str, precision: str, shared: _Set, shots: int | None
) -> Iterator[tuple[Labelled, list[tuple[float, bool]], dict[str, dict[str, int]]]]:
    for draw in range(DRAWS if shots else 1):
        some = shared.train if shots is None else list(_drawn(shared.train, shots, draw))
        labels = LabelSet(name, shared.names, shared.descriptions)
        head, report = train(labels, some, precision, min_score=0.5, max_error=MAX_ERROR)
        yield _judged(name, precision, shots, shared, head, measured=report is not None)


def _judged(
    name: str, precision: str, shots: int | None, shared: _Set, head: Head, *, measured: bool
) -> tuple[Labelled, list[tuple[float, bool]], dict[str, dict[str, int]]]:
    shares = head.probabilities(shared.test)
    likeliest, confidence = shares.argmax(axis=1), shares.max(axis=1)
    right = likeliest == shared.wanted
    best = np.argsort(-confidence, kind="stable")[: round(COVERAGE * len(right))]
    given = confidence >= head.threshold
    told = Labelled(
        name, precision, shots, float(right.mean()), calibration.calibration_error(confidence, right),
        float((~right[best]).mean()), float(given.mean()) if measured else None,
        (float((~right[given]).mean()) if given.any() else 0.0) if measured else None,
    )  # fmt: skip
    counted = Counter(zip(shared.wanted.tolist(), likeliest.tolist(), strict=True))
    confusion = {
        one: {other: counted[place, at] for at, other in enumerate(shared.names)}
        for place, one in enumerate(shared.names)
    }
    return told, list(zip(confidence.tolist(), right.tolist(), strict=True)), confusion


def _drawn(examples: Sequence[Example], shots: int, seed: int) -> Iterator[Example]:
    """So many of each label; all of one that has fewer."""
    random = np.random.default_rng(seed)
    wanted = np.array([one.label for one in examples])
    for label in np.unique(wanted):
        for place in random.permutation(np.flatnonzero(wanted == label))[:shots]:
            yield examples[int(place)]


def _mean(drawn: Sequence[Labelled]) -> Labelled:
    one = drawn[0]
    given = [(other.given, other.given_error) for other in drawn if other.given is not None]
    return Labelled(
        one.name, one.precision, one.shots,
        fmean(other.accuracy for other in drawn),
        fmean(other.calibration_error for other in drawn),
        fmean(other.error_kept for other in drawn),
        fmean(share for share, _ in given) if given else None,
        fmean(error or 0.0 for _, error in given) if given else None,
    )  # fmt: skip


def _reliability(found: Sequence[tuple[float, bool]]) -> list[Reliability]:
    made = []
    for low, high in pairwise(np.linspace(0, 1, BINS + 1)):
        here = [(sure, right) for sure, right in found if low <= sure < high or (sure == high == 1)]
        if here:
            made.append(
                Reliability(float(low), len(here), fmean(sure for sure, _ in here), fmean(right for _, right in here))
            )
    return made


def _lexical(name: str) -> float | None:
    """TF-IDF of words and pairs of words with a linear SVM, None where scikit-learn is not installed."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC
    except ImportError:
        return None
    (texts, wanted), (asked, right) = zip(*_rows(name, "train"), strict=True), zip(*_rows(name, "test"), strict=True)
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    machine = LinearSVC().fit(words.fit_transform(texts), wanted)
    return float(machine.score(words.transform(asked), right))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    chosen = options.parse_args()
    measure.write(measure_labels(chosen.sets), chosen.json)


if __name__ == "__main__":
    main()

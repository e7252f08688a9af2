"""Learns to label from descriptions and examples, and measures on held-back examples how good that is. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.insight.labelling import calibration, logistic
from pipeline.insight.labelling.calibration import NEVER, Doubles
from pipeline.insight.labelling.features import Features, Floats, Ints, table
from pipeline.insight.labelling.head import Head
from pipeline.insight.labelling.logistic import Weights

STRENGTH = 20.0  # measured: 10 to 30 are alike on four sets
MOST_TERMS = 20_000  # those in most examples
FOLDS = 5
# Of cosines to descriptions: the mean of what fitted six sets of labels best, from .050 to .074.
DESCRIBED_TEMPERATURE = 0.06
# Of logits, with too few examples to measure it: the mean of what fitted four sets with 2 to 16 a label, .35 to .66.
USUAL_TEMPERATURE = 0.5
MIN_HELD_BACK = 20  # examples, below which nothing is measured


@dataclass(frozen=True, slots=True)
class Example:
    """A document that a person has labelled: `label` is a place among the names. `document` is its sha256."""

    document: str
    features: Features
    label: int


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of one set, each with what its description says in the embedding space: `descriptions` (k, d)."""

    name: str
    names: tuple[str, ...]
    descriptions: Floats


@dataclass(frozen=True, slots=True)
class Report:
    """What held-back examples show: each was labelled by a head that was learned without it.

    `confusion` (k, k) counts examples by their label and the likeliest one; `kept` is the share that reaches the
    threshold, `kept_error` how many of these were wrong.
    """

    names: tuple[str, ...]
    examples: int
    accuracy: float
    calibration_error: float
    kept: float
    kept_error: float
    confusion: npt.NDArray[np.int64]
    confidences: Doubles
    correct: npt.NDArray[np.bool_]


def train(
    labels: LabelSet, examples: Sequence[Example], model: str, *, min_score: float, max_error: float
) -> tuple[Head, Report | None]:
    """A head, and what was measured, None: there are too few examples. Without any, descriptions alone decide.

    `min_score` is the threshold where nothing was measured; else it is such that at most a share `max_error` of the
    labels that are given should be wrong. The order of examples makes no difference.
    """
    ordered = sorted(examples, key=lambda one: one.document)
    held = _held_back(labels, ordered) if len(ordered) >= MIN_HELD_BACK else None
    if held is None:
        temperature = USUAL_TEMPERATURE if ordered else DESCRIBED_TEMPERATURE
        threshold, report = min_score, None
    else:
        wanted = np.array([one.label for one in ordered])
        temperature = calibration.temperature(held, wanted)
        report, threshold = _measured(labels, wanted, calibration.probabilities(held, temperature), max_error)
    vocabulary, rarity, weights = _fitted(labels, ordered)
    head = Head(labels.name, model, labels.names, len(ordered), temperature, threshold, vocabulary, rarity, weights)
    return head, report


def _measured(labels: LabelSet, wanted: Ints, found: Doubles, max_error: float) -> tuple[Report, float]:
    likeliest, confidences = found.argmax(axis=1), found.max(axis=1)
    correct = likeliest == wanted
    threshold = calibration.threshold(confidences, correct, max_error)
    kept = confidences >= threshold
    confusion = np.zeros((len(labels.names), len(labels.names)), np.int64)
    np.add.at(confusion, (wanted, likeliest), 1)
    report = Report(
        labels.names,
        len(wanted),
        float(correct.mean()),
        calibration.calibration_error(confidences, correct),
        float(kept.mean()),
        float((~correct[kept]).mean()) if kept.any() else 0.0,
        confusion,
        confidences,
        correct,
    )
    return report, threshold


def _held_back(labels: LabelSet, examples: Sequence[Example]) -> Doubles:
    """The logits (n, k) of each example by a head that was learned without its fold."""
    folds = _folds(examples)
    logits = np.zeros((len(examples), len(labels.names)))
    for fold in range(FOLDS):
        asked = np.flatnonzero(folds == fold)
        if len(asked):
            vocabulary, rarity, weights = _fitted(
                labels, [one for one, at in zip(examples, folds, strict=True) if at != fold]
            )
            logits[asked] = weights.logits(
                table([examples[int(place)].features for place in asked], vocabulary, rarity)
            )
    return logits


def _folds(examples: Sequence[Example]) -> Ints:
    """The fold of each: those of one label are dealt out in an order that only their bytes decide."""
    order = sorted(range(len(examples)), key=lambda at: hashlib.sha256(examples[at].document.encode()).digest())
    folds = np.zeros(len(examples), np.int64)
    dealt: dict[int, int] = {}
    for place in order:
        label = examples[place].label
        folds[place] = dealt.setdefault(label, label) % FOLDS
        dealt[label] += 1
    return folds


def _fitted(labels: LabelSet, examples: Sequence[Example]) -> tuple[Ints, Floats, Weights]:
    """Vocabulary, rarity of its terms, weights. A description is an example of its label, but for its words.

    Alone they are no examples: the cosine to each tells more than what tells them apart.
    """
    vocabulary, rarity = _vocabulary([one.features for one in examples])
    none = np.empty(0, np.int64), np.empty(0, np.float32)
    if not examples:
        bias = np.zeros(len(labels.names), np.float32)
        return vocabulary, rarity, Weights(labels.descriptions.T.copy(), np.empty((0, len(bias)), np.float32), bias)
    described = [Features(row, *none) for row in labels.descriptions]
    rows = table([*(one.features for one in examples), *described], vocabulary, rarity)
    wanted = np.array([*(one.label for one in examples), *range(len(labels.names))], np.int64)
    weights = np.ones(len(rows), np.float32)
    return vocabulary, rarity, logistic.fit(
        rows, wanted, len(labels.names), len(vocabulary), strength=STRENGTH, weights=weights
    )  # fmt: skip


def _vocabulary(rows: Sequence[Features]) -> tuple[Ints, Floats]:
    """The terms that take part, ascending, and how rare each is: 1 + log((1 + n) / (1 + document frequency))."""
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    terms, frequency = np.unique(np.concatenate([row.terms for row in rows]), return_counts=True)
    if len(terms) > MOST_TERMS:
        kept = np.sort(np.argsort(-frequency, kind="stable")[:MOST_TERMS])
        terms, frequency = terms[kept], frequency[kept]
    return terms, (1 + np.log((1 + len(rows)) / (1 + frequency))).astype(np.float32)


def is_certain(head: Head) -> bool:
    """Whether there is a probability at which it gives a label at all."""
    return head.threshold < NEVER

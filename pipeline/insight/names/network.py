"""The small network that tells names, and how it learns, in numpy: two layers that see a word's neighbours.

    h0 = relu([state, looks] @ entry)            each word by itself
    h1 = h0 + relu(window5(h0) @ wide)           with two words on each side
    h2 = h1 + relu(window3(h1) @ near)           with one more
    tags = softmax(h2 @ out)

Texts are laid one after the other with GAP rows of zeros between, so that no window reaches from one into the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.insight.names.tags import TAGS, Tags

WIDTH, WIDE, NEAR = 128, 5, 3
GAP = WIDE // 2
DROPPED_IN, DROPPED = 0.2, 0.4  # shares of inputs and of inner values that are left out while learning
BETAS, EPSILON, DECAY = (0.9, 0.999), 1e-8, 0.01  # of AdamW (Loshchilov and Hutter 2019)

Weights = dict[str, Vectors]


def fresh(inputs: int, chance: np.random.Generator) -> Weights:
    """Weights to begin with (He et al. 2015), for words described by so many numbers."""
    shapes = {
        "entry": (inputs, WIDTH),
        "wide": (WIDE * WIDTH, WIDTH),
        "near": (NEAR * WIDTH, WIDTH),
        "out": (WIDTH, TAGS),
    }
    made: Weights = {}
    for name, (rows, columns) in shapes.items():
        made[name] = chance.normal(0, np.sqrt(2 / rows), (rows, columns)).astype(np.float32)
        made[f"{name}.bias"] = np.zeros(columns, np.float32)
    return made


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts laid out for the network: `rows` (all, inputs), `real` (all, 1) of ones and zeros, `tags` (all,)."""

    rows: Vectors
    real: Vectors
    tags: Tags

    @classmethod
    def of(cls, texts: Sequence[tuple[npt.NDArray[np.floating], Tags]]) -> "Batch":
        """A batch of texts, each given by what is known of its words and their tags."""
        inputs = texts[0][0].shape[1]
        blank = np.zeros((GAP, inputs), np.float32)
        rows = np.concatenate([part for known, _ in texts for part in (known.astype(np.float32), blank)])
        none = np.full(GAP, -1, np.int64)
        tags = np.concatenate([part for _, right in texts for part in (right, none)])
        return cls(rows, (tags >= 0).astype(np.float32)[:, None], np.maximum(tags, 0))


def probabilities(weights: Mapping[str, Vectors], rows: Vectors) -> Vectors:
    """The probability of each tag for each word of one text: (words, TAGS)."""
    return _softmax(_forward(weights, rows, np.ones((len(rows), 1), np.float32), None).scores)


class Learner:
    """Changes weights in place so that the tags of batches become more probable."""

    def __init__(self, weights: Weights, chance: np.random.Generator) -> None:
        self._weights = weights
        self._chance = chance
        self._means = {name: np.zeros_like(values) for name, values in weights.items()}
        self._squares = {name: np.zeros_like(values) for name, values in weights.items()}
        self._steps = 0

    def learn(self, batch: Batch, rate: float) -> float:
        """One step; returns the mean loss in nats a word."""
        kept = self._chance.random(batch.rows.shape, np.float32) >= DROPPED_IN
        rows = batch.rows * kept / np.float32(1 - DROPPED_IN)
        done = _forward(self._weights, rows, batch.real, self._chance)
        likely = _softmax(done.scores)
        words = batch.real.sum()
        right = likely[np.arange(len(likely)), batch.tags]
        loss = float(-(np.log(right + 1e-9) * batch.real[:, 0]).sum() / words)
        likely[np.arange(len(likely)), batch.tags] -= 1
        self._step(_backward(self._weights, rows, done, likely * batch.real / words), rate)
        return loss

    def _step(self, slopes: Mapping[str, Vectors], rate: float) -> None:
        self._steps += 1
        first, second = BETAS
        for name, slope in slopes.items():
            mean, square, weight = self._means[name], self._squares[name], self._weights[name]
            mean += (1 - first) * (slope - mean)
            square += (1 - second) * (slope * slope - square)
            size = np.sqrt(square / (1 - second**self._steps)) + EPSILON
            weight -= np.float32(rate) * (mean / (1 - first**self._steps) / size + DECAY * weight * (weight.ndim > 1))


@dataclass(frozen=True, slots=True)
class _Done:
    """What a forward pass leaves for the backward one. `masks` say what was kept, scaled by what it stands for."""

    real: Vectors
    entry: Vectors
    wide_in: Vectors
    wide: Vectors
    near_in: Vectors
    near: Vectors
    last: Vectors
    masks: tuple[Vectors, Vectors, Vectors] | None
    scores: Vectors


def _forward(weights: Mapping[str, Vectors], rows: Vectors, real: Vectors, chance: np.random.Generator | None) -> _Done:
    def layer(name: str, values: Vectors) -> Vectors:
        made: Vectors = values @ weights[name]
        made += weights[f"{name}.bias"]
        np.maximum(made, 0, out=made)
        made *= real
        return made

    def mask() -> Vectors:
        assert chance is not None
        kept: Vectors = (chance.random((len(rows), WIDTH), np.float32) >= DROPPED).astype(np.float32)
        return kept / np.float32(1 - DROPPED)

    masks = None if chance is None else (mask(), mask(), mask())
    entry = layer("entry", rows)
    wide_in = _windows(entry if masks is None else entry * masks[0], WIDE)
    wide = layer("wide", wide_in)
    second = entry + wide
    near_in = _windows(second if masks is None else second * masks[1], NEAR)
    near = layer("near", near_in)
    last: Vectors = second + near
    if masks is not None:
        last = last * masks[2]
    scores: Vectors = last @ weights["out"]
    scores += weights["out.bias"]
    return _Done(real, entry, wide_in, wide, near_in, near, last, masks, scores)


def _backward(weights: Mapping[str, Vectors], rows: Vectors, done: _Done, scores: Vectors) -> Weights:
    """The slopes of the loss by each weight, from those by each score."""
    assert done.masks is not None
    slopes: Weights = {"out": done.last.T @ scores, "out.bias": scores.sum(axis=0)}

    def through(name: str, above: Vectors, value: Vectors, inputs: Vectors) -> Vectors:
        below = above * (value > 0)
        slopes[name], slopes[f"{name}.bias"] = inputs.T @ below, below.sum(axis=0)
        passed: Vectors = below @ weights[name].T if name != "entry" else below
        return passed

    last = scores @ weights["out"].T * done.masks[2]
    near = through("near", last, done.near, done.near_in)
    second = last + _unwindowed(near, NEAR) * done.masks[1]
    wide = through("wide", second, done.wide, done.wide_in)
    entry = second + _unwindowed(wide, WIDE) * done.masks[0]
    through("entry", entry, done.entry, rows)
    return slopes


def _windows(rows: Vectors, width: int) -> Vectors:
    """Each row with its neighbours, side by side: (n, width * columns); beyond the ends are zeros."""
    side = width // 2
    padded = np.pad(rows, ((side, side), (0, 0)))
    return np.concatenate([padded[place : place + len(rows)] for place in range(width)], axis=1)


def _unwindowed(slopes: Vectors, width: int) -> Vectors:
    """The slopes by each row, from those by the windows that it is in."""
    side, columns = width // 2, slopes.shape[1] // width
    summed = np.zeros((len(slopes) + 2 * side, columns), np.float32)
    for place in range(width):
        summed[place : place + len(slopes)] += slopes[:, place * columns : (place + 1) * columns]
    return summed[side : side + len(slopes)]


def _softmax(scores: Vectors) -> Vectors:
    powers: Vectors = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers

"""Multinomial logistic regression with L2, by L-BFGS, over vectors and words together. Needs numpy only.

Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4 and 3.1. The loss is convex: what it ends at is the
best there is, whatever the start. Deterministic for one order of examples.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.insight.labelling.features import Floats, Ints, Table

Doubles = npt.NDArray[np.float64]
_MEMORY = 8  # pairs of steps that L-BFGS remembers
_MOST_STEPS = 200
_TOLERANCE = 1e-5  # of the gradient's largest component, for each example
_FEW = 2000  # examples; their products with each other take 32 MB
_BLOCK = 2048  # terms worked on at once
_CHUNK = 1 << 22  # numbers worked on at once


@dataclass(frozen=True, slots=True)
class Weights:
    """`dense` (d, k), `terms` (v, k), `bias` (k,): logits are the sum of what each says."""

    dense: Floats
    terms: Floats
    bias: Floats

    def logits(self, rows: Table) -> Floats:
        """(n, k)."""
        return (rows.dense @ self.dense + self.bias + _times(rows, self.terms)).astype(np.float32)


def fit(
    rows: Table, labels: Ints, count: int, vocabulary: int, *, strength: float, weights: Floats | Doubles
) -> Weights:
    """Weights for `count` labels, numbered from 0; `strength` is the inverse of the penalty, as C of scikit-learn.

    `weights` (n,) are of the examples: 1 counts as one.
    """
    wanted = np.zeros((len(rows), count))
    wanted[np.arange(len(rows)), labels] = 1
    design: _Design = _Reduced(rows, vocabulary) if len(rows) <= _FEW else _Sparse(rows, vocabulary)

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        every = flat.reshape(-1, count)
        logits = design.forward(every[:-1]) + every[-1]
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1, keepdims=True)
        value = float((weights * (np.log(total[:, 0]) - (logits * wanted).sum(axis=1))).sum())
        error = (odds / total - wanted) * weights[:, None]
        slope = np.concatenate([design.backward(error), error.sum(axis=0)[None]])
        slope[:-1] += every[:-1] / strength
        return value + float((every[:-1] ** 2).sum()) / (2 * strength), slope.ravel()

    start = np.zeros((design.width + 1) * count)
    found = _least(loss, start, _TOLERANCE * len(rows)).reshape(-1, count)
    dense, terms = design.restored(found[:-1])
    return Weights(dense.astype(np.float32), terms.astype(np.float32), found[-1].astype(np.float32))


class _Design(Protocol):
    """The examples as the loss needs them: what weights say of each, and what their errors say of the weights."""

    width: int

    def forward(self, by: Doubles) -> Doubles: ...

    def backward(self, error: Doubles) -> Doubles: ...

    def restored(self, by: Doubles) -> tuple[Doubles, Doubles]: ...


class _Reduced:
    """Few examples: the best weights lie in the space that they span, of as many dimensions as there are examples.

    The eigenvectors of their products are its axes; the penalty is the same in it (the representer theorem).
    """

    def __init__(self, rows: Table, vocabulary: int) -> None:
        self._rows, self._turned = rows, _turned(rows, vocabulary)
        products = rows.dense.astype(np.float64) @ rows.dense.T
        for first in range(0, vocabulary, _BLOCK):
            block = _dense(rows, first, min(first + _BLOCK, vocabulary))
            products += block @ block.T
        sizes, axes = np.linalg.eigh(products)
        kept = sizes > 1e-9 * max(float(sizes[-1]), 1e-12)
        self._lengths, self._axes = np.sqrt(sizes[kept]), axes[:, kept]
        self._placed = self._axes * self._lengths
        self.width = int(kept.sum())

    def forward(self, by: Doubles) -> Doubles:
        found: Doubles = self._placed @ by
        return found

    def backward(self, error: Doubles) -> Doubles:
        found: Doubles = self._placed.T @ error
        return found

    def restored(self, by: Doubles) -> tuple[Doubles, Doubles]:
        shares = self._axes @ (by / self._lengths[:, None])
        return self._rows.dense.T @ shares, _times(self._turned, shares)


class _Sparse:
    """Many examples, which are short where there are many: vectors and words as they are."""

    def __init__(self, rows: Table, vocabulary: int) -> None:
        self._rows, self._turned = rows, _turned(rows, vocabulary)
        self._dimension = rows.dense.shape[1]
        self.width = self._dimension + vocabulary

    def forward(self, by: Doubles) -> Doubles:
        found: Doubles = self._rows.dense @ by[: self._dimension] + _times(self._rows, by[self._dimension :])
        return found

    def backward(self, error: Doubles) -> Doubles:
        return np.concatenate([self._rows.dense.T @ error, _times(self._turned, error)])

    def restored(self, by: Doubles) -> tuple[Doubles, Doubles]:
        return by[: self._dimension], by[self._dimension :]


def _dense(rows: Table, first: int, last: int) -> Doubles:
    """The terms from `first` to before `last`, as (n, last - first)."""
    made = np.zeros((len(rows), last - first))
    owners = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
    here = (first <= rows.columns) & (rows.columns < last)
    made[owners[here], rows.columns[here] - first] = rows.values[here]
    return made


def _least(loss: Callable[[Doubles], tuple[float, Doubles]], at: Doubles, tolerance: float) -> Doubles:
    """Where a convex loss is least, as far as its slope tells: the two-loop recursion with steps that go back."""
    steps: list[tuple[Doubles, Doubles, float]] = []
    value, slope = loss(at)
    for _ in range(_MOST_STEPS):
        if np.abs(slope).max() <= tolerance:
            break
        way, used = slope.copy(), []
        for step, change, scale in reversed(steps):
            share = scale * float(step @ way)
            way -= share * change
            used.append(share)
        if steps:
            step, change, scale = steps[-1]
            way /= scale * float(change @ change)
        else:
            way /= max(1.0, float(np.linalg.norm(way)))
        for (step, change, scale), share in zip(steps, reversed(used), strict=True):
            way += (share - scale * float(change @ way)) * step
        length, falls = 1.0, float(slope @ way)
        while True:
            after, slope_after = loss(at - length * way)
            if after <= value - 1e-4 * length * falls or length < 1e-10:
                break
            length /= 2
        step, change = -length * way, slope_after - slope
        at, value, slope = at + step, after, slope_after
        curvature = float(step @ change)
        if curvature > 1e-12:
            steps = [*steps, (step, change, 1 / curvature)][-_MEMORY:]
    return at


@dataclass(frozen=True, slots=True)
class _Turned:
    """The transposed words of a table: for each term the rows that have it."""

    starts: Ints
    columns: Ints
    values: Floats


def _turned(rows: Table, vocabulary: int) -> _Turned:
    order = np.argsort(rows.columns, kind="stable")
    owners = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
    starts = np.searchsorted(rows.columns[order], np.arange(vocabulary + 1))
    return _Turned(starts, owners[order], rows.values[order])


def _times(rows: Table | _Turned, by: npt.NDArray[np.floating]) -> Doubles:
    """Sparse times dense: (n, v) x (v, k), some rows at a time."""
    count = len(rows.starts) - 1
    made = np.zeros((count, by.shape[1]))
    first = 0
    while first < count:
        most = rows.starts[first] + max(1, _CHUNK // by.shape[1])
        last = max(first + 1, int(np.searchsorted(rows.starts, most, side="right")) - 1)
        begin, end = rows.starts[first], rows.starts[last]
        if end > begin:
            parts = by[rows.columns[begin:end]] * rows.values[begin:end, None]
            filled = np.flatnonzero(np.diff(rows.starts[first : last + 1])) + first
            made[filled] = np.add.reduceat(parts, rows.starts[filled] - begin, axis=0)
        first = last
    return made

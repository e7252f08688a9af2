"""Logistic regression finds the least loss there is, in either way of working."""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.insight.labelling import logistic
from pipeline.insight.labelling.features import Features, Table, table
from pipeline.insight.labelling.logistic import Weights

LABELS, VOCABULARY, DIMENSION = 3, 40, 5


def made(count: int = 30, seed: int = 0) -> tuple[Table, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        terms = np.sort(random.choice(VOCABULARY, random.integers(0, 12), replace=False))
        dense = random.normal(size=DIMENSION).astype(np.float32)
        rows.append(Features(dense / np.linalg.norm(dense), terms, random.uniform(1, 3, len(terms)).astype(np.float32)))
    known = np.arange(VOCABULARY)
    weights = np.ones(VOCABULARY, np.float32)
    return table(rows, known, weights), random.integers(0, LABELS, count), random.uniform(0.5, 2, count)


def loss(rows: Table, wanted: np.ndarray, weights: np.ndarray, found: Weights, strength: float) -> float:
    """The formula, written down plainly."""
    dense = np.zeros((len(rows), VOCABULARY))
    for row in range(len(rows)):
        for at in range(rows.starts[row], rows.starts[row + 1]):
            dense[row, rows.columns[at]] = rows.values[at]
    logits = rows.dense @ found.dense + dense @ found.terms + found.bias
    shares = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    penalty = (found.dense.astype(float) ** 2).sum() + (found.terms.astype(float) ** 2).sum()
    return float(-(weights * shares[np.arange(len(rows)), wanted]).sum() + penalty / (2 * strength))


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("strength", [0.5, 20.0])
def test_no_step_in_any_direction_is_better(monkeypatch: pytest.MonkeyPatch, few: int, strength: float) -> None:
    monkeypatch.setattr(logistic, "_FEW", few)
    rows, wanted, weights = made()
    found = logistic.fit(rows, wanted, LABELS, VOCABULARY, strength=strength, weights=weights)
    least = loss(rows, wanted, weights, found, strength)
    random = np.random.default_rng(1)
    for size in (1e-3, 1e-2, 1e-1, 1.0):
        for _ in range(20):
            moved = ((part + size * random.normal(size=part.shape)).astype(np.float32) for part in parts(found))
            other = Weights(*moved)
            assert loss(rows, wanted, weights, other, strength) >= least - 1e-4


def test_both_ways_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, wanted, weights = made(60)
    answers = []
    for few in (0, 1000):
        monkeypatch.setattr(logistic, "_FEW", few)
        fitted = logistic.fit(rows, wanted, LABELS, VOCABULARY, strength=20.0, weights=weights)
        answers.append(fitted.logits(rows))
    assert answers[0] == pytest.approx(answers[1], abs=0.02)


def test_parts_of_a_large_table_are_multiplied_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, wanted, weights = made(50)
    fit: Callable[[], Weights] = lambda: logistic.fit(  # noqa: E731
        rows, wanted, LABELS, VOCABULARY, strength=5.0, weights=weights
    )
    whole = fit().logits(rows)
    monkeypatch.setattr(logistic, "_CHUNK", 1)
    monkeypatch.setattr(logistic, "_BLOCK", 7)
    assert fit().logits(rows) == pytest.approx(whole, abs=1e-3)


def test_an_example_that_counts_twice_is_as_two(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, wanted, _ = made(20)
    twice = np.concatenate([np.arange(20), [3]])
    many = Table(rows.dense[twice], *sparse(rows, twice))
    weights = np.ones(20)
    weights[3] = 2
    one = logistic.fit(rows, wanted, LABELS, VOCABULARY, strength=5.0, weights=weights)
    other = logistic.fit(many, wanted[twice], LABELS, VOCABULARY, strength=5.0, weights=np.ones(21))
    assert one.logits(rows) == pytest.approx(other.logits(rows), abs=0.01)


def sparse(rows: Table, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    starts, columns, values = [0], [], []
    for row in chosen:
        here = slice(rows.starts[row], rows.starts[row + 1])
        columns.append(rows.columns[here])
        values.append(rows.values[here])
        starts.append(starts[-1] + len(columns[-1]))
    return np.array(starts), np.concatenate(columns), np.concatenate(values)


def parts(found: Weights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return found.dense, found.terms, found.bias

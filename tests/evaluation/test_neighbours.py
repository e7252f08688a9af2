"""The nearest passages against a naive search, ties and all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.datatypes import Vectors
from pipeline.evaluation import neighbours
from pipeline.evaluation.neighbours import nearest, overlaps


def units(seed: int, count: int, dimension: int = 16) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dimension))
    found: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


def naive(query: Vectors, passages: Vectors, out: int | None, count: int) -> list[int]:
    scored = [
        (-round(float(sum(float(a) * float(b) for a, b in zip(query, passage, strict=True))), 9), place)
        for place, passage in enumerate(passages)
        if place != out
    ]
    return [place for _, place in sorted(scored)[:count]]


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 1000), st.integers(2, 40), st.booleans())
def test_the_nearest_are_those_of_a_naive_search(seed: int, count: int, own: bool) -> None:
    passages = units(seed, count)
    passages[count // 2] = passages[0]  # a tie
    left_out: list[int | None] = [place if own else None for place in range(count)]
    found = nearest(passages, passages, left_out)
    best = min(10, count - own)
    assert found.shape == (count, best)
    for query, out, row in zip(passages, left_out, found, strict=True):
        assert list(row) == naive(query, passages, out, best)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    passages, queries = units(1, 50), units(2, 33)
    whole = nearest(queries, passages, [None] * 33)
    monkeypatch.setattr(neighbours, "_SCORES_AT_ONCE", 60)
    np.testing.assert_array_equal(nearest(queries, passages, [None] * 33), whole)


def test_equal_passages_are_ranked_by_place_whatever_their_number() -> None:
    passages = np.repeat(units(3, 1), 300, axis=0)
    np.testing.assert_array_equal(nearest(passages[:2], passages, [0, None])[0], np.arange(1, 11))
    np.testing.assert_array_equal(nearest(passages[:2], passages, [0, None])[1], np.arange(10))


def test_a_passage_that_asks_does_not_find_itself() -> None:
    passages = units(4, 5)
    for place, row in enumerate(nearest(passages, passages, range(5))):
        assert place not in row
        assert sorted([place, *row]) == list(range(5))


def test_a_passage_alone_finds_nothing() -> None:
    assert nearest(units(5, 1), units(5, 1), [0]).shape == (1, 0)
    assert nearest(units(5, 2), units(5, 0), [None, None]).shape == (2, 0)


def test_overlaps_are_those_of_sets() -> None:
    generator = np.random.default_rng(6)
    one, other = (np.stack([generator.permutation(30)[:10] for _ in range(20)]) for _ in range(2))
    expected = [len(set(a) & set(b)) / 10 for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    assert overlaps(one, other) == pytest.approx(expected)
    assert overlaps(one, one) == pytest.approx([1.0] * 20)


def test_queries_and_what_they_leave_out_belong_together() -> None:
    with pytest.raises(ValueError, match="zip"):
        nearest(units(1, 3), units(1, 3), [None])

"""nDCG@10 by hand, and against the formula written naively."""

import math

import numpy as np
import pytest

from pipeline.datatypes import Vectors
from pipeline.evaluation.judged import is_judged, ndcg


def rows(*values: tuple[float, ...]) -> Vectors:
    return np.array(values, np.float32)


QUERY = rows((1.0, 0.0))
PASSAGES = rows((0.9, 0.1), (0.5, 0.5), (0.8, 0.2), (0.1, 0.9))  # scores 0.9, 0.5, 0.8, 0.1
DOCUMENTS = ("a", "a", "b", "c")  # ranking by best passage: a, b, c


@pytest.mark.parametrize(
    ("relevant", "expected"),
    [
        ({"a": 1}, 1.0),
        ({"b": 1}, 1 / math.log2(3)),
        ({"c": 1}, 1 / math.log2(4)),
        ({"b": 2, "c": 1}, (2 / math.log2(3) + 1 / math.log2(4)) / (2 + 1 / math.log2(3))),
        ({"a": 1, "lost": 1}, 1 / (1 + 1 / math.log2(3))),  # a document without passages cannot be found
        ({"a": 0, "b": 3}, 1 / math.log2(3)),
        ({"lost": 2}, 0.0),
    ],
)
def test_values_are_those_computed_by_hand(relevant: dict[str, int], expected: float) -> None:
    assert ndcg(QUERY, PASSAGES, DOCUMENTS, [relevant])[0] == pytest.approx(expected, abs=1e-12)


def test_only_ten_documents_count_and_many_passages_of_one_count_once() -> None:
    passages = rows(*[(1.0 - place / 100, 0.0) for place in range(40)])
    documents = [f"d{place // 2:02}" for place in range(40)]  # two passages each
    found = ndcg(np.repeat(QUERY, 2, axis=0), passages, documents, [{"d09": 1}, {"d10": 1}])
    assert found == pytest.approx([1 / math.log2(11), 0.0])


def test_ties_go_to_the_document_that_comes_first() -> None:
    passages = rows((1.0, 0.0), (1.0, 0.0))
    assert ndcg(QUERY, passages, ("z", "a"), [{"z": 1}])[0] == 1.0


def test_random_rankings_match_the_naive_formula() -> None:
    generator = np.random.default_rng(3)
    passages = generator.normal(size=(60, 8)).astype(np.float32)
    queries = generator.normal(size=(12, 8)).astype(np.float32)
    documents = [f"d{number}" for number in generator.integers(0, 25, 60)]
    relevant = [
        {f"d{number}": int(generator.integers(1, 4)) for number in generator.integers(0, 25, 5)} for _ in queries
    ]
    for query, grades, value in zip(queries, relevant, ndcg(queries, passages, documents, relevant), strict=True):
        best: dict[str, float] = {}
        for document, passage in zip(documents, passages, strict=True):
            best[document] = max(best.get(document, -math.inf), float(query.astype(float) @ passage.astype(float)))
        ranking = sorted(best, key=lambda one: -best[one])[:10]
        gained = sum(grades.get(one, 0) / math.log2(rank + 2) for rank, one in enumerate(ranking))
        ideal = sum(g / math.log2(rank + 2) for rank, g in enumerate(sorted(grades.values(), reverse=True)[:10]))
        assert value == pytest.approx(gained / ideal, abs=1e-9)


def test_without_a_grade_above_zero_nothing_is_judged() -> None:
    assert [is_judged(one) for one in (None, {}, {"a": 0}, {"a": 0, "b": 1})] == [False, False, False, True]

"""A model beside its reference, with invented vectors: what is searched, by whom, and what is left out."""

import numpy as np
import pytest

from pipeline.datatypes import Vectors
from pipeline.evaluation import measuring
from pipeline.evaluation.measuring import Encoded
from pipeline.evaluation.texts import Query, Texts


def units(seed: int, count: int) -> Vectors:
    values = np.random.default_rng(seed).normal(size=(count, 12))
    found: Vectors = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    return found


def texts(queries: tuple[Query, ...], documents: tuple[str, ...] = ()) -> Texts:
    """Thirty passages to search, of which twenty are measured, and five lists of names that are not searched."""
    return Texts(
        "invented", tuple("x" * 35), tuple(f"p{place}" for place in range(35)),
        range(20), range(30, 35), range(30), queries, documents,
    )  # fmt: skip


def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_a_model_beside_itself_loses_nothing() -> None:
    vectors = units(1, 35)
    found = measuring.compare(
        Encoded(vectors, vectors[:3]),
        Encoded(vectors, vectors[:3]),
        texts(tuple(Query(None, n) for n in range(3))),
        random(),
    )
    assert found.fidelity is not None
    assert found.names is not None
    assert found.retrieval is not None
    assert (found.fidelity.passages, found.names.passages) == (20, 5)
    assert found.fidelity.least == pytest.approx(1.0, abs=1e-6)
    assert found.retrieval.overlap_at_10.value == 1.0
    assert (found.retrieval.queries, found.retrieval.passages) == (3, 30)
    assert found.retrieval.ndcg_at_10 is None


def test_each_model_searches_its_own_passages_and_the_overlap_is_that_of_loops() -> None:
    ours, theirs = units(1, 35), units(2, 35)
    asked = tuple(Query(None, place) for place in range(20))
    found = measuring.compare(Encoded(ours, ours[:20]), Encoded(theirs, theirs[:20]), texts(asked), random())
    shares = []
    for place in range(20):
        best = []
        for vectors in (ours, theirs):
            scores = {
                n: float(vectors[place].astype(float) @ vectors[n].astype(float)) for n in range(30) if n != place
            }
            best.append(set(sorted(scores, key=lambda n: -scores[n])[:10]))
        shares.append(len(best[0] & best[1]) / 10)
    assert found.retrieval is not None
    assert found.retrieval.overlap_at_10.value == pytest.approx(sum(shares) / 20)
    assert found.names is not None
    expected = (ours[30:].astype(float) * theirs[30:].astype(float)).sum(axis=1)
    assert found.names.mean.value == pytest.approx(expected.mean(), abs=1e-6)
    assert {one.id for one in found.names.worst} == {"p30", "p31", "p32", "p33", "p34"}


def test_judged_queries_give_quality_and_its_paired_difference() -> None:
    ours, theirs = units(3, 35), units(4, 35)
    documents = tuple(f"d{place // 3}" for place in range(30))
    asked = (Query("a", None, {"d1": 1}), Query("b", None, {"d4": 2, "d5": 1}), Query("c"))
    known = texts(asked, documents)
    found = measuring.compare(Encoded(ours, ours[:3]), Encoded(theirs, theirs[:3]), known, random()).retrieval
    alone = measuring.of_reference(Encoded(theirs, theirs[:3]), known, random())
    assert found is not None
    assert alone is not None
    assert found.ndcg_at_10 is not None
    assert found.ndcg_difference is not None
    assert alone.ndcg_at_10 is not None
    assert found.queries == 3
    assert found.ndcg_difference.value == pytest.approx(found.ndcg_at_10.value - alone.ndcg_at_10.value)


def test_where_nothing_can_be_searched_nothing_is_told() -> None:
    vectors = units(1, 35)
    encoded = Encoded(vectors, vectors[:0])
    assert measuring.compare(encoded, encoded, texts(()), random()).retrieval is None
    assert measuring.of_reference(encoded, texts(()), random()) is None


def test_vectors_are_not_printed() -> None:
    assert "array" not in repr(Encoded(units(1, 2), units(1, 1)))


def test_a_fair_sample_has_every_place_once() -> None:
    assert sorted(measuring.spread(range(9), random())) == list(range(9))

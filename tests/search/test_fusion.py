"""Reciprocal Rank Fusion against the formula, computed the long way."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.search.fusion import reciprocal_rank_fusion

LISTS = st.lists(st.lists(st.integers(0, 12), unique=True), max_size=4)


def by_formula(lists: list[list[int]], k: int) -> dict[int, Fraction]:
    """Score of every id as an exact fraction, one id at a time."""
    found = {document for ranked in lists for document in ranked}
    return {
        document: sum(
            (Fraction(1, k + ranked.index(document) + 1) for ranked in lists if document in ranked), Fraction()
        )
        for document in found
    }


def test_two_lists_are_fused() -> None:
    fused = reciprocal_rank_fusion([[7, 3, 5], [3, 9]], k=60)
    assert list(fused) == [3, 7, 9, 5]
    assert fused == {3: 1 / 62 + 1 / 61, 7: 1 / 61, 9: 1 / 62, 5: 1 / 63}


def test_equal_scores_are_ordered_by_id() -> None:
    assert list(reciprocal_rank_fusion([[8, 2], [2, 8], [5]], k=1)) == [2, 8, 5]


def test_nothing_found_gives_nothing() -> None:
    assert reciprocal_rank_fusion([[], []], k=60) == {}


@settings(derandomize=True)
@given(LISTS, st.integers(1, 100))
def test_scores_are_those_of_the_formula(lists: list[list[int]], k: int) -> None:
    fused, exact = reciprocal_rank_fusion(lists, k), by_formula(lists, k)
    assert fused.keys() == exact.keys()
    assert all(abs(score - float(exact[document])) < 1e-12 for document, score in fused.items())
    assert list(fused.values()) == sorted(fused.values(), reverse=True)


@settings(derandomize=True)
@given(LISTS, st.integers(1, 100))
def test_the_order_of_the_lists_does_not_matter(lists: list[list[int]], k: int) -> None:
    forward, backward = reciprocal_rank_fusion(lists, k), reciprocal_rank_fusion(lists[::-1], k)
    assert all(abs(forward[document] - backward[document]) < 1e-12 for document in forward)

"""Fuses ranked lists by Reciprocal Rank Fusion (Cormack, Clarke, Buettcher, SIGIR 2009). Pure."""

from collections.abc import Sequence


def reciprocal_rank_fusion(lists: Sequence[Sequence[int]], k: int) -> dict[int, float]:
    """Score of every id, best first: the sum over the lists of 1 / (k + rank), ranks counted from 1; ties by id."""
    scores: dict[int, float] = {}
    for ranked in lists:
        for rank, found in enumerate(ranked, 1):
            scores[found] = scores.get(found, 0.0) + 1.0 / (k + rank)
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))

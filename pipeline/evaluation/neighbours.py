"""The passages nearest to a query, exactly and with ties settled, and how much two models agree on them. Pure numpy."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.evaluation.intervals import Floats

Places = npt.NDArray[np.int64]

BEST = 10  # of overlap@10
ROUNDED_DIGITS = 9  # equal passages must have equal scores, though a matrix product may sum them in another order
_SCORES_AT_ONCE = 1 << 22  # 32 MB as float64


def nearest(queries: Vectors, passages: Vectors, left_out: Sequence[int | None], count: int = BEST) -> Places:
    """The `count` passages (n, d) nearest to each query (q, d), best first: places (q, count).

    `left_out` names for each query a passage that does not count, such as itself. Ties go to the earlier passage.
    There are fewer columns when there are fewer passages.
    """
    count = max(0, min(count, len(passages) - any(place is not None for place in left_out)))
    found = np.empty((len(queries), count), np.int64)
    for place, (values, out) in enumerate(zip(scores(queries, passages), left_out, strict=True)):
        if out is not None:
            values[out] = -np.inf
        found[place] = _best(values, count)
    return found


def overlaps(found: Places, expected: Places) -> Floats:
    """For each query the share of the expected places (q, k), k > 0, that are among those found (q, k): (q,)."""
    shares: Floats = (found[:, :, None] == expected[:, None, :]).any(axis=1).mean(axis=1)
    return shares


def scores(queries: Vectors, passages: Vectors) -> Iterator[Floats]:
    """For each query (q, d) its cosines with all passages (n, d): (n,), which the caller may change."""
    columns = passages.astype(np.float64).T
    rows = max(1, _SCORES_AT_ONCE // max(1, len(passages)))
    for first in range(0, len(queries), rows):
        yield from np.round(queries[first : first + rows].astype(np.float64) @ columns, ROUNDED_DIGITS)


def _best(values: Floats, count: int) -> Places:
    """Places of the greatest values, the greatest first; of equal ones the first places."""
    if not count:
        return np.empty(0, np.int64)
    least = np.partition(values, -count)[-count]
    candidates = np.flatnonzero(values >= least)
    order: Places = candidates[np.argsort(-values[candidates], kind="stable")][:count]
    return order

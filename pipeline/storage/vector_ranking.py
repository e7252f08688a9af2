"""Ranks what an index proposes by exact cosines, and reads no more of it than can still matter. Knows no index."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.storage.vector_codes import Ids

_READ = 100  # chunks whose codes are read at a time: 0.7 ms of a large store

Cosines = Callable[[Ids], Mapping[int, float]]  # exact ones of those chunks that still have a vector


@dataclass(frozen=True, slots=True)
class Slack:
    """How far below the cosine that it must reach a row is still looked at, as its estimate may be too low.

    `ten` is that of the ten nearest, which are what people look at; `all` that of all that are asked for.
    """

    ten: float
    all: float

    def times(self, factor: float) -> "Slack":
        """So many times as much."""
        return Slack(self.ten * factor, self.all * factor)


@dataclass(frozen=True, slots=True)
class Proposals:
    """Chunk ids (n,) and what their cosines are taken for (n,), best first."""

    ids: Ids
    estimates: npt.NDArray[np.float32]
    slack: Slack


def nearest(proposals: Proposals, limit: int, cosines: Cosines) -> dict[int, float]:
    """The `limit` chunks, at least one, of the highest exact cosines, best first, ties by id.

    The proposals are read in their order, until the next ones are estimated to be too far away even with their slack.
    """
    found: dict[int, float] = {}
    read, ids, falling = 0, proposals.ids, -proposals.estimates
    while True:
        near = int(np.searchsorted(falling, -_enough(found, limit, proposals.slack), "right"))
        upto = min(near, read + max(_READ, limit - read))
        if read >= upto:
            return ranked(found, limit)
        found |= cosines(ids[read:upto])
        read = upto


def ranked(cosines: Mapping[int, float], limit: int) -> dict[int, float]:
    """The highest ones, best first, ties by id."""
    return dict(sorted(cosines.items(), key=lambda item: (-item[1], item[0]))[:limit])


def _enough(found: Mapping[int, float], limit: int, slack: Slack) -> float:
    """An estimate below which nothing is looked at, once these are found."""
    if len(found) < limit:
        return -np.inf
    best = sorted(found.values(), reverse=True)
    return min(best[min(limit, 10) - 1] - slack.ten, best[limit - 1] - slack.all)

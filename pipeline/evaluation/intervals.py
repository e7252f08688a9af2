"""Bootstrap intervals: how far a figure would move had other passages or queries been drawn. Pure numpy."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.report import Interval

Floats = npt.NDArray[np.float64]

RESAMPLES = 1000  # Efron and Tibshirani 1993, section 13.3: enough for the bounds of a percentile interval
BOUNDS = (2.5, 97.5)  # per cent: the 95 % interval
_DRAWN_AT_ONCE = 1 << 21  # values: 16 MB as float64, whatever the number of passages


def of_mean(values: Floats, random: np.random.Generator) -> Interval:
    """The mean of (n,) values, n > 0. For a difference of two models give the paired differences."""
    return _bootstrap(values, lambda drawn: drawn.mean(axis=-1), random)


def of_percentile(values: Floats, percent: float, random: np.random.Generator) -> Interval:
    """A percentile of (n,) values, n > 0, interpolated linearly."""
    return _bootstrap(values, lambda drawn: np.percentile(drawn, percent, axis=-1), random)


def _bootstrap(values: Floats, statistic: Callable[[Floats], Floats], random: np.random.Generator) -> Interval:
    """The percentile bootstrap (Efron 1979): the statistic of resamples of the same size, drawn with replacement."""
    if not len(values):
        raise ValueError("an interval needs at least one value")
    found = np.empty(RESAMPLES)
    rows = max(1, _DRAWN_AT_ONCE // len(values))
    for first in range(0, RESAMPLES, rows):
        count = min(rows, RESAMPLES - first)
        places = random.integers(0, len(values), size=(count, len(values)), dtype=np.int32)
        found[first : first + count] = statistic(values[places])
    low, high = np.percentile(found, BOUNDS)
    value = float(statistic(values[None, :])[0])
    return Interval(value, float(low), float(high))

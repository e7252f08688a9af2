"""Bootstrap intervals: what is known about them beforehand."""

import numpy as np
import pytest

from pipeline.evaluation import intervals
from pipeline.evaluation.report import Interval


def random() -> np.random.Generator:
    return np.random.default_rng(7)


def test_values_that_are_all_equal_have_no_spread() -> None:
    assert intervals.of_mean(np.full(30, 0.25), random()) == Interval(0.25, 0.25, 0.25)
    assert intervals.of_percentile(np.full(30, 0.25), 1, random()) == Interval(0.25, 0.25, 0.25)
    assert intervals.of_mean(np.array([0.5]), random()) == Interval(0.5, 0.5, 0.5)


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation() -> None:
    values = np.random.default_rng(1).normal(10.0, 2.0, 400)
    found = intervals.of_mean(values, random())
    error = values.std() / np.sqrt(len(values))
    assert found.value == pytest.approx(values.mean(), rel=1e-12)
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.25 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.25 * error)


def test_the_same_generator_gives_the_same_interval_and_another_seed_another() -> None:
    values = np.random.default_rng(2).random(100)
    assert intervals.of_mean(values, random()) == intervals.of_mean(values, random())
    assert intervals.of_mean(values, random()) != intervals.of_mean(values, np.random.default_rng(8))


def test_resamples_in_blocks_are_resamples_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).random(64)
    whole = intervals.of_percentile(values, 1, random())
    monkeypatch.setattr(intervals, "_DRAWN_AT_ONCE", 64 * 7)
    assert intervals.of_percentile(values, 1, random()) == whole


def test_a_percentile_stays_within_the_values_and_matches_a_naive_loop() -> None:
    values = np.random.default_rng(4).random(50)
    generator = random()
    naive = [
        np.percentile(values[generator.integers(0, 50, size=50, dtype=np.int32)], 10)
        for _ in range(intervals.RESAMPLES)
    ]
    found = intervals.of_percentile(values, 10, random())
    assert values.min() <= found.low <= found.value <= found.high <= values.max()
    assert found.low == pytest.approx(np.percentile(naive, 2.5), abs=0.02)
    assert found.high == pytest.approx(np.percentile(naive, 97.5), abs=0.02)


def test_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="at least one"):
        intervals.of_mean(np.empty(0), random())

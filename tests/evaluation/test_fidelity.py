"""Cosines of the same passages under two models, against arithmetic done by hand."""

import math

import numpy as np
import pytest

from pipeline.datatypes import Vectors
from pipeline.evaluation.fidelity import HISTOGRAM_FROM, HISTOGRAM_STEPS, cosines, fidelity


def turned(*degrees: float) -> Vectors:
    """Unit rows in the plane at these angles from the first axis."""
    return np.array([[math.cos(math.radians(one)), math.sin(math.radians(one))] for one in degrees], np.float32)


def test_cosines_are_those_of_the_angles() -> None:
    found = cosines(turned(0, 10, 60, 180), turned(0, 0, 0, 0))
    assert found == pytest.approx([1.0, math.cos(math.radians(10)), 0.5, -1.0], abs=1e-6)
    assert found.max() <= 1.0


def test_a_report_has_mean_least_histogram_and_the_worst_by_id() -> None:
    angles = [0.0] * 20 + [5.0, 10.0, 90.0]
    ids = [f"passage {number}" for number in range(len(angles))]
    found = fidelity(turned(*angles), turned(*[0.0] * len(angles)), ids, np.random.default_rng(1))
    assert found is not None
    expected = [math.cos(math.radians(angle)) for angle in angles]
    assert found.passages == 23
    assert found.mean.value == pytest.approx(sum(expected) / 23, abs=1e-6)
    assert found.p1.value == pytest.approx(np.percentile(expected, 1), abs=1e-6)
    assert found.least == pytest.approx(0.0, abs=1e-6)
    assert [one.id for one in found.worst[:3]] == ["passage 22", "passage 21", "passage 20"]
    assert [one.id for one in found.worst[3:]] == ids[:7], "ties go to the earlier passage"
    assert (len(found.histogram), sum(found.histogram)) == (HISTOGRAM_STEPS, 23)
    step = (1 - HISTOGRAM_FROM) / HISTOGRAM_STEPS
    assert found.histogram[0] == 1, "what lies below is in the first"
    assert found.histogram[-1] == 20
    assert found.histogram[int((expected[21] - HISTOGRAM_FROM) / step)] == 1


def test_equal_models_are_exactly_alike() -> None:
    vectors = turned(1, 20, 77)
    found = fidelity(vectors, vectors, ["a", "b", "c"], np.random.default_rng(1))
    assert found is not None
    assert found.least == pytest.approx(1.0, abs=1e-6)
    assert found.histogram[-1] == 3


def test_no_passage_has_no_fidelity() -> None:
    assert fidelity(np.empty((0, 2), np.float32), np.empty((0, 2), np.float32), [], np.random.default_rng(1)) is None

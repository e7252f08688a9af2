"""Probabilities that mean what they say, and a threshold that keeps its promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.insight.labelling import calibration
from pipeline.insight.labelling.calibration import NEVER


def test_the_temperature_that_made_the_labels_is_found_again() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(scale=3, size=(20_000, 4))
    for wanted in (0.3, 1.0, 2.5):
        shares = calibration.probabilities(logits, wanted)
        labels = (shares.cumsum(axis=1) < random.uniform(size=(len(logits), 1))).sum(axis=1)
        assert calibration.temperature(logits, labels) == pytest.approx(wanted, rel=0.05)


def test_the_calibration_error_by_hand() -> None:
    confidences = np.array([0.95, 0.95, 0.55, 0.55])
    correct = np.array([True, True, True, False])
    assert calibration.calibration_error(confidences, correct) == pytest.approx(0.5 * 0.05 + 0.5 * 0.05)
    assert calibration.calibration_error(np.ones(3), np.array([True, True, True])) == 0


@given(
    st.lists(st.tuples(st.sampled_from([0.3, 0.5, 0.7, 0.9, 0.99]), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.05, 0.2, 0.5]),
)
def test_the_threshold_is_the_lowest_that_keeps_the_bound(found: list[tuple[float, bool]], most: float) -> None:
    confidences, correct = np.array([one for one, _ in found]), np.array([good for _, good in found])
    allowed = []
    for at in sorted({*confidences.tolist()}):
        kept = confidences >= at
        if ((~correct[kept]).sum() + 1) / (kept.sum() + 1) <= most:
            allowed.append(at)
    assert calibration.threshold(confidences, correct, most) == (allowed[0] if allowed else NEVER)


def test_with_too_few_examples_no_threshold_can_promise_anything() -> None:
    assert calibration.threshold(np.full(18, 0.99), np.ones(18, bool), 0.05) == NEVER
    assert calibration.threshold(np.full(19, 0.99), np.ones(19, bool), 0.05) == 0.99


def test_the_promise_holds_for_documents_to_come() -> None:
    """Over many draws, the share that is wrong among those that are kept is at most what was asked, on the average."""
    random = np.random.default_rng(3)
    wrong = []
    for _ in range(300):
        confidences = random.uniform(0.2, 1, 400)
        correct = random.uniform(size=400) < confidences
        limit = calibration.threshold(confidences[:200], correct[:200], 0.1)
        kept = confidences[200:] >= limit
        if kept.any():
            wrong.append(float((~correct[200:][kept]).mean()))
    assert np.mean(wrong) <= 0.1

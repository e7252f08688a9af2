"""Means gather what is alike and of no vector alone; what a search takes is measured, not guessed."""

import math

import numpy as np
import pytest

from pipeline.datatypes import Vectors
from pipeline.storage import vector_training
from pipeline.storage.vector_means import FEWEST, means_of
from tests.storage.vector_store import centres_of_clusters, clustered_rows, unit, unit_rows


def nothing() -> None:
    """What is called between two steps."""


def means(sample: Vectors, count: int, seed: int = 1) -> Vectors:
    return means_of(sample, count, np.random.default_rng(seed), nothing)


def test_means_lie_where_the_vectors_gather_and_are_the_means_of_theirs() -> None:
    sample = clustered_rows(3_000, 1, centres=20)
    found = means(sample, 60)
    assert 50 <= len(found) <= 60
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    nearest = np.argmax(sample @ found.T, axis=1)
    moved = unit(np.stack([sample[nearest == one].sum(axis=0) for one in range(len(found))]))
    assert (moved * found).sum(axis=1).min() > 0.98, "settled"
    assert (unit(centres_of_clusters(20)) @ found.T).max(axis=1).min() > 0.9, "each cluster has one"
    assert (sample * found[nearest]).sum(axis=1).mean() > 0.88


def test_no_mean_is_of_a_few_vectors_only() -> None:
    lonely = unit_rows(FEWEST - 1, 8)
    sample = np.concatenate([clustered_rows(2_000, 2), lonely]).astype(np.float32)
    for seed in range(5):
        found = means(sample, 100, seed)
        assert 50 < len(found) <= 100
        assert (lonely @ found.T).max() < 0.9, "none is a vector that others are not near to"


def test_equal_vectors_and_few_ones_have_one_mean() -> None:
    row = unit_rows(1, 3)
    np.testing.assert_allclose(means(np.repeat(row, 100, axis=0), 10), row, atol=1e-5)
    few = clustered_rows(FEWEST - 1, 4)
    np.testing.assert_allclose(means(few, 3), unit(few.sum(axis=0, keepdims=True)), atol=1e-5)


def test_learning_can_be_stopped() -> None:
    calls: list[int] = []

    def stop() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        means_of(clustered_rows(100, 1), 4, np.random.default_rng(1), stop)


def test_slack_is_what_the_wanted_share_of_estimates_needs() -> None:
    near = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4]], np.float32)
    estimates = np.array([[0.9, 0.6, 0.65], [0.7, 0.1, -math.inf]], np.float32)
    # Below the last true cosine by -0.2, 0.1, 0.05, -0.3, 0.3 and infinitely much.
    slack = {share: vector_training._slack(near, estimates, share) for share in (0.5, 4 / 6, 5 / 6, 1.0, 0.3)}
    assert slack == pytest.approx({0.5: 0.05, 4 / 6: 0.1, 5 / 6: 0.3, 1.0: 2.0, 0.3: 0.0}, abs=1e-6)


def test_estimates_are_found_by_id() -> None:
    near = np.array([[0.9, 0.8, 0.7], [0.3, 0.2, 0.1]], np.float32)
    ids = np.array([[50, 7, 9], [3, 1, -1]])
    found = vector_training._estimates((near, ids), np.array([[9, 50], [2, 1]]))
    assert found.tolist() == [[pytest.approx(0.7), pytest.approx(0.9)], [-math.inf, pytest.approx(0.2)]]


def test_the_truth_that_is_measured_against_is_that_of_brute_force() -> None:
    from pipeline.storage.vector_codes import Rows, unit
    from pipeline.storage.vector_sets import encode

    questions = unit_rows(5, 1)
    codes = encode(clustered_rows(950, 2), 140)
    ids = np.arange(950) * 3
    truth = vector_training._Truth(questions)
    for first in range(0, 950, 90):
        truth.add(Rows(ids[first : first + 90], codes[first : first + 90]))
    order = np.argsort(-(questions @ unit(codes).T), axis=1)[:, :100]
    assert (truth.ids == ids[order]).mean() > 0.999, "but for rows that are equally near"
    np.testing.assert_allclose(truth.near, np.sort(questions @ unit(codes).T, axis=1)[:, :-101:-1], atol=1e-6)
    assert truth.near.shape == (5, 100)

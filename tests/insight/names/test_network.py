"""The network against numerical slopes, the graph written of it, and a toy that it must learn."""

from typing import Any

import numpy as np
import pytest

from pipeline.datatypes import Vectors
from pipeline.insight.names import graph, network
from pipeline.insight.names.card import INPUT
from pipeline.insight.names.network import Batch, Learner
from pipeline.insight.names.tags import TAGS, Tags
from pipeline.registry.runtime import session

INPUTS = 12


def texts(chance: np.random.Generator, count: int = 3) -> list[tuple[Vectors, Tags]]:
    lengths = chance.integers(1, 9, count)
    return [(chance.normal(size=(n, INPUTS)).astype(np.float32), chance.integers(0, TAGS, n)) for n in lengths]


def test_slopes_are_those_that_differences_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "DROPPED", 0.0)
    chance = np.random.default_rng(1)
    weights: Any = {name: values.astype(np.float64) for name, values in network.fresh(INPUTS, chance).items()}
    for values in weights.values():
        np.add(values, chance.normal(0, 0.05, values.shape), out=values)
    batch = Batch.of(texts(chance))
    exact: Any = batch.rows.astype(np.float64), batch.real.astype(np.float64)
    rows, real = exact

    def loss() -> float:
        likely = network._softmax(network._forward(weights, rows, real, None).scores)
        return float(-(np.log(likely[np.arange(len(likely)), batch.tags]) * real[:, 0]).sum())

    done = network._forward(weights, rows, real, chance)
    wrong: Any = network._softmax(done.scores)
    wrong[np.arange(len(wrong)), batch.tags] -= 1
    slopes = network._backward(weights, rows, done, wrong * real)
    for name, values in weights.items():
        for _ in range(5):
            place = tuple(int(chance.integers(0, size)) for size in values.shape)
            before = values[place]
            values[place] = before + 1e-6
            above = loss()
            values[place] = before - 1e-6
            below = loss()
            values[place] = before
            assert slopes[name][place] == pytest.approx((above - below) / 2e-6, rel=1e-3, abs=1e-5), name


def test_texts_of_a_batch_do_not_see_each_other() -> None:
    chance = np.random.default_rng(2)
    weights = network.fresh(INPUTS, chance)
    given = texts(chance, 4)
    batch = Batch.of(given)
    together = network._softmax(network._forward(weights, batch.rows, batch.real, None).scores)
    alone = [network.probabilities(weights, rows) for rows, _ in given]
    np.testing.assert_allclose(together[batch.real[:, 0] > 0], np.concatenate(alone), atol=1e-5)


def test_the_graph_says_what_the_network_says_but_for_its_eight_bits() -> None:
    chance = np.random.default_rng(3)
    weights = network.fresh(INPUTS, chance)
    run = session(graph.written(weights))
    for length in (1, 2, 3, 40):
        rows = chance.normal(size=(length, INPUTS)).astype(np.float32)
        (found,) = run.run(None, {INPUT: rows})
        expected = network.probabilities(weights, rows)
        assert found.shape == expected.shape == (length, TAGS)
        np.testing.assert_allclose(found, expected, atol=0.12)
        assert np.abs(found - expected).mean() < 0.02


def test_it_learns_that_a_word_depends_on_its_neighbour() -> None:
    """The tag of a word is told by the word two places before it: only a window can know."""
    chance = np.random.default_rng(4)
    made = []
    for _ in range(60):
        signs = chance.integers(0, 2, 20)
        rows = np.zeros((20, INPUTS), np.float32)
        rows[:, 0] = signs
        tags = np.zeros(20, np.int64)
        tags[2:] = signs[:-2]
        made.append((rows, tags))
    weights = network.fresh(INPUTS, chance)
    learner = Learner(weights, chance)
    losses = [learner.learn(Batch.of(made[start : start + 10]), 3e-3) for _ in range(30) for start in range(0, 60, 10)]
    assert losses[-1] < losses[0] / 5
    rows, tags = made[0]
    assert (network.probabilities(weights, rows).argmax(axis=1) == tags).all()

"""What is proposed is read as far as it can matter, and ranked by what was read."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.storage import vector_ranking
from pipeline.storage.vector_codes import Ids
from pipeline.storage.vector_ranking import Proposals, Slack, nearest


class Store:
    """Exact cosines by id, and which were asked for."""

    def __init__(self, cosines: dict[int, float]) -> None:
        self.cosines = cosines
        self.asked: list[int] = []

    def read(self, ids: Ids) -> dict[int, float]:
        self.asked += ids.tolist()
        return {one: self.cosines[one] for one in ids.tolist() if one in self.cosines}


def proposals(estimates: dict[int, float], ten: float, every: float) -> Proposals:
    order = sorted(estimates, key=lambda one: -estimates[one])
    return Proposals(
        np.array(order, np.int64), np.array([estimates[one] for one in order], np.float32), Slack(ten, every)
    )


def test_the_order_is_that_of_the_exact_cosines_and_ties_are_by_id() -> None:
    store = Store({1: 0.5, 2: 0.7, 3: 0.7, 4: 0.6})
    found = nearest(proposals({1: 0.9, 3: 0.8, 4: 0.7, 2: 0.6}, 1.0, 1.0), 3, store.read)
    assert list(found.items()) == [(2, 0.7), (3, 0.7), (4, 0.6)]


def test_reading_ends_where_no_estimate_can_be_off_by_so_much() -> None:
    exact = {one: 1 - one / 1000 for one in range(1000)}
    for ten, every, reach in ((0.0, 0.0, 0.009), (0.3, 0.0, 0.309), (0.0, 0.2, 0.299), (2.0, 0.0, 1.0)):
        limit = 10 if every == 0.0 else 100
        store = Store(exact)
        found = nearest(proposals(exact, ten, every), limit, store.read)
        assert list(found) == list(range(limit))
        needed = max(vector_ranking._READ, min(1000, round(reach * 1000) + 1))
        assert needed - 1 <= len(store.asked) <= min(needed, 1000)  # a float32 at the bound


def test_what_was_erased_does_not_end_the_reading() -> None:
    estimates = {one: 1 - one / 1000 for one in range(1000)}
    store = Store({one: near for one, near in estimates.items() if one >= 700})
    assert list(nearest(proposals(estimates, 0.0, 0.0), 5, store.read)) == [700, 701, 702, 703, 704]
    store.cosines[0] = estimates[0]
    assert list(nearest(proposals(estimates, 0.0, 0.0), 5, store.read)) == [0, 700, 701, 702, 703]


def test_more_may_be_asked_for_than_there_is() -> None:
    assert nearest(proposals({}, 1.0, 1.0), 5, Store({}).read) == {}
    assert nearest(proposals({3: 0.1}, 1.0, 1.0), 5, Store({3: 0.2}).read) == {3: 0.2}


@given(
    st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=400),
    st.floats(0, 0.5),
    st.integers(1, 50),
    st.integers(0, 1000),
)
def test_with_slack_for_every_error_nothing_is_missed(
    cosines: list[float], error: float, limit: int, seed: int
) -> None:
    exact = dict(enumerate(cosines))
    errors = np.random.default_rng(seed).uniform(-error, error, len(cosines))
    estimates = {one: near + float(off) for (one, near), off in zip(exact.items(), errors, strict=True)}
    found = nearest(proposals(estimates, error + 1e-6, error + 1e-6), limit, Store(exact).read)
    true = sorted(exact.items(), key=lambda item: (-item[1], item[0]))[:limit]
    assert list(found.values()) == [near for _, near in true]

"""Makes lists of all vectors of a model: learns their means from a sample, fills them, measures what a search takes.

Reads SQLite in parts, so that memory stays bounded: the sample is the most of it, 100 MB for a million rows of 384.
The same rows make the same lists: the random choices have a fixed seed, and one thread does the sums.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import faiss
import numpy as np

from pipeline.datatypes import Vectors
from pipeline.storage import vector_codes
from pipeline.storage.database import Database
from pipeline.storage.vector_codes import Ids
from pipeline.storage.vector_lists import MOST, ROW_BITS, Effort, Lists
from pipeline.storage.vector_means import means_of
from pipeline.storage.vector_ranking import Slack
from pipeline.storage.vector_sets import VectorModel

SAMPLED = 64  # rows a list: with 256, as many of the nearest are reached, and learning takes four times as long
READ_ROWS = 10_000  # read and added at a time: 4 MB of codes, 15 MB as float32
_SEED = 5
_QUESTIONS = 200
_NEAREST = 100
_REACHED = 0.995  # of the ten nearest are in the lists that are looked into
_TEN = 0.985  # of the ten nearest are looked at
_HUNDRED = 0.9  # of the hundred: which of those that are far down the list are gathered matters little
_MORE_PROBES = 2
_MORE_SLACK = 1.25

Pause = Callable[[], None]  # called about once a second; what it raises ends the work


@dataclass(frozen=True, slots=True)
class Trained:
    """Lists of all vectors that there were, and the highest chunk id among them."""

    lists: Lists
    max_id: int


def train(database: Database, model: VectorModel, ids: Ids, pause: Pause) -> Trained:
    """Lists of all vectors of a model; `ids` are those of which a sample is taken. Call inside snapshot()."""
    random = np.random.default_rng(_SEED)
    count = max(1, math.isqrt(len(ids)))
    chosen = random.choice(ids, min(len(ids), SAMPLED * count), replace=False, shuffle=False)
    sample = vector_codes.unit(vector_codes.of(database, model, chosen).codes)
    pause()
    index = _empty(means_of(sample, count, random, pause), model.dimension)
    truth = _Truth(_questions(sample, random))
    del sample
    lists = Lists(index, Effort(1, Slack(0.0, 0.0)), len(ids))
    max_id = 0
    while rows := vector_codes.after(database, model, max_id, READ_ROWS):
        lists.add(rows)
        truth.add(rows)
        max_id = int(rows.ids[-1])
        pause()
    return Trained(Lists(index, _measured(lists, truth, pause), len(lists)), max_id)


def _empty(means: Vectors, dimension: int) -> faiss.IndexIVFRaBitQ:
    nearest = faiss.IndexFlatIP(dimension)
    nearest.add(means)
    index = faiss.IndexIVFRaBitQ(nearest, dimension, len(means), faiss.METRIC_INNER_PRODUCT, True, ROW_BITS)
    index.train(means)  # takes the means as they are, and learns nothing more
    return index


def _questions(sample: Vectors, random: "np.random.Generator") -> Vectors:
    """Unit vectors amid four rows that have nothing to do with each other, moved aside in any direction.

    They are as far from all rows as questions are: on a million passages the cosine of the tenth nearest is 0.62, of
    real questions 0.61, of the passages themselves 0.86, which a quarter of the lists would find (benchmarks/scale.py).
    """
    amid = sample[random.integers(len(sample), size=(4, _QUESTIONS))].sum(axis=0)
    aside = random.normal(size=amid.shape).astype(np.float32)
    questions = amid + aside / np.linalg.norm(aside, axis=1, keepdims=True)
    unit: Vectors = questions / np.maximum(np.linalg.norm(questions, axis=1, keepdims=True), np.float32(1e-6))
    return unit


class _Truth:
    """The rows nearest to each question among all that were added, by brute force."""

    def __init__(self, questions: Vectors) -> None:
        self.questions = questions
        self.ids: Ids = np.empty((len(questions), 0), np.int64)
        self.near: Vectors = np.empty((len(questions), 0), np.float32)

    def add(self, rows: vector_codes.Rows) -> None:
        """Look at these rows, too."""
        near = faiss.pairwise_distances(self.questions, vector_codes.unit(rows.codes), faiss.METRIC_INNER_PRODUCT)
        places = np.argpartition(near, -min(_NEAREST, len(rows)), axis=1)[:, -_NEAREST:]
        near = np.concatenate([self.near, np.take_along_axis(near, places, axis=1)], axis=1)
        best = np.argsort(-near, axis=1, kind="stable")[:, :_NEAREST]
        self.near = np.take_along_axis(near, best, axis=1)
        self.ids = np.take_along_axis(np.concatenate([self.ids, rows.ids[places]], axis=1), best, axis=1)


def _measured(lists: Lists, truth: _Truth, pause: Pause) -> Effort:
    """The fewest probes, in powers of two, that reach the nearest rows, and the least slack that lets them be seen.

    Somewhat more of both is taken, for real questions are less alike than these: some lie where there are few rows.
    """
    probes = 1
    while True:
        pause()
        estimates = _estimates(lists.nearest(truth.questions, MOST, probes), truth.ids)
        if probes == lists.index.nlist or np.mean(estimates[:, :10] > -np.inf) >= _REACHED:
            break
        probes = min(2 * probes, lists.index.nlist)
    ten = _slack(truth.near[:, :10], estimates[:, :10], _TEN)
    slack = Slack(_MORE_SLACK * ten, _MORE_SLACK * _slack(truth.near, estimates, _HUNDRED))
    return Effort(min(_MORE_PROBES * probes, lists.index.nlist), slack)


def _estimates(found: tuple[Vectors, Ids], truth: Ids) -> Vectors:
    """What the cosines of the true neighbours (q, n) were estimated to be; -inf where they were not found."""
    estimates: Vectors = np.full(truth.shape, -np.inf, np.float32)
    for question, (near, ids, true) in enumerate(zip(*found, truth, strict=True)):
        order = np.argsort(ids)
        at = order[np.minimum(np.searchsorted(ids, true, sorter=order), len(ids) - 1)]
        estimates[question] = np.where(ids[at] == true, near[at], -np.inf)
    return estimates


def _slack(near: Vectors, estimates: Vectors, share: float) -> float:
    """How far this share of estimates may be below the last of the true cosines (q, n), which they must reach."""
    below = np.sort(near[:, -1:] - estimates, axis=None)
    return float(min(max(below[math.ceil(share * below.size) - 1], 0.0), 2.0))

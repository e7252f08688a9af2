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
from pipeline.storage.vector_lists import ROW_BITS, Effort, Lists
from pipeline.storage.vector_means import means_of
from pipeline.storage.vector_sets import VectorModel

SAMPLED = 64  # rows a list: with 256 the recall of a million rows is the same, and learning takes four times as long
READ_ROWS = 10_000  # read and added at a time: 4 MB of codes, 15 MB as float32
_SEED = 5
_QUESTIONS = 200
_NEAREST = 100
_MOST = 2_000  # candidates that a search may take: 15 ms of reading their codes
_REACHED = 0.995  # of the ten nearest are in the lists that are looked into
_TEN = 0.99  # of the ten nearest are among the candidates
_HUNDRED = 0.95

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
    lists = Lists(index, Effort(1, 1, 1), len(ids))
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


def _questions(sample: Vectors, random: np.random.Generator) -> Vectors:
    """Unit vectors halfway between two rows that have nothing to do with each other.

    A question is not as near to any passage as passages are to each other. With the rows themselves as questions, a
    quarter of the probes seemed enough of what real questions need (benchmarks/scale.py).
    """
    pairs = random.integers(len(sample), size=(2, _QUESTIONS))
    halfway: Vectors = sample[pairs[0]] + sample[pairs[1]]
    halfway /= np.maximum(np.linalg.norm(halfway, axis=1, keepdims=True), np.float32(1e-6))
    return halfway


class _Truth:
    """The rows nearest to each question among all that were added, by brute force."""

    def __init__(self, questions: Vectors) -> None:
        self.questions = questions
        self.ids: Ids = np.empty((len(questions), 0), np.int64)
        self._near: Vectors = np.empty((len(questions), 0), np.float32)

    def add(self, rows: vector_codes.Rows) -> None:
        """Look at these rows, too."""
        near, places = faiss.knn(
            self.questions, vector_codes.unit(rows.codes), min(_NEAREST, len(rows)), metric=faiss.METRIC_INNER_PRODUCT
        )
        near = np.concatenate([self._near, near], axis=1)
        best = np.argsort(-near, axis=1, kind="stable")[:, :_NEAREST]
        self._near = np.take_along_axis(near, best, axis=1)
        self.ids = np.take_along_axis(np.concatenate([self.ids, rows.ids[places]], axis=1), best, axis=1)


def _measured(lists: Lists, truth: _Truth, pause: Pause) -> Effort:
    """The fewest probes, in powers of two, that reach the nearest rows; then the fewest candidates."""
    most = min(_MOST, len(lists))
    probes = 1
    while True:
        pause()
        places = _places(lists.nearest(truth.questions, most, probes), truth.ids)
        if probes == lists.index.nlist or np.mean(places[:, :10] < most) >= _REACHED:
            return Effort(probes, _least(places[:, :10], _TEN, most), _least(places, _HUNDRED, most))
        probes = min(2 * probes, lists.index.nlist)


def _places(found: Ids, truth: Ids) -> Ids:
    """Where each true neighbour (q, n) stands among what was found (q, k); k where it is missing."""
    places: Ids = np.full(truth.shape, found.shape[1], np.int64)
    for question, (here, true) in enumerate(zip(found, truth, strict=True)):
        order = np.argsort(here)
        at = order[np.minimum(np.searchsorted(here, true, sorter=order), len(here) - 1)]
        places[question] = np.where(here[at] == true, at, found.shape[1])
    return places


def _least(places: Ids, share: float, most: int) -> int:
    """How many candidates have this share of the true neighbours among them; at most `most`."""
    ordered = np.sort(places, axis=None)
    return min(most, int(ordered[math.ceil(share * ordered.size) - 1]) + 1)

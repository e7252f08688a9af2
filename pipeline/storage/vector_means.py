"""Learns the means that unit vectors gather around: spherical k-means (Dhillon and Modha, Machine Learning 2001). Pure.

No mean is of only a few vectors: it would be nearly those, and outlive them when they are erased.
"""

from collections.abc import Callable

import faiss
import numpy as np

from pipeline.datatypes import Vectors
from pipeline.storage.vector_codes import Ids
from pipeline.storage.vector_kinds import single_threaded

FEWEST = 8  # vectors of the sample that a mean is of
_ROUNDS = 10  # with more, no more is found
_APART = np.float32(1e-3)  # a component of what moves the halves of a mean apart


def means_of(sample: Vectors, count: int, random: "np.random.Generator", pause: Callable[[], None]) -> Vectors:
    """At most `count` means (m, d) of a sample (n, d) of unit vectors; m and n are at least 1.

    `pause` is called in every round; what it raises ends the work.
    """
    single_threaded()
    means: Vectors = sample[np.sort(random.choice(len(sample), min(count, len(sample)), replace=False))]
    means, sizes = _moved(sample, means)
    for _ in range(1, _ROUNDS):
        pause()
        means, sizes = _moved(sample, _split(means, sizes, count - len(means), random))
    return means


def _moved(sample: Vectors, means: Vectors) -> tuple[Vectors, Ids]:
    """The means of those vectors that are nearest to each, and how many these are; without those of too few."""
    index = faiss.IndexFlatIP(sample.shape[1])
    index.add(means)
    nearest = index.search(sample, 1)[1][:, 0]
    sizes = np.bincount(nearest, minlength=len(means))
    enough = np.flatnonzero(sizes >= FEWEST)
    if not enough.size:
        return _unit(sample.sum(axis=0, keepdims=True)), np.array([len(sample)])
    members = np.split(np.argsort(nearest, kind="stable"), np.cumsum(sizes)[:-1])
    return _unit(np.stack([sample[members[mean]].sum(axis=0) for mean in enough])), sizes[enough]


def _split(means: Vectors, sizes: Ids, more: int, random: "np.random.Generator") -> Vectors:
    """With that many more, or twice as many: the means of the most vectors become two."""
    largest = np.argsort(-sizes, kind="stable")[:more]
    apart = random.normal(scale=_APART, size=(len(largest), means.shape[1])).astype(np.float32)
    halves = means[largest] - apart
    means[largest] += apart
    return _unit(np.concatenate([means, halves]))


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-6))
    return unit

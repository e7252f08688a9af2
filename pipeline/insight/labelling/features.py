"""What a document is told apart by: the mean of its passages' vectors, and its words. Pure."""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors

BEGINNING = 2  # passages: a document says what it is at its beginning, so that they weigh as much as all together
MAX_CHARACTERS = 200_000  # of a document's text, from its beginning: the words of a long contract repeat themselves
# Measured on four sets of questions, clauses and contracts (docs/benchmarks.md, labels): .5 was best for questions of
# 20 terms, 1.5 for contracts of thousands.
WORDS, HALF_TERMS = 1.5, 100
TERM_BITS = 22  # terms are kept as hashes: a head says no word of a document, and needs no vocabulary
_WORD = re.compile(r"[^\W_]{2,40}")

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Features:
    """`dense` is of length 1, or all zeros; `terms` (m,) are ascending, with the logarithmic `counts` (m,) of each."""

    dense: Floats
    terms: Ints
    counts: Floats


def features(vectors: Vectors, texts: Iterable[str]) -> Features:
    """Of a document with these passage vectors (n, d) in reading order, and these pages."""
    return Features(_pooled(vectors), *_terms(texts))


def _pooled(vectors: Vectors) -> Floats:
    if not len(vectors):
        return np.zeros(vectors.shape[1], np.float32)
    mean: Floats = vectors[:BEGINNING].mean(axis=0) + vectors.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / np.float32(length) if length else mean


def _terms(texts: Iterable[str]) -> tuple[Ints, Floats]:
    """Words and pairs of words that follow each other, in small letters; 1 + log(count), as for TF-IDF."""
    hashes: list[int] = []
    left = MAX_CHARACTERS
    for text in texts:
        words = [word.encode() for word in _WORD.findall(text[:left].lower())]
        hashes += map(zlib.crc32, words)
        hashes += [zlib.crc32(second, zlib.crc32(first + b" ")) for first, second in pairwise(words)]
        left -= len(text)
        if left <= 0:
            break
    terms, counts = np.unique(np.array(hashes, np.int64) & ((1 << TERM_BITS) - 1), return_counts=True)
    return terms, (1 + np.log(counts)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Table:
    """Features of many documents as rows of a sparse matrix (CSR: `starts` (n + 1,), `columns`, `values`)."""

    dense: Floats
    starts: Ints
    columns: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.dense)


def table(rows: Sequence[Features], vocabulary: Ints, weights: Floats) -> Table:
    """The rows with the terms of a vocabulary (ascending) only, each with its weight.

    The words of a long document say more than its vector, those of a short one less: they are scaled to a length of up
    to WORDS, where that of the vector is 1.
    """
    columns, values, starts = [], [], [0]
    for row in rows:
        place = np.searchsorted(vocabulary, row.terms)
        known = np.append(vocabulary, -1)[place] == row.terms
        found = row.counts[known] * weights[place[known]]
        length = float(np.linalg.norm(found))
        size = WORDS * np.sqrt(len(row.terms) / (len(row.terms) + HALF_TERMS))
        columns.append(place[known])
        values.append(found * np.float32(size / length) if length else found)
        starts.append(starts[-1] + len(found))
    return Table(
        np.stack([row.dense for row in rows]).astype(np.float32),
        np.array(starts, np.int64),
        np.concatenate(columns).astype(np.int64),
        np.concatenate(values).astype(np.float32),
    )

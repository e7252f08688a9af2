"""Short signatures of texts, from which one can tell which pairs of very many may have much text in common. Pure.

MinHash (Broder 1997): of each of 128 orders of all runs of words a signature keeps the least run that the text has. Two
texts agree in each with the probability that is their resemblance, so that the share of agreements estimates it, with a
standard error of at most 0.044. Signatures are cut into bands, and only pairs that agree in a whole band are looked at
(Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4).
"""

import hashlib

import numpy as np
import numpy.typing as npt

from pipeline.insight.shingles import Shingles

PERMUTATIONS = 128
SIGNATURE_BYTES = 4 * PERMUTATIONS
MARGIN = 0.08  # two standard errors: so much less than the threshold an estimate may be of a pair that is above it
_MISSED = 0.001  # of the pairs at the threshold the bands may miss so many
_BLOCK = 4096  # runs at a time: 4 MB of numbers
_MOST_LEADERS = 50  # of one band: with so many members of it that are unlike each other all others are compared
_KEYS = [hashlib.blake2b(f"minhash {number}".encode(), digest_size=16).digest() for number in range(PERMUTATIONS)]
_FACTORS = np.array([int.from_bytes(key[:8], "little") | 1 for key in _KEYS], np.uint64)
_TERMS = np.array([int.from_bytes(key[8:], "little") for key in _KEYS], np.uint64)

Signatures = npt.NDArray[np.uint32]  # shape (documents, PERMUTATIONS)
Indices = npt.NDArray[np.int64]


def signature(shingles: Shingles) -> bytes:
    """The signature of a text, SIGNATURE_BYTES long; empty for one without any word."""
    if not len(shingles):
        return b""
    least = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, len(shingles), _BLOCK):
        block = shingles[start : start + _BLOCK, None] * _FACTORS + _TERMS
        np.minimum(least, (block.min(axis=0) >> np.uint64(32)).astype(np.uint32), out=least)
    return least.astype("<u4").tobytes()


def estimates(signatures: Signatures, one: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """How much each of the texts resembles one, as far as their signatures tell."""
    found: npt.NDArray[np.float64] = (signatures == one).mean(axis=-1)
    return found


def candidates(signatures: Signatures, threshold: float) -> tuple[Indices, npt.NDArray[np.float64]]:
    """Pairs of rows that may resemble each other by `threshold` or more, (n, 2), and their estimates, the best first.

    Of more that are all alike not each pair is given, but enough to lead from each to every other.
    """
    if len(signatures) < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float64)
    rows = _rows(threshold)
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, PERMUTATIONS - rows + 1, rows):
        found += _in_band(signatures, start, rows, threshold)
    pairs = np.unique(np.vstack(found), axis=0)
    scores = estimates(signatures[pairs[:, 0]], signatures[pairs[:, 1]])
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -np.round(scores, 1)))
    return pairs[order], scores[order]


def _rows(threshold: float) -> int:
    """The height of the bands: as high as it may be, since a higher one gives fewer pairs that come to nothing."""
    fits = [
        rows
        for rows in range(1, 17)
        if (1 - threshold**rows) ** (PERMUTATIONS // rows) <= _MISSED  # no band of a pair agrees
    ]
    return max(fits, default=1)


def _in_band(signatures: Signatures, start: int, rows: int, threshold: float) -> list[Indices]:
    band = signatures[:, start : start + rows].astype(np.uint64)
    keys = (band * _FACTORS[:rows]).sum(axis=1, dtype=np.uint64)
    order = np.argsort(keys, kind="stable")
    bounds = np.flatnonzero(np.diff(keys[order])) + 1
    starts, ends = np.r_[0, bounds], np.r_[bounds, len(order)]
    twos = starts[ends - starts == 2]
    pairs = np.column_stack((order[twos], order[twos + 1]))
    found = [pairs[estimates(signatures[pairs[:, 0]], signatures[pairs[:, 1]]) >= threshold - MARGIN]]
    for place in np.flatnonzero(ends - starts > 2):
        found += _among(signatures, order[starts[place] : ends[place]], threshold)
    return found


def _among(signatures: Signatures, members: Indices, threshold: float) -> list[Indices]:
    """Pairs of those that agree in one band: each that is not surely like an earlier one is compared with all later."""
    found = []
    for _ in range(_MOST_LEADERS):
        if len(members) < 2:
            break
        first, members = members[0], members[1:]
        scores = estimates(signatures[members], signatures[first])
        alike = members[scores >= threshold - MARGIN]
        found.append(np.column_stack((np.full(len(alike), first), alike)))
        members = members[scores < threshold + MARGIN]
    return found

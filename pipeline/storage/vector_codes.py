"""Reads the int8 codes of vectors out of SQLite, and computes cosines from them. Changes nothing, knows no FAISS.

A vector is kept as round(component * scale) in int8 (vector_sets.encode); a cosine does not depend on the scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Codes, Vectors
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import VectorModel

Ids = npt.NDArray[np.int64]

_MAX_VARIABLES = 500  # SQLite's limit on the ? of one statement was 999 for long
_FRACTION = 2.0**24  # a component of a unit query is kept in as many steps as a float32 below 1 has


@dataclass(frozen=True, slots=True)
class Rows:
    """Chunk ids (n,), ascending, and the codes (n, d) of their vectors."""

    ids: Ids
    codes: Codes

    def __len__(self) -> int:
        return len(self.ids)


def after(database: Database, model: VectorModel, chunk_id: int, most: int) -> Rows:
    """The next `most` rows of a model behind a chunk id."""
    return _rows(
        model,
        database.rows(
            "SELECT chunk_id, codes FROM vectors WHERE model_id = ? AND chunk_id > ? ORDER BY chunk_id LIMIT ?",
            (model.id, chunk_id, most),
        ),
    )


def of(database: Database, model: VectorModel, ids: Sequence[int] | Ids) -> Rows:
    """The rows of these chunks; those without a vector of the model are left out."""
    wanted = sorted({int(one) for one in ids})  # neighbours lie on one page
    found: list[Sequence[bytes]] = []
    for start in range(0, len(wanted), _MAX_VARIABLES):
        part = wanted[start : start + _MAX_VARIABLES]
        places = ", ".join("?" * len(part))
        found += database.rows(
            f"SELECT chunk_id, codes FROM vectors WHERE model_id = ? AND chunk_id IN ({places}) ORDER BY chunk_id",  # noqa: S608
            (model.id, *part),
        )
    return _rows(model, found)


def unit(codes: Codes) -> Vectors:
    """The vectors (n, d) that codes stand for, of length 1; a row of zeros stays one."""
    vectors: Vectors = codes.astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1))  # a code is 0 or at least 1
    return vectors


def cosines(query: Vectors, codes: Codes) -> npt.NDArray[np.float64]:
    """Cosines (n,) of a unit query (d,) and rows of codes (n, d); 0 for a row of zeros.

    Equal rows have equal cosines to the last bit, on every machine and whatever is computed beside them, so that ties
    are ties: with the query in steps of 2**-24 (off by 3e-8 at most), all sums are of whole numbers below 2**53.
    """
    steps = np.rint(query.astype(np.float64) * _FRACTION)
    rows = codes.astype(np.float64)
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    found: npt.NDArray[np.float64] = (rows @ steps) / (np.maximum(lengths, 1.0) * _FRACTION)
    return found


def cosine(query: Vectors, codes: bytes) -> float:
    """Cosine of a unit query (d,) and one stored row, as cosines() gives it."""
    return float(cosines(query, np.frombuffer(codes, np.int8)[None])[0])


def _rows(model: VectorModel, found: Sequence[Sequence[bytes]]) -> Rows:
    codes = np.frombuffer(b"".join([row[1] for row in found]), np.int8).reshape(len(found), model.dimension)
    return Rows(np.array([row[0] for row in found], np.int64), codes)

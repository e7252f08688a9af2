"""Reads the vectors of whole documents, passage by passage, as they were stored. Changes nothing.

For comparing documents: a search reads what it needs through the index (vectors.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import VectorModel

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages of a document in reading order: their ids (n,), and their vectors (n, d), rows of length 1."""

    ids: Ids
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.ids)

    def sampled(self, most: int) -> "Passages":
        """At most so many of them: the first, the last and others at even distances."""
        if len(self) <= most:
            return self
        places = np.unique(np.linspace(0, len(self) - 1, most).round().astype(np.int64))
        return Passages(self.ids[places], self.vectors[places])


def of_document(database: Database, model: VectorModel, document_id: int) -> Passages:
    """All passages of a document."""
    rows = database.rows(
        "SELECT chunks.id, codes FROM chunks JOIN vectors ON chunk_id = chunks.id "
        "WHERE document_id = ? AND model_id = ? ORDER BY chunks.id",
        (document_id, model.id),
    )
    codes = np.frombuffer(b"".join(row["codes"] for row in rows), np.int8).reshape(len(rows), -1 if rows else 0)
    vectors = codes.astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return Passages(np.array([row["id"] for row in rows], np.int64), vectors)


def ids_of(database: Database, documents: Sequence[int] | Ids) -> Ids:
    """The ids of all passages of these documents, ascending."""
    rows = database.rows(
        "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps([int(one) for one in documents]),),
    )
    return np.array([row[0] for row in rows], np.int64)


def documents_of(database: Database, chunk_ids: Sequence[int]) -> dict[int, int]:
    """The document of each of these passages, by the passage's id; those that left are left out."""
    rows = database.rows(
        "SELECT id, document_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([int(one) for one in chunk_ids]),),
    )
    return {int(row["id"]): int(row["document_id"]) for row in rows}

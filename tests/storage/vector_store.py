"""A store with vectors and next to no text, and the brute force that its index is compared with."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Chunk, PageText, ParsedDocument, ProcessedDocument, Vectors
from pipeline.outcomes import Code
from pipeline.storage import vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.vector_sets import VectorModel
from pipeline.storage.vectors import VectorIndex

DIMENSION = 32
SCALE = 140
FOREVER = 3600.0


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return unit


def unit_rows(count: int, seed: int) -> Vectors:
    return unit(np.random.default_rng(seed).normal(size=(count, DIMENSION)))


def clustered_rows(count: int, seed: int, centres: int = 60) -> Vectors:
    """Rows that gather as those of texts do: around centres that are themselves unevenly far apart."""
    random = np.random.default_rng(seed)
    around = centres_of_clusters(centres)
    return unit(around[random.integers(centres, size=count)] + random.normal(scale=0.6, size=(count, DIMENSION)))


def centres_of_clusters(count: int = 60) -> Vectors:
    return (np.random.default_rng(99).normal(size=(count, DIMENSION)) + 0.5).astype(np.float32)


def register(database: Database, dimension: int = DIMENSION) -> VectorModel:
    return vector_sets.register(database, name="m", sha256="a" * 64, dimension=dimension, scale=SCALE)


@dataclass
class Store:
    database: Database
    model: VectorModel
    added: int = 0
    largest_flat: int = 1_000_000
    patience_s: float = FOREVER

    def __post_init__(self) -> None:
        self.documents = Documents(self.database, Audit(self.database, lambda: 0.0), lambda: 0.0)

    def add(self, rows: Vectors) -> bytes:
        """One document with these vectors; its path."""
        self.added += 1
        path = f"/{self.added}".encode()
        chunks = tuple(Chunk(1, 0, 1, "x") for _ in rows)
        parsed = ParsedDocument("text", 1, (PageText(1, "x"),), Code.COMPLETE)
        document = ProcessedDocument(f"sha{self.added}", 1, parsed, chunks, rows, None)
        with self.database.atomic():
            codes = vector_sets.encode(rows, self.model.scale)
            self.documents.attach(path, self.documents.put(document, codes, self.model.id))
        return path

    def remove(self, path: bytes) -> None:
        with self.database.atomic():
            self.documents.detach(path)

    def index(self) -> VectorIndex:
        return VectorIndex(self.database, self.model, largest_flat=self.largest_flat, patience_s=self.patience_s)

    def ids(self) -> list[int]:
        return [row[0] for row in self.database.rows("SELECT id FROM chunks ORDER BY id")]

    def nearest(self, query: Vectors, limit: int, among: list[int] | None = None) -> dict[int, float]:
        """Best first, ties by id: cosines by numpy in float64 from the codes."""
        found = []
        for row in self.database.rows("SELECT chunk_id, codes FROM vectors"):
            codes = np.frombuffer(row["codes"], np.int8).astype(np.float64)
            near = float(codes @ query.astype(np.float64) / np.linalg.norm(codes))
            if among is None or row["chunk_id"] in among:
                found.append((-round(near, 12), int(row["chunk_id"])))
        return {chunk_id: -near for near, chunk_id in sorted(found)[:limit]}

    def recall(self, index: VectorIndex, queries: Vectors, limit: int) -> float:
        """The share of the truly nearest that is found."""
        hit = [len(index.search(query, limit).keys() & self.nearest(query, limit).keys()) for query in queries]
        return sum(hit) / (limit * len(queries))

"""Search by meaning: a FAISS index that caches the int8 vectors of SQLite, and is rebuilt when lost, stale or damaged.

Vectors are stored as int8 codes, round(component * scale), in SQLite and as the very same bytes in FAISS
(IndexScalarQuantizer, QT_8bit_direct_signed, inner product): 1 byte per component, exact scan, removal works.
"""

import contextlib
import hashlib
import json
import os
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.storage import generations
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import VectorModel, encode

_MAGIC = b"SEALEDIX"
_HEADER_LENGTH = struct.Struct(">I")
_MAX_HEADER_BYTES = 4096
_MAX_VARIABLES = 500  # SQLite's limit on the ? of one statement was 999 for long
_READ_ROWS = 20_000  # rows decoded at a time while building: 8 MB of codes, 30 MB as float32


def cosine(query: Vectors, codes: bytes) -> float:
    """Exact cosine of a unit query (d,) and a stored row of codes."""
    row = np.frombuffer(codes, np.int8).astype(np.float32)
    length = float(np.linalg.norm(row))
    return float(query @ row) / length if length else 0.0


class VectorIndex:
    """The cache of one model's vectors. Threads of a process share it; other processes have their own."""

    def __init__(self, database: Database, model: VectorModel) -> None:
        self._database = database
        self._model = model
        self._file = cache_file(database.folder, model)
        self._lock = threading.Lock()
        self._index: Any = None
        self._generation = -1
        self._max_id = 0
        self._saved_generation = -1

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.ntotal)

    def catch_up(self) -> None:
        """Bring the index to the generation that SQLite holds: load the file once, then add and remove what changed."""
        # The store first, as whoever searches holds it already: two threads never wait for what the other one has.
        with self._database.snapshot(), self._lock:
            first = self._index is None
            if first:
                self._load()
            generation = generations.current(self._database)
            if generation == self._generation and not first:
                return
            if not generations.removed_from(self._database) <= self._generation <= generation:
                self._reset()  # too far behind to follow, or the store was replaced by an older one
            self._follow(generation)
            if first and len(self) != self._expected():
                self._reset()  # the file cannot be trusted: build from the truth
                self._follow(generation)

    def catch_up_and_save(self) -> None:
        """Bring the index up to date and keep it, for others to load."""
        self.catch_up()
        self.save()

    def search(self, query: Vectors, limit: int, among: npt.NDArray[np.int64] | None = None) -> dict[int, float]:
        """Chunk ids nearest to a unit query (d,) with their cosines, best first, ties by id; only those in `among`.

        FAISS finds the candidates with a query rounded to int8; their order is by the cosine of the unrounded query.
        """
        with self._lock:
            if self._index is None or not self._index.ntotal or (among is not None and not among.size):
                return {}
            parameters = None
            if among is not None:
                selector = faiss.IDSelectorBatch(among)
                parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # faiss adds it at run time
            # This quantizer compares codes with codes: the query must be in the same units as the rows.
            codes = encode(query[None], self._model.scale).astype(np.float32)
            _, ids = self._index.search(codes, min(limit, int(self._index.ntotal)), params=parameters)
        return self._by_cosine(query, [int(found) for found in ids[0] if found >= 0])

    def cosines(self, query: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Exact cosines of a unit query (d,) and these chunks; those without a vector are left out."""
        found: dict[int, float] = {}
        for start in range(0, len(ids), _MAX_VARIABLES):
            part = ids[start : start + _MAX_VARIABLES]
            places = ", ".join("?" * len(part))
            rows = self._database.rows(
                f"SELECT chunk_id, codes FROM vectors WHERE model_id = ? AND chunk_id IN ({places})",  # noqa: S608
                (self._model.id, *part),
            )
            if rows:
                codes = np.frombuffer(b"".join(row[1] for row in rows), np.int8).reshape(len(rows), -1)
                values = codes.astype(np.float32)
                lengths = np.linalg.norm(values, axis=1)
                near = values @ query / np.where(lengths > 0, lengths, np.float32(1))
                found |= zip([int(row[0]) for row in rows], near.tolist(), strict=True)
        return found

    def ids(self) -> list[int]:
        """Every chunk id in the index, ascending."""
        with self._lock:
            if self._index is None:
                return []
            return sorted(int(found) for found in faiss.vector_to_array(self._index.id_map))

    def save(self) -> None:
        """Write the cache, whole or not at all; failing to is no harm, it is rebuilt."""
        with self._lock:
            if self._index is None or self._generation == self._saved_generation:
                return
            payload = faiss.serialize_index(self._index).tobytes()
            header = json.dumps(
                {
                    "model": self._model.sha256,
                    "generation": self._generation,
                    "max_id": self._max_id,
                    "sha256": hashlib.sha256(payload).hexdigest(),
                }
            ).encode()
            with contextlib.suppress(OSError):
                _write_whole(self._file, _MAGIC + _HEADER_LENGTH.pack(len(header)) + header + payload)
                self._saved_generation = self._generation
        generations.prune(self._database, self._saved_generation)

    def _follow(self, generation: int) -> None:
        self._remove_since(self._generation)
        self._add_after(self._max_id)
        self._generation = generation

    def _reset(self) -> None:
        flat = faiss.IndexScalarQuantizer(
            self._model.dimension, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        )
        self._index = faiss.IndexIDMap2(flat)
        self._generation, self._max_id = 0, 0

    def _load(self) -> None:
        faiss.omp_set_num_threads(1)  # the embedder's threads have the cores
        self._reset()
        try:
            header, payload = _read_checked(self._file)
            if header["model"] != self._model.sha256:
                return
            index = faiss.deserialize_index(np.frombuffer(payload, np.uint8))
            if index.d == self._model.dimension:
                self._index = index
                self._generation, self._max_id = int(header["generation"]), int(header["max_id"])
                self._saved_generation = self._generation
        except (OSError, ValueError, KeyError, TypeError, RuntimeError):
            self._reset()

    def _remove_since(self, generation: int) -> None:
        rows = self._database.rows("SELECT chunk_id FROM removed_chunks WHERE generation > ?", (generation,))
        if rows and len(self):
            self._index.remove_ids(np.array([row[0] for row in rows], np.int64))

    def _add_after(self, chunk_id: int) -> None:
        while True:
            rows = self._database.rows(
                "SELECT chunk_id, codes FROM vectors WHERE model_id = ? AND chunk_id > ? ORDER BY chunk_id LIMIT ?",
                (self._model.id, chunk_id, _READ_ROWS),
            )
            if not rows:
                return
            codes: npt.NDArray[np.int8] = np.frombuffer(b"".join(row["codes"] for row in rows), np.int8)
            ids = np.array([row["chunk_id"] for row in rows], np.int64)
            self._index.add_with_ids(codes.reshape(len(rows), -1).astype(np.float32), ids)
            chunk_id = self._max_id = int(ids[-1])

    def _by_cosine(self, query: Vectors, ids: Sequence[int]) -> dict[int, float]:
        return dict(sorted(self.cosines(query, ids).items(), key=lambda item: (-item[1], item[0])))

    def _expected(self) -> int:
        row = self._database.row("SELECT coalesce(sum(chunks), 0) FROM documents")
        return int(row[0]) if row else 0


def cache_file(folder: Path, model: VectorModel) -> Path:
    """Where the index of a model's vectors is kept."""
    return folder / f"vectors-{model.sha256[:16]}.faiss"


def _read_checked(file: Path) -> tuple[dict[str, Any], bytes]:
    """Header and payload of a cache file; ValueError when anything about it is not as it was written."""
    content = file.read_bytes()
    start = len(_MAGIC) + _HEADER_LENGTH.size
    if content[: len(_MAGIC)] != _MAGIC or len(content) < start:
        raise ValueError("not a cache file")
    (length,) = _HEADER_LENGTH.unpack(content[len(_MAGIC) : start])
    if length > _MAX_HEADER_BYTES:
        raise ValueError("header too long")
    header: dict[str, Any] = json.loads(content[start : start + length])
    payload = content[start + length :]
    if hashlib.sha256(payload).hexdigest() != header["sha256"]:
        raise ValueError("damaged")
    return header, payload


def _write_whole(file: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves the old one or the new one, never a mixture."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise

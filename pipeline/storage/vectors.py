"""Search by meaning: an index that caches the int8 vectors of SQLite, and is rebuilt when lost, stale or damaged.

Up to some hundred thousand vectors all are compared (vector_kinds.py); more are kept in lists (vector_lists.py), which
are made in the background, while searches go on with what there is. Either only proposes: what is found, in which order
and how near, is computed from the codes in SQLite, so that what was erased is never found.
"""

import contextlib
import threading
from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.datatypes import Vectors
from pipeline.storage import generations, vector_codes, vector_file
from pipeline.storage.database import Database
from pipeline.storage.vector_building import Building, Pause, turn
from pipeline.storage.vector_codes import Ids, cosine
from pipeline.storage.vector_file import cache_file
from pipeline.storage.vector_kinds import Flat
from pipeline.storage.vector_lists import Lists
from pipeline.storage.vector_ranking import nearest, ranked
from pipeline.storage.vector_replica import Replica
from pipeline.storage.vector_sets import VectorModel
from pipeline.storage.vector_training import train

__all__ = ["VectorIndex", "cache_file", "cosine"]

LARGEST_FLAT = 300_000  # vectors: 4 ms a search, 115 MB and 0.4 s of loading at 384 components
PATIENCE_S = 5.0  # a process that lives shorter makes no lists
_SHRUNK = 0.6  # of the largest flat index: lists are kept until then, lest the kind changes to and fro
_CHANGED = 2.0  # times as many, or as few, vectors as lists were made for: made anew, with lists of the right size
_SCANNED = 1_000  # allowed chunks whose codes are read sooner than an index is searched


class VectorIndex:
    """The cache of one model's vectors. Threads of a process share it; other processes have their own."""

    def __init__(
        self,
        database: Database,
        model: VectorModel,
        *,
        largest_flat: int = LARGEST_FLAT,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """More than `largest_flat` vectors are kept in lists, which are made once this has lived for a while."""
        self._database = database
        self._model = model
        self._largest_flat = largest_flat
        self._patience_s = patience_s
        self._file = cache_file(database.folder, model)
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._replica: Replica | None = None
        self._saved_generation = -1
        self._building: Building | None = None

    def __len__(self) -> int:
        return 0 if self._replica is None else len(self._replica.kind)

    def catch_up(self) -> None:
        """Bring the index to the generation that SQLite holds: load it once, then add and remove what changed."""
        # The store first, as whoever searches may hold it already: two threads never wait for what the other one has.
        with self._database.snapshot(), self._lock:
            replica = self._replica
            if replica is None:
                replica = self._loaded()
            elif replica.generation != generations.current(self._database):
                if not replica.can_follow(self._database):
                    replica = self._fresh()
                replica.follow(self._database, self._model)
            self._replica = replica
            if self._building is None and not self._suits(replica):
                self._building = Building(self._build, self._patience_s)

    def catch_up_and_save(self) -> None:
        """Bring the index up to date and keep it, for others to load."""
        self.catch_up()
        self.save()

    def settle(self) -> None:
        """The same, but wait until the index is of the kind that its size asks for: with a million, half a minute."""
        self.catch_up()
        building = self._building
        if building is not None:
            building.wait()
        self.save()

    def close(self) -> None:
        """Give up what is being made in the background."""
        building = self._building
        if building is not None:
            building.stop()

    def search(self, query: Vectors, limit: int, among: Ids | None = None) -> dict[int, float]:
        """Chunk ids nearest to a unit query (d,) with their exact cosines, best first, ties by id, at most `limit`.

        Only those in `among`, ascending, take part.
        """
        with self._lock:
            replica = self._replica
            if replica is None or not len(replica.kind):
                return {}
            if among is not None:
                among = among[: np.searchsorted(among, replica.max_id, side="right")]
            is_small = among is not None and len(among) <= _SCANNED
            proposals = None if is_small else replica.kind.proposals(query, limit, among)
        if proposals is None:
            return ranked(self.cosines(query, [] if among is None else among), limit)
        return nearest(proposals, limit, partial(self.cosines, query))

    def cosines(self, query: Vectors, ids: Sequence[int] | Ids) -> dict[int, float]:
        """Exact cosines of a unit query (d,) and these chunks; those without a vector are left out."""
        rows = vector_codes.of(self._database, self._model, ids)
        return dict(zip(rows.ids.tolist(), vector_codes.cosines(query, rows.codes).tolist(), strict=True))

    def ids(self) -> list[int]:
        """Every chunk id in the index, ascending."""
        with self._lock:
            return [] if self._replica is None else [int(one) for one in self._replica.kind.ids()]

    def save(self) -> None:
        """Write the cache, whole or not at all; failing to is no harm, it is rebuilt."""
        with self._saving:
            with self._lock:
                replica = self._replica
                if replica is None or replica.generation == self._saved_generation:
                    return
                generation, kind = replica.generation, replica.kind
                kept = vector_file.content(kind, generation, replica.max_id) if isinstance(kind, Lists) else None
                is_flat_for_good = kept is None and self._suits(replica)
            with contextlib.suppress(OSError):
                if kept is not None:
                    vector_file.write(self._file, self._model, kept)
                elif is_flat_for_good:
                    self._file.unlink(missing_ok=True)  # of lists of before: they may hold what was erased
                self._saved_generation = generation
                generations.prune(self._database, generation)

    def _suits(self, replica: Replica) -> bool:
        """Whether an index is of the kind that its size asks for."""
        kind, size = replica.kind, len(replica.kind)
        if not isinstance(kind, Lists):
            return size <= self._largest_flat
        return size >= _SHRUNK * self._largest_flat and kind.trained / _CHANGED <= size <= kind.trained * _CHANGED

    def _loaded(self) -> Replica:
        """The index of the file, brought up to date; one of SQLite's vectors where it cannot be trusted."""
        kept = vector_file.read(self._file, self._model)
        if kept is not None and kept.can_follow(self._database):
            self._saved_generation = kept.generation
            kept.follow(self._database, self._model)
            if len(kept.kind) == self._expected():
                return kept
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)
        self._saved_generation = -1
        fresh = self._fresh()
        fresh.follow(self._database, self._model)
        return fresh

    def _fresh(self) -> Replica:
        return Replica(Flat(self._model.dimension, self._model.scale, self._expected()))

    def _build(self, pause: Pause) -> None:
        """Make an index of the kind that the size asks for, in a thread of its own, and take it."""
        with turn(self._file.with_suffix(".lock"), pause):
            others = vector_file.read(self._file, self._model)  # another process may have been faster
            if others is None or not self._take(others):
                database = Database(self._database.folder, read_only=True)  # so that no search waits for this one
                try:
                    with database.snapshot():
                        made = self._made(database, pause)
                finally:
                    database.close()
                self._take(made)
            self.save()

    def _made(self, database: Database, pause: Pause) -> Replica:
        with self._lock:
            assert self._replica is not None
            ids = self._replica.kind.ids()
        if len(ids) > self._largest_flat:
            trained = train(database, self._model, ids, pause)
            return Replica(trained.lists, generations.current(database), trained.max_id)
        flat = Replica(Flat(self._model.dimension, self._model.scale, len(ids)))
        flat.follow(database, self._model)
        return flat

    def _take(self, other: Replica) -> bool:
        """Put an index in the place of the one there is; False when it is of the wrong kind, or not of the store."""
        with self._database.snapshot(), self._lock:
            if not other.can_follow(self._database):
                return False
            other.follow(self._database, self._model)
            if not self._suits(other) or len(other.kind) not in (len(self), self._expected()):
                return False
            self._replica, self._saved_generation, self._building = other, -1, None
            return True

    def _expected(self) -> int:
        row = self._database.row("SELECT coalesce(sum(chunks), 0) FROM documents")
        return int(row[0]) if row else 0

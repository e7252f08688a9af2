"""The model that an index is embedded with: loaded, with the index of its vectors. The two always change together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import ModelChanged
from pipeline.registry import catalogue
from pipeline.registry.catalogue import Installed
from pipeline.registry.runtime import Embedder
from pipeline.storage import vector_sets
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import Role, VectorModel
from pipeline.storage.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """A loaded model, its row in the store, and the index of its vectors. Threads may share it."""

    embedder: Embedder
    model: VectorModel
    index: VectorIndex


class Models(Protocol):
    """Hands out the active model of an index."""

    @property
    def loaded(self) -> ActiveModel | None:
        """What current() returned last, without asking the store, which may be in use."""

    def current(self, *, to_search: bool = False) -> ActiveModel:
        """The active model, with its index in memory where it is wanted `to_search`. Raises ModelError."""

    def close(self) -> None:
        """Release what this has loaded."""


class ActiveModels:
    """Hands out the active model of an index, loading it when it is first needed and when it has changed."""

    def __init__(self, database: Database, root: Path, first: str, make_embedder: Callable[[Path], Embedder]) -> None:
        """`root` holds all models; `first` names the one that an index without vectors begins with."""
        self._database = database
        self._root = root
        self._first = first
        self._make_embedder = make_embedder
        self._lock = threading.Lock()
        self._loaded: ActiveModel | None = None

    def current(self, *, to_search: bool = False) -> ActiveModel:
        """The active model, which another process may have changed a moment ago. Raises ModelError.

        Whoever works with what it returns sees one model, even when it is replaced meanwhile: its vectors are kept.
        One that is wanted `to_search` is loaded beside the index of its vectors, on two cores.
        """
        with self._lock:
            if self._loaded is None or not vector_sets.is_active(self._database, self._loaded.model):
                self._loaded = self._load(to_search)
            return self._loaded

    @property
    def loaded(self) -> ActiveModel | None:
        """What current() returned last."""
        return self._loaded

    def close(self) -> None:
        """Release the model's threads."""
        with self._lock:
            if self._loaded is not None:
                self._loaded.embedder.close()

    def _load(self, to_search: bool) -> ActiveModel:
        stored = vector_sets.current(self._database, Role.ACTIVE)
        if stored is None:
            embedder = self._make_embedder(catalogue.find(self._root, self._first).folder)
            model = stored_model(self._database, Installed(self._root / self._first, embedder.manifest))
            vector_sets.adopt(self._database, model)
            stored = vector_sets.current(self._database, Role.ACTIVE)
            assert stored is not None
            if stored.id != model.id:  # another process was faster, with another model
                return self._load(to_search)
            index = VectorIndex(self._database, stored)
        else:
            folder = catalogue.find_built(self._root, stored.name, stored.sha256).folder
            index = VectorIndex(self._database, stored)
            with ThreadPoolExecutor(1, "load") as beside:
                loading = beside.submit(self._make_embedder, folder)
                if to_search:
                    index.catch_up()
                embedder = loading.result()
        vector_sets.allow_passages(self._database, embedder.max_passage_tokens)
        return ActiveModel(embedder, stored, index)


class SharedModels:
    """The models of others for a further connection: loaded once, by them; the index of its vectors is its own."""

    def __init__(self, database: Database, others: Models) -> None:
        self._database = database
        self._others = others
        self._lock = threading.Lock()
        self._loaded: ActiveModel | None = None

    @property
    def loaded(self) -> ActiveModel | None:
        """What current() returned last."""
        return self._loaded

    def current(self, *, to_search: bool = False) -> ActiveModel:  # noqa: ARG002 - the index follows when it is asked
        """The active model as this connection sees it. Raises ModelError, and ModelChanged where the others do not."""
        with self._lock:
            stored = vector_sets.current(self._database, Role.ACTIVE)
            if stored is None:
                raise ModelChanged
            if self._loaded is None or self._loaded.model.id != stored.id:
                theirs = self._others.loaded
                if theirs is None or theirs.model.id != stored.id:
                    theirs = self._others.current()
                if theirs.model.id != stored.id:
                    raise ModelChanged
                self._loaded = ActiveModel(theirs.embedder, stored, VectorIndex(self._database, stored))
            return self._loaded

    def close(self) -> None:
        """Nothing to release: the models are the others'."""


def stored_model(database: Database, model: Installed) -> VectorModel:
    """The row of an installed model, made when there is none."""
    return vector_sets.register(
        database,
        name=model.manifest.name,
        sha256=model.manifest.model.sha256,
        dimension=model.manifest.dimension,
        scale=model.manifest.vector_scale,
    )

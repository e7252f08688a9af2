"""Pipeline: wires the parts from a Config. What every interface and script calls; it decides nothing itself."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline import config as configuration
from pipeline import health
from pipeline.config import Config
from pipeline.datatypes import (
    NEEDS_REVIEW,
    DocumentRow,
    FileGone,
    FileOutcome,
    IngestReport,
    Query,
    SearchHit,
    SearchMode,
    Vectors,
)
from pipeline.errors import UsageError
from pipeline.health import Check
from pipeline.outcomes import State
from pipeline.storage import listing
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.jobs import JobCounts, Jobs

if TYPE_CHECKING:
    from pipeline.registry.runtime import Embedder
    from pipeline.runner import Runner
    from pipeline.storage.vectors import VectorIndex, VectorModel

Report = Callable[[FileOutcome | FileGone], None]


def _no_report(_event: FileOutcome | FileGone) -> None:
    """Report to nobody."""


class Pipeline:
    """One inbox with its index. Parts are made when first used: listing documents loads no model."""

    def __init__(self, config: Config) -> None:
        """Open the store, creating it if there is none. Raises StoreError."""
        self.config = config
        self._stop = threading.Event()
        self._runner: Runner | None = None
        self.database = Database(config.store_path)
        self._audit = Audit(self.database, time.time)
        self._documents = Documents(self.database, self._audit, time.time)
        self._jobs = Jobs(self.database, time.time)

    @classmethod
    def open(cls, config: str | os.PathLike[str] | None = None) -> Self:
        """Open with this configuration file, else ./config.yaml, else the user's. Raises ConfigError, StoreError."""
        found = configuration.find(None if config is None else Path(config))
        return cls(configuration.load(found))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release threads, the model and the store. Safe to call twice."""
        if "embedder" in self.__dict__:
            self.embedder.close()
        self.database.close()

    def stop(self) -> None:
        """Ask a running ingest or watch to end soon. Safe to call from another thread or a signal handler."""
        self._stop.set()
        if self._runner is not None:
            self._runner.wake()

    def ingest(self, *paths: str | os.PathLike[str], report: Report = _no_report) -> IngestReport:
        """Bring every file at or below the paths to its end; files that failed before are tried again.

        Files stay where they are. Raises UsageError, ModelError, StoreError, and Stopped after stop().
        """
        scopes = [Path(os.path.abspath(Path(path).expanduser())) for path in paths]  # noqa: PTH100 - links stay as named
        if not scopes:
            raise UsageError("path_missing", "No file or folder was named.", "Name at least one.")
        for scope in scopes:
            self._jobs.retry_failed(os.fsencode(scope))
        return self._drain(scopes, report)

    def drain(self, report: Report = _no_report) -> IngestReport:
        """Bring every file of the inbox to its end, then return. Raises like ingest()."""
        self._make_inbox()
        return self._drain([self.config.inbox_path], report)

    def watch(self, on_ready: Callable[[bool], None], report: Report = _no_report) -> None:
        """Watch the inbox until stop() is called; `on_ready` is told whether the system reports changes by itself."""
        self._make_inbox()
        with self._running(report) as runner:
            runner.watch(self.config.inbox_path, on_ready)

    def search(
        self, text: str, *, limit: int | None = None, mode: str | None = None, label: str | None = None
    ) -> tuple[SearchHit, ...]:
        """The passages that fit best, best first. Raises UsageError."""
        from pipeline.search.searcher import Searcher  # noqa: PLC0415 - imports FAISS

        settings = self.config.search
        try:
            chosen = SearchMode(mode if mode is not None else settings.mode)
        except ValueError:
            modes = ", ".join(SearchMode)
            raise UsageError("mode_unknown", "There is no such search mode.", f"Choose one of: {modes}.") from None
        query = Query(text, chosen, settings.limit if limit is None else limit, self._known_label(label))
        searcher = Searcher(self.database, settings, lambda one: self.embed([one])[0], lambda: self._vectors)
        return searcher.search(query)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts: (n, dimension) float32, rows of length 1. Raises ModelError."""
        return self.embedder.encode(texts)

    def documents(self, *, label: str | None = None, state: str | None = None) -> list[DocumentRow]:
        """Every document with its state and all its paths. Raises UsageError."""
        if state is not None and state not in list(State):
            raise UsageError("state_unknown", "There is no such state.", f"Choose one of: {', '.join(State)}.")
        return listing.documents(self.database, label=self._known_label(label), state=state)

    def counts(self) -> JobCounts:
        """Files by state."""
        return self._jobs.counts()

    def totals(self) -> dict[str, int]:
        """How many documents, pages, chunks and vectors are kept."""
        return listing.totals(self.database)

    @cached_property
    def embedder(self) -> "Embedder":
        """The verified model. Raises ModelError."""
        from pipeline.registry.runtime import Embedder  # noqa: PLC0415 - imports onnxruntime

        return Embedder(self.config.model_path, self.config.model.threads, self._stop)

    @cached_property
    def _model(self) -> "VectorModel":
        from pipeline.storage import vectors  # noqa: PLC0415 - imports FAISS

        manifest = self.embedder.manifest
        return vectors.register(
            self.database,
            name=manifest.name,
            sha256=manifest.model.sha256,
            dimension=manifest.dimension,
            scale=manifest.vector_scale,
        )

    @cached_property
    def _vectors(self) -> "VectorIndex":
        from pipeline.storage.vectors import VectorIndex  # noqa: PLC0415 - imports FAISS

        return VectorIndex(self.database, self._model)

    def examine(self) -> list[Check]:
        """Checks of the installation, the model and the store."""
        return health.examine(self.config, self.database, self.vector_ids)

    def vector_ids(self) -> list[int]:
        """Chunk ids that the vector index holds, once it is brought up to date: for checks against the store."""
        self._vectors.catch_up()
        return self._vectors.ids()

    def _make_inbox(self) -> None:
        """Create the inbox, unless it once held documents: then it is not empty but away, such as an unmounted disk."""
        inbox = self.config.inbox_path
        if not inbox.is_dir() and self._jobs.known(os.fsencode(inbox)):
            raise UsageError(
                "inbox_missing",
                "The inbox is not there, though documents of it are indexed. Nothing was changed.",
                "Mount or restore its folder. To let its documents be forgotten, create it empty.",
            )
        inbox.mkdir(parents=True, exist_ok=True)

    def _known_label(self, label: str | None) -> str | None:
        names = [kind.name for kind in self.config.labels.kind] + [NEEDS_REVIEW]
        if label is not None and label not in names:
            raise UsageError("label_unknown", "There is no such label.", f"Choose one of: {', '.join(names)}.")
        return label

    def _drain(self, scopes: Sequence[Path], report: Report) -> IngestReport:
        started = time.monotonic()
        with self._running(report) as runner:
            runner.once(scopes)
        outcomes = listing.outcomes(self.database, [os.fsencode(scope) for scope in scopes])
        states = {state: sum(1 for one in outcomes if one.state is state) for state in State}
        return IngestReport(
            files=len(outcomes),
            states=states,
            incomplete=tuple(one for one in outcomes if one.state is not State.INDEXED),
            seconds=time.monotonic() - started,
        )

    @contextmanager
    def _running(self, report: Report) -> "Iterator[Runner]":
        """One run: the parser process lives as long as it."""
        from pipeline.ingest import Tools  # noqa: PLC0415 - what only a run needs
        from pipeline.insight.classification import Classifier  # noqa: PLC0415
        from pipeline.insight.relabel import relabel  # noqa: PLC0415
        from pipeline.parsing.sandbox import Sandbox  # noqa: PLC0415
        from pipeline.parsing.zygote import launcher  # noqa: PLC0415
        from pipeline.runner import Runner  # noqa: PLC0415

        self._stop.clear()
        parsers = launcher()
        try:
            classifier = Classifier(self.config.labels, self.embed)
            tools = Tools(
                sandbox=Sandbox(parsers, self.config.parsing, self._stop),
                embedder=self.embedder,
                classifier=classifier,
                database=self.database,
                documents=self._documents,
                jobs=self._jobs,
                vectors=self._vectors,
                model=self._model,
                limits=self.config.parsing,
                clock=time.time,
            )
            relabel(self.database, self._audit, self.config.labels, classifier)
            self._jobs.retry_other_models(self._model.id)
            self._runner = Runner(tools, self.config, self._stop, report)
            yield self._runner
        finally:
            self._runner = None
            parsers.close()

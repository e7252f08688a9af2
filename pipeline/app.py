"""Pipeline: wires the parts from a Config. What every interface and script calls; it decides nothing itself."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from pipeline import config as configuration
from pipeline import health
from pipeline.config import Config
from pipeline.datatypes import Query, SearchHit, Vectors
from pipeline.errors import UsageError
from pipeline.health import Check
from pipeline.insight.language import LanguageGuesser
from pipeline.isolation.lockdown import NO_LOCK, Lock
from pipeline.outcomes import Code, State
from pipeline.reports import ActivationReport, DocumentDetail, DocumentRow, FileGone, FileOutcome, IngestReport
from pipeline.search import filters as filtering
from pipeline.search.alerts import Alerts
from pipeline.search.filters import FilterOptions
from pipeline.search.findings import DuplicateGroup, SimilarHit
from pipeline.search.masking import Masker
from pipeline.search.query import query_of
from pipeline.stopping import Stopping
from pipeline.storage import listing, vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.jobs import JobCounts, Jobs
from pipeline.storage.vector_sets import ModelStatus

if TYPE_CHECKING:
    from pipeline.activation import Activation, Progress
    from pipeline.label_sets import LabelSets
    from pipeline.protection import Protection
    from pipeline.registry.active import ActiveModel, Models
    from pipeline.registry.catalogue import Installed
    from pipeline.registry.runtime import Embedder
    from pipeline.runs import Runs
    from pipeline.search.searcher import Searcher
    from pipeline.storage.lexicon.lexicon import Lexicon

Report = Callable[[FileOutcome | FileGone], None]
Stages = Callable[[str, int, int], None]  # what is done, how much of it, of how much


def _no_report(_event: FileOutcome | FileGone) -> None:
    """Report to nobody."""


class Pipeline:
    """One inbox with its index. Parts are made when first used: listing documents loads no model."""

    def __init__(self, config: Config, lock: Lock = NO_LOCK, *, read_only: bool = False) -> None:
        """Open the store, creating it if there is none. `lock` is what holds this process. Raises StoreError."""
        self.config = config
        self.lock = lock
        self._stopping = Stopping()
        self.database = Database(config.store_path, read_only=read_only)
        self._audit = Audit(self.database, time.time)
        self._documents = Documents(self.database, self._audit, time.time)
        self._jobs = Jobs(self.database, time.time)
        self._languages = LanguageGuesser()

    @classmethod
    def open(cls, config: str | os.PathLike[str] | None = None, lock: Lock = NO_LOCK) -> Self:
        """Open with this configuration file, else ./config.yaml, else the user's. Raises ConfigError, StoreError.

        It locks nothing: `lock` is what pipeline.seal() returned, for those who ask `.lock` later.
        """
        found = configuration.find(None if config is None else Path(config))
        return cls(configuration.load(found), lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release threads, the model and the store. Safe to call twice."""
        if "_models" in self.__dict__:
            self._models.close()
        self.database.close()

    def stop(self) -> None:
        """Ask a running ingest or watch to end soon. Safe to call from another thread or a signal handler."""
        self._stopping.ask()

    def ingest(self, *paths: str | os.PathLike[str], report: Report = _no_report) -> IngestReport:
        """Bring every file at or below the paths to its end; files that failed or were refused before are tried again.

        Files stay where they are. Raises UsageError, ModelError, StoreError, and Stopped after stop().
        """
        scopes = [Path(os.path.abspath(Path(path).expanduser())) for path in paths]  # noqa: PTH100 - links stay as named
        if not scopes:
            raise UsageError("path_missing", "No file or folder was named.", "Name at least one.")
        for scope in scopes:
            self._jobs.retry((State.FAILED, State.REFUSED), os.fsencode(scope))
        return self._runs.drain(scopes, report)

    def retry(self, *states: str, report: Report = _no_report) -> IngestReport:
        """Read anew what ended in these states, and what holds such documents: with new passwords, limits or engines.

        Raises like ingest().
        """
        unknown = [state for state in states if state not in list(State)]
        if unknown or not states:
            raise UsageError("state_unknown", "There is no such state.", f"Choose of: {', '.join(State)}.")
        paths = self._jobs.retry([State(state) for state in states])
        return self._runs.drain([Path(os.fsdecode(path)) for path in paths], report)

    def drain(self, report: Report = _no_report) -> IngestReport:
        """Bring every file of the inbox to its end, then return. Raises like ingest()."""
        self._make_inbox()
        return self._runs.drain([self.config.inbox_path], report)

    def watch(self, on_ready: Callable[[bool], None], report: Report = _no_report) -> None:
        """Watch the inbox until stop() is called; `on_ready` is told whether the system reports changes by itself."""
        self._make_inbox()
        inbox = self.config.inbox_path
        self._runs.run([inbox], lambda runner: runner.watch(inbox, on_ready), report)

    def search(
        self,
        text: str,
        *,
        limit: int | None = None,
        mode: str | None = None,
        by_document: bool = False,
        context: int = 0,
        reveal: bool = False,
        **filters: Unpack[FilterOptions],
    ) -> tuple[SearchHit, ...]:
        """The passages that fit best, best first. Raises UsageError.

        `by_document` gives each document once, with its best passage; `context` tells as many passages around each;
        `reveal` shows personal data in them as it stands, which is recorded.
        """
        wanted = self.config.search.limit if limit is None else limit
        query = query_of(
            self.config, text, limit=wanted, mode=mode, by_document=by_document, context=context, **filters
        )
        return self.answer(replace(query, reveal=reveal))

    def answer(self, query: Query) -> tuple[SearchHit, ...]:
        """The passages that fit best, best first. Raises UsageError."""
        hits = self._searcher.search(query)
        if query.reveal:
            self.protection.revealed(hits)
        return hits

    @cached_property
    def labels(self) -> "LabelSets":
        """What people say of labels, and what is learned of it."""
        from pipeline.label_sets import LabelSets  # noqa: PLC0415 - what only this needs

        return LabelSets(self.database, self._audit, self.config, self._active)

    @cached_property
    def protection(self) -> "Protection":
        """Personal data: what was found, how sensitive documents are, and copies without it."""
        from pipeline.protection import Protection  # noqa: PLC0415 - what only this needs

        return Protection(self.database, self._audit, self.config, self._active)

    def beside(self) -> "Pipeline":
        """A second Pipeline for searches from other threads while this one works. Close it before this one.

        It has a connection of its own, so that it waits for no commit and sees each whole or not at all; the model is
        this one's, its indexes are its own and are loaded when first asked. It changes nothing.
        """
        from pipeline.registry.active import SharedModels  # noqa: PLC0415 - imports FAISS and onnxruntime

        second = Pipeline(self.config, self.lock, read_only=True)
        second._models = SharedModels(second.database, self._models)
        return second

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts: (n, dimension) float32, rows of length 1. Raises ModelError."""
        return self.embedder.encode(texts)

    def show(self, document: str) -> DocumentDetail:
        """How one document was read, page by page, and what lies in it. Raises UsageError."""
        from pipeline.storage import detail  # noqa: PLC0415

        return detail.find(self.database, document)

    def documents(self, **filters: Unpack[FilterOptions]) -> list[DocumentRow]:
        """Every document with its state and all its paths. Raises UsageError."""
        return listing.documents(self.database, filtering.checked(self.config, filters))

    def similar(
        self,
        document: str,
        *,
        page: int | None = None,
        start: int | None = None,
        limit: int | None = None,
        **filters: Unpack[FilterOptions],
    ) -> tuple[SimilarHit, ...]:
        """The documents most like one; with a page, the passages of others like those on it, or like that at `start`.

        Raises UsageError.
        """
        from pipeline.search.similar import Comparison  # noqa: PLC0415 - imports FAISS

        wanted = self.config.search.limit if limit is None else limit
        comparison = Comparison(self.database, self._models.current(), self._masker)
        return comparison.like(document, (page, start), wanted, filtering.checked(self.config, filters))

    def duplicates(
        self, *, threshold: float = 0.6, progress: Stages | None = None, **filters: Unpack[FilterOptions]
    ) -> tuple[DuplicateGroup, ...]:
        """Groups of documents with so much of their text in common, copies included. Raises UsageError, Stopped."""
        from pipeline.search.duplicates import Duplicates  # noqa: PLC0415 - what only this needs

        narrowed = filtering.checked(self.config, filters)
        with self._stopping.work():
            return Duplicates(self.database, progress, self._stopping.event.is_set).groups(threshold, narrowed)

    @property
    def alerts(self) -> Alerts:
        """The searches that are kept, and what came for them: save(), every(), remove(), pending(), told()."""
        return Alerts(self.database, self.answer, time.time)

    def counts(self) -> JobCounts:
        """Files by state."""
        return self._jobs.counts()

    def unread(self) -> dict[str, int]:
        """What was not read, or not for certain, summed over all documents."""
        return listing.unread(self.database)

    def codes(self) -> dict[Code, int]:
        """How many documents ended under each code, those within others included."""
        return listing.codes(self.database)

    def model_status(self) -> ModelStatus:
        """Which model embeds, which did before, and which is being changed to; a new index will have the configured."""
        status = vector_sets.status(self.database)
        return status if status.active else replace(status, active=self.config.model.name)

    def totals(self) -> dict[str, int]:
        """How many documents, pages, chunks and vectors are kept."""
        return listing.totals(self.database)

    @property
    def embedder(self) -> "Embedder":
        """The verified active model. Raises ModelError."""
        return self._models.current().embedder

    def activate(self, name: str, progress: "Progress", *, gated: bool = True) -> ActivationReport:
        """Embed the index with another model and switch to it; searches are served by the old one until then.

        Raises ModelError when the model is below models.gate, is not verified, or would not see whole passages;
        StoreError when the disk is short; Stopped, after which the next call goes on.
        """
        from pipeline.registry import catalogue  # noqa: PLC0415 - what only this needs

        installed = catalogue.find(self.config.models_path, name)
        if gated:
            from pipeline.evaluation import gate  # noqa: PLC0415

            gate.refuse(gate.measure(self.config.models_path, installed, self.config.models.gate))
        with self._activation(installed, progress) as activation:
            return activation.activate()

    def roll_back(self, progress: "Progress") -> ActivationReport:
        """Switch back to the model that was active before; instant but for passages that came since."""
        from pipeline.activation import previous  # noqa: PLC0415
        from pipeline.registry import catalogue  # noqa: PLC0415

        before = previous(self.database)
        installed = catalogue.find_built(self.config.models_path, before.name, before.sha256)
        with self._activation(installed, progress) as activation:
            return activation.roll_back()

    @contextmanager
    def _activation(self, installed: "Installed", progress: "Progress") -> "Iterator[Activation]":
        from pipeline.activation import Activation  # noqa: PLC0415
        from pipeline.registry.runtime import Embedder  # noqa: PLC0415

        with self._stopping.work():
            target = Embedder(installed.folder, self.config.model.threads, self._stopping.event)
            try:
                yield Activation(
                    self.database, self._audit, self.config, target, installed, self._stopping.event, progress
                )
            finally:
                target.close()

    @cached_property
    def _runs(self) -> "Runs":
        from pipeline.runs import Runs  # noqa: PLC0415 - what only a run needs
        from pipeline.wiring import Store  # noqa: PLC0415

        store = Store(self.database, self._audit, self._documents, self._jobs, self._words)
        return Runs(self.config, store, self._models, self._languages, self._stopping)

    @cached_property
    def _searcher(self) -> "Searcher":
        from pipeline.search.searcher import Searcher  # noqa: PLC0415 - imports FAISS

        active = partial(self._models.current, to_search=True)
        return Searcher(self.database, self._words, self.config.search, active, self._masker)

    @property
    def _masker(self) -> Masker:
        return Masker(self.database, self.config.sensitivity)

    @cached_property
    def _words(self) -> "Lexicon":
        from pipeline.storage.lexicon.lexicon import Lexicon  # noqa: PLC0415 - imports numpy

        return Lexicon(self.database)

    @cached_property
    def _models(self) -> "Models":
        from pipeline.registry.active import ActiveModels  # noqa: PLC0415 - imports FAISS and onnxruntime
        from pipeline.registry.runtime import Embedder  # noqa: PLC0415

        make = partial(Embedder, threads=self.config.model.threads, stop=self._stopping.event)
        return ActiveModels(self.database, self.config.models_path, self.config.model.name, make)

    def _active(self) -> "ActiveModel":
        """The active model, loaded no earlier than it is asked for."""
        return self._models.current()

    def examine(self) -> list[Check]:
        """Checks of the installation, the machine, the model and the store."""
        from pipeline.evaluation import hardware  # noqa: PLC0415 - imports onnxruntime

        machine = [Check(found.name, True, found.finding) for found in hardware.checks()]
        return [*machine, *health.examine(self.config, self.database, self.vector_ids)]

    def vector_ids(self) -> list[int]:
        """Chunk ids that the vector index holds, once it is brought up to date: for checks against the store."""
        index = self._models.current().index
        index.catch_up()
        return index.ids()

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

"""Runs over files until all have come to an end, or until stopped, each with one model."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.config import Config
from pipeline.errors import ModelChanged
from pipeline.insight.language import LanguageGuesser
from pipeline.insight.reinspect import reinspect
from pipeline.insight.relabel import Relabelling
from pipeline.outcomes import State
from pipeline.registry.active import Models
from pipeline.reports import FileGone, FileOutcome, IngestReport
from pipeline.runner import Runner
from pipeline.stopping import Stopping
from pipeline.storage import listing
from pipeline.wiring import Store, wired

Report = Callable[[FileOutcome | FileGone], None]


class Runs:
    """The runs of one Pipeline, one at a time."""

    def __init__(
        self, config: Config, store: Store, models: Models, languages: LanguageGuesser, stopping: Stopping
    ) -> None:
        self._config = config
        self._store = store
        self._models = models
        self._languages = languages
        self._stopping = stopping

    def drain(self, scopes: Sequence[Path], report: Report) -> IngestReport:
        """Bring every file at or below the scopes to its end."""
        started = time.monotonic()
        self.run(scopes, lambda runner: runner.once(scopes), report)
        outcomes = listing.outcomes(self._store.database, [os.fsencode(scope) for scope in scopes])
        states = {state: sum(1 for one in outcomes if one.state is state) for state in State}
        return IngestReport(
            files=len(outcomes),
            states=states,
            incomplete=tuple(one for one in outcomes if one.state is not State.INDEXED),
            seconds=time.monotonic() - started,
        )

    def run(self, scopes: Sequence[Path], work: Callable[[Runner], None], report: Report) -> None:
        """Do the work, beginning again with the other model when the index is switched to one meanwhile."""
        with self._stopping.work():
            while True:
                try:
                    with self._running(scopes, report) as runner:
                        return work(runner)
                except ModelChanged:
                    self._stopping.resume()  # the run stopped its workers; what they had in hand is queued again

    @contextmanager
    def _running(self, scopes: Sequence[Path], report: Report) -> Iterator[Runner]:
        """One run with one model. What is derived from stored text is brought up to the configuration first."""
        active, store, stop = self._models.current(), self._store, self._stopping.event
        with wired(self._config, scopes, active, store, self._languages, stop) as tools:
            relabelling = Relabelling(store.database, store.audit, active.model, tools.clock)
            relabelling.run(tools.labellers, tools.assessor, stop.is_set)
            reinspect(store.database, tools.inspector, tools.assessor, stop.is_set)
            tools.assessor.assess_all()
            runner = Runner(tools, self._config, stop, report)
            with self._stopping.waking(runner.wake):
                yield runner

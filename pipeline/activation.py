"""Changes the model of an index: embeds every passage anew beside the old vectors, then switches in one transaction.

The old set serves all searches until the new one is complete; killed at any moment, the next call goes on where this
one was, since what is missing is read from the store. The set of before is kept, so that switching back is instant.
"""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.config import Config
from pipeline.errors import ModelError, Stopped, StoreError, UsageError
from pipeline.insight.labelling.labellers import Labellers
from pipeline.insight.labelling.learning import Learning
from pipeline.insight.names import card
from pipeline.insight.relabel import Relabelling
from pipeline.insight.sensitivity import Assessor
from pipeline.registry.active import stored_model
from pipeline.registry.catalogue import Installed
from pipeline.registry.runtime import Embedder
from pipeline.reports import ActivationReport
from pipeline.storage import vector_sets
from pipeline.storage.audit import Audit, Event
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import Role, VectorModel
from pipeline.storage.vectors import VectorIndex, cache_file

BATCH = 32  # passages embedded and stored at a time, about a second's worth: what a kill costs
ROW_BYTES = 64  # of SQLite beside a vector's codes: keys, headers, page slack
RESERVE_BYTES = 64 << 20  # left free for everything else that the store does meanwhile

Progress = Callable[[int, int], None]  # passages embedded so far, and in all


@dataclass(frozen=True, slots=True)
class Activation:
    """One change of model, with what it needs. `target` is loaded and verified."""

    database: Database
    audit: Audit
    config: Config
    target: Embedder
    installed: Installed
    stop: threading.Event
    progress: Progress

    def activate(self) -> ActivationReport:
        """Complete the target's vectors and switch to them. Raises ModelError, StoreError, Stopped.

        For the active model itself this only fills gaps, if there are any.
        """
        model = stored_model(self.database, self.installed)
        active = vector_sets.current(self.database, Role.ACTIVE)
        self._check_length(active)
        self._check_room(model)
        if active is None or active.id != model.id:
            vector_sets.assign(self.database, Role.TARGET, model)
        return self._run(model, Event.MODEL_ACTIVATED)

    def roll_back(self) -> ActivationReport:
        """Switch back to the set of before, after passages that came since are embedded with it too."""
        model = stored_model(self.database, self.installed)
        self._check_room(model)
        return self._run(model, Event.MODEL_ROLLED_BACK)

    def _run(self, model: VectorModel, event: Event) -> ActivationReport:
        started = time.monotonic()
        embedded = cut_short = 0
        while True:
            more, cut = self._embed_missing(model)
            embedded, cut_short = embedded + more, cut_short + cut
            VectorIndex(self.database, model).catch_up_and_save()  # else the first search after the switch builds it
            if self._switch(model, event):
                break
        _remove_other_caches(self.database)
        finds_names = card.read(self.installed.folder, self.installed.manifest) is not None
        seconds = time.monotonic() - started
        return ActivationReport(model.name, model.sha256, embedded, cut_short, seconds, finds_names)

    def _embed_missing(self, model: VectorModel) -> tuple[int, int]:
        """Embed what has no vector of this model; how many passages that were, and how many of them were cut short."""
        waiting = vector_sets.count_missing(self.database, model)
        done = cut_short = last = 0
        self.progress(0, waiting)
        while chunks := vector_sets.missing(self.database, model, last, BATCH):
            if self.stop.is_set():
                raise Stopped
            vectors = self.target.encode([chunk.text for chunk in chunks])
            codes = vector_sets.encode(vectors, model.scale)
            vector_sets.add(self.database, model, [chunk.id for chunk in chunks], codes)
            cut_short += sum(not self.target.is_seen_whole(chunk.text) for chunk in chunks)
            last = chunks[-1].id
            done += len(chunks)
            self.progress(done, max(done, waiting))
        return done, cut_short

    def _switch(self, model: VectorModel, event: Event) -> bool:
        """Make the set active and label all documents in its terms; False when passages came meanwhile."""
        learning = Learning(self.database, self.config.labels, model, self.target.encode)
        assessor = Assessor(self.database, self.audit, self.config.sensitivity)
        with self.database.atomic():
            if vector_sets.is_active(self.database, model):
                return not vector_sets.missing(self.database, model, 0, 1)
            if not vector_sets.switch(self.database, model):
                return False
            labellers = Labellers.of(learning, tuple(self.config.labels.sets))
            Relabelling(self.database, self.audit, model, time.time).run(labellers, assessor, _never)
            self.audit.record(event, model=model.sha256)
        return True

    def _check_length(self, active: VectorModel | None) -> None:
        """Refuse a model that would not see the ends of passages as they were cut."""
        longest = vector_sets.passage_tokens(self.database) or 0
        room = self.target.max_passage_tokens
        if active is not None and room < longest and not self._is_known(active):
            raise ModelError(
                "model_too_short",
                f"`{self.installed.manifest.name}` sees {room} tokens, but the index has passages of up to {longest}.",
                "Start an index of its own for it: another store.path with model.name set to it.",
            )

    def _is_known(self, active: VectorModel) -> bool:
        """Whether this is the active model or the one before: their passages are what they are."""
        before = vector_sets.current(self.database, Role.PREVIOUS)
        known = {active.sha256, before.sha256 if before else ""}
        return self.installed.manifest.model.sha256 in known

    def _check_room(self, model: VectorModel) -> None:
        """Refuse before the disk fills: the vectors in SQLite and its log, and the index file twice while written."""
        missing = vector_sets.count_missing(self.database, model)
        per_passage = 2 * (model.dimension + ROW_BYTES) + 2 * (model.dimension + 8)
        needed = missing * per_passage + RESERVE_BYTES
        free = shutil.disk_usage(self.database.folder).free
        if missing and free < needed:
            raise StoreError(
                "disk_short",
                f"Embedding {missing} passages needs {needed >> 20} MB of disk, and {free >> 20} MB are free.",
                "Free space on the disk of store.path, and run the command again; nothing was changed.",
            )


def previous(database: Database) -> VectorModel:
    """The model to roll back to. Raises UsageError."""
    found = vector_sets.current(database, Role.PREVIOUS)
    if found is None:
        raise UsageError("no_previous_model", "There is no earlier model to switch back to.", "Use `models activate`.")
    return found


def _never() -> bool:
    """What is switched is switched whole."""
    return False


def _remove_other_caches(database: Database) -> None:
    kept = {
        cache_file(database.folder, model)
        for role in Role
        if (model := vector_sets.current(database, role)) is not None
    }
    for file in database.folder.glob("vectors-*.faiss"):
        if file not in kept:
            file.unlink(missing_ok=True)

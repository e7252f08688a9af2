"""Gives stored documents their labels anew when labels, examples or the model have changed; reads no document again."""

from collections.abc import Callable

from pipeline.datatypes import Chunk
from pipeline.insight.labelling.labellers import Labellers
from pipeline.insight.sensitivity import Assessor
from pipeline.storage import labels, passage_vectors, texts
from pipeline.storage.audit import Audit, Event
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import VectorModel


class Relabelling:
    """The documents of one store, in the terms of one model. What people said stands."""

    def __init__(self, database: Database, audit: Audit, model: VectorModel, clock: Callable[[], float]) -> None:
        self._database = database
        self._audit = audit
        self._model = model
        self._clock = clock

    def run(self, labellers: Labellers, assessor: Assessor, stopped: Callable[[], bool]) -> int:
        """Bring labels up to date, and levels that follow from them; returns how many documents were looked at.

        Each document is committed by itself, so that it can be stopped at any time, and goes on where it was.
        """
        done = 0
        for document_id in labels.unlabelled(self._database, labellers.fingerprint):
            if stopped():
                break
            with self._database.atomic():
                self._relabel(document_id, labellers, assessor)
            done += 1
        return done

    def _relabel(self, document_id: int, labellers: Labellers, assessor: Assessor) -> None:
        before = self._database.row("SELECT sha256, label FROM documents WHERE id = ?", (document_id,))
        if before is None:
            return
        passages = passage_vectors.of_document(self._database, self._model, document_id)
        pages = list(texts.of_pages(self._database, document_id).values())
        rows = self._database.rows(
            "SELECT page, start, end FROM chunks WHERE document_id = ? ORDER BY id", (document_id,)
        )
        chunks = [Chunk(row["page"], row["start"], row["end"], "") for row in rows]
        found = labellers.label(passages.vectors, pages, chunks)
        labels.put(self._database, document_id, found.by, found.labels, self._clock)
        after = self._database.row("SELECT label FROM documents WHERE id = ?", (document_id,))
        if after is not None and after["label"] != before["label"]:
            self._audit.record(Event.RELABELLED, before["sha256"])
            assessor.assess(document_id)

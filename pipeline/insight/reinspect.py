"""Looks through stored texts again when the detectors or the configuration have changed; reads no document again."""

from collections.abc import Callable

from pipeline.datatypes import PageText
from pipeline.insight.pii.inspector import Inspector
from pipeline.insight.sensitivity import Assessor
from pipeline.storage import findings, texts
from pipeline.storage.database import Database


def reinspect(database: Database, inspector: Inspector, assessor: Assessor, stopped: Callable[[], bool]) -> int:
    """Bring findings up to date; returns how many documents were looked through.

    Each document is committed by itself, so that it can be stopped at any time, and goes on where it was.
    """
    done = 0
    for document_id in findings.uninspected(database, inspector.fingerprint):
        if stopped():
            break
        pages = texts.of_pages(database, document_id)
        found = inspector.inspect([PageText(number, text) for number, text in sorted(pages.items())])
        with database.atomic():  # only now: names take a pass of the model, for which nobody need wait
            if database.row("SELECT 1 FROM documents WHERE id = ?", (document_id,)) is None:
                continue
            findings.put(database, document_id, found.by, found.findings)
            assessor.assess(document_id)
        done += 1
    return done

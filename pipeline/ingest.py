"""The way of one file, as a straight line: process() computes and writes nothing, commit() only writes."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.chunking import split
from pipeline.config import ParsingConfig
from pipeline.datatypes import FileOutcome, Job, Label, ParsedDocument, ProcessedDocument, Vectors
from pipeline.errors import FileUnavailable, ModelChanged
from pipeline.inbox import scanner
from pipeline.inbox.claim import OpenFile, opened
from pipeline.inbox.roots import Roots
from pipeline.insight.classification import Classifier
from pipeline.outcomes import Code, State
from pipeline.registry.active import ActiveModel
from pipeline.storage import vector_sets
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents, StoredDocument
from pipeline.storage.jobs import Jobs


class Parser(Protocol):
    """Reads untrusted bytes somewhere safe."""

    def parse(self, document: int, suffix: str) -> ParsedDocument:
        """The pages of an open file."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts that processing and committing use, wired once in app.py. Threads share them."""

    sandbox: Parser
    active: ActiveModel
    classifier: Classifier
    database: Database
    documents: Documents
    jobs: Jobs
    roots: Roots
    limits: ParsingConfig
    clock: Callable[[], float]


class LeaseLost(Exception):  # noqa: N818 - what happened; the transaction is rolled back and nothing else follows
    """The job is no longer this worker's: the file changed or left, or another worker has it."""


def handle(job: Job, tools: Tools) -> FileOutcome | None:
    """Bring one claimed file to its end and store it; None when the file left or changed and there is nothing to tell.

    Raises Stopped, StoreError, SandboxError and ModelChanged, for which the file is not to blame.
    """
    try:
        if job.size_bytes > tools.limits.max_file_mb * (1 << 20):
            return refuse(job, Code.FILE_TOO_LARGE, tools)
        with opened(job, tools.roots) as file:
            sha256 = file.sha256()
            known = tools.documents.find(sha256)
            if known is not None and _still_good(known):
                file.check_unchanged()
                outcome = _commit_known(job, known, tools)
                tools.active.index.catch_up()  # what lay at the path before may have left
                return outcome
            document = process(file, sha256, tools)
            file.check_unchanged()
        return commit(job, document, tools)
    except LeaseLost:
        tools.jobs.release(job, delay_s=0.0, blameless=True)  # without effect unless it still is this worker's
        return None
    except FileUnavailable as unavailable:
        return _unavailable(job, unavailable, tools)


def process(file: OpenFile, sha256: str, tools: Tools) -> ProcessedDocument:
    """Turn one open file into everything we keep about it. Writes nothing."""
    parsed = tools.sandbox.parse(file.descriptor, file.suffix)  # untrusted bytes are read in a child process
    embedder = tools.active.embedder
    chunks = split(parsed.pages, embedder.token_spans, embedder.max_passage_tokens)
    vectors: Vectors = embedder.encode([chunk.text for chunk in chunks])
    label: Label | None = tools.classifier.classify(vectors)
    return ProcessedDocument(sha256, file.size_bytes, parsed, chunks, vectors, label)


def commit(job: Job, document: ProcessedDocument, tools: Tools) -> FileOutcome:
    """Store the document, close the job and record both, in one transaction. Raises LeaseLost, ModelChanged."""
    model = tools.active.model
    codes = vector_sets.encode(document.vectors, model.scale)
    with tools.database.atomic():
        if not vector_sets.is_active(tools.database, model):
            raise ModelChanged
        known = tools.documents.find(document.sha256)
        if known is not None and _still_good(known):
            return _commit_known(job, known, tools)  # another worker was faster with a copy of the same bytes
        document_id = tools.documents.put(document, codes, model.id)
        tools.documents.attach(job.path, document_id)
        _finish(job, document.parsed.code, tools)
    tools.active.index.catch_up()  # FAISS is a cache of SQLite: rebuilt if it is lost or behind
    return _outcome(job, document.sha256, document.parsed.code)


def refuse(job: Job, code: Code, tools: Tools) -> FileOutcome | None:
    """End a file whose bytes were not identified; what lay at its path before is no longer there."""
    try:
        with tools.database.atomic():
            tools.documents.detach(job.path)
            _finish(job, code, tools)
    except LeaseLost:
        return None
    tools.active.index.catch_up()
    return _outcome(job, None, code)


def _still_good(known: StoredDocument) -> bool:
    """Whether an earlier result stands: it did not fail for want of time, memory or luck."""
    return known.code.state is not State.FAILED


def _commit_known(job: Job, known: StoredDocument, tools: Tools) -> FileOutcome:
    """The same bytes at another path, or again at this one: nothing is read or embedded."""
    with tools.database.atomic():
        if tools.documents.find(known.sha256) is None:
            raise LeaseLost  # forgotten a moment ago: to be read like any other
        tools.documents.attach(job.path, known.id)
        _finish(job, known.code, tools)
    return _outcome(job, known.sha256, known.code, known=True)


def _unavailable(job: Job, unavailable: FileUnavailable, tools: Tools) -> FileOutcome | None:
    if unavailable.code == Code.FILE_UNREADABLE:
        return refuse(job, Code.FILE_UNREADABLE, tools)
    if unavailable.code in _REFUSALS and _is_lasting(job, Code(unavailable.code)):
        return refuse(job, Code(unavailable.code), tools)
    # Gone or changed: the next scan decides which, and what follows from it.
    tools.jobs.release(job, delay_s=1.0, blameless=True)
    return None


_REFUSALS = frozenset(code for code in Code if code.state is State.REFUSED)


def _is_lasting(job: Job, refusal: Code) -> bool:
    """Whether what was scanned is refused, not a link or a pipe that was swapped in for a moment."""
    found = scanner.look(job.path)
    if found is None or found.signature != job.signature:
        return False
    return not (found.is_readable and refusal in (Code.SYMBOLIC_LINK, Code.SPECIAL_FILE))


def _finish(job: Job, code: Code, tools: Tools) -> None:
    if not tools.jobs.finish(job, code):
        raise LeaseLost


def _outcome(job: Job, document: str | None, code: Code, *, known: bool = False) -> FileOutcome:
    return FileOutcome(Path(os.fsdecode(job.path)), document, code, known)

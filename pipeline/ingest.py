"""The way of one file, as a straight line: opened, processed (processing.py), committed in one transaction."""

import os
from pathlib import Path

from pipeline.datatypes import Job, ProcessedDocument, ProcessedMember
from pipeline.errors import FileUnavailable, ModelChanged
from pipeline.inbox import scanner
from pipeline.inbox.claim import opened
from pipeline.outcomes import Code, State
from pipeline.processing import Source, is_good, process
from pipeline.reports import FileOutcome
from pipeline.storage import vector_sets
from pipeline.storage.documents import StoredDocument
from pipeline.tools import Tools


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
            if known is not None and is_good(known, anew=job.anew):
                file.check_unchanged()
                outcome = _commit_known(job, known, tools)
                tools.index()  # what lay at the path before may have left
                return outcome
            source = Source(file.descriptor, file.name, file.size_bytes, sha256)
            document = process(source, tools, anew=job.anew)
            file.check_unchanged()
        return commit(job, document, tools)
    except LeaseLost:
        tools.jobs.release(job, delay_s=0.0, blameless=True)  # without effect unless it still is this worker's
        return None
    except FileUnavailable as unavailable:
        return _unavailable(job, unavailable, tools)


def commit(job: Job, document: ProcessedDocument, tools: Tools) -> FileOutcome:
    """Store the document and all in it, close the job and record it, in one transaction.

    Raises LeaseLost, ModelChanged.
    """
    with tools.database.atomic():
        if not vector_sets.is_active(tools.database, tools.active.model):
            raise ModelChanged
        known = tools.documents.find(document.sha256)
        if known is not None and is_good(known, anew=job.anew):
            return _commit_known(job, known, tools)  # another worker was faster with a copy of the same bytes
        tools.documents.attach(job.path, _store(document, job.anew, tools))
        _finish(job, document.parsed.code, tools)
    tools.index()
    return _outcome(job, document.sha256, document.parsed.code, pages=document.pages)


def refuse(job: Job, code: Code, tools: Tools) -> FileOutcome | None:
    """End a file whose bytes were not identified; what lay at its path before is no longer there."""
    try:
        with tools.database.atomic():
            tools.documents.detach(job.path)
            _finish(job, code, tools)
    except LeaseLost:
        return None
    tools.index()
    return _outcome(job, None, code)


def _store(document: ProcessedDocument, anew: bool, tools: Tools) -> int:
    """Store what lies in a document, then itself; returns its id."""
    lying = [(member.number, member.name, member.code, _id_of(member, anew, tools)) for member in document.members]
    model = tools.active.model
    document_id = tools.documents.put(document, vector_sets.encode(document.vectors, model.scale), model.id)
    tools.documents.put_members(document_id, lying)
    tools.assessor.assess(document_id)
    return document_id


def _id_of(member: ProcessedMember, anew: bool, tools: Tools) -> int | None:
    """The id of a member's document: stored now, or known before. None when it was not read."""
    sha256 = member.sha256 if member.document is None else member.document.sha256
    if sha256 is None:
        return None
    known = tools.documents.find(sha256)
    if member.document is None:
        if known is None:
            raise LeaseLost  # forgotten a moment ago: to be read like any other
        return known.id
    if known is not None and is_good(known, anew=anew):
        return known.id  # the same attachment lies in a mail that was stored meanwhile, or twice in this one
    return _store(member.document, anew, tools)


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


def _outcome(job: Job, document: str | None, code: Code, *, known: bool = False, pages: int = 0) -> FileOutcome:
    return FileOutcome(Path(os.fsdecode(job.path)), document, code, known, pages)

"""A copy of a PDF document as a PDF, without what is to be taken out of it; the original is only read."""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pipeline.config import Config
from pipeline.datatypes import Job
from pipeline.errors import FileUnavailable, RedactionError, UsageError
from pipeline.inbox.claim import OpenFile, opened
from pipeline.inbox.roots import Roots
from pipeline.parsing import passwords
from pipeline.parsing.extraction import Extraction
from pipeline.parsing.redaction.locating import Target as Value
from pipeline.parsing.redaction.redactor import Redactor
from pipeline.parsing.redaction.scans import scans
from pipeline.parsing.zygote import launcher
from pipeline.redaction.places import Target
from pipeline.redaction.text import Replace


def copy(config: Config, file: OpenFile, taken: Iterable[Target], replace: Replace, out: BinaryIO) -> int:
    """Write the copy of an open file; returns its pages. Raises RedactionError, with nothing written, SandboxError.

    A page that shows pictures is read by text recognition, so that what is taken out is found in them, too.
    """
    stop = threading.Event()
    known = passwords.load(config.passwords_path)
    parsers = launcher(config.network.enforcement)
    recognition = scans(config, Extraction(parsers, config.parsing, stop, known), stop)
    try:
        redactor = Redactor(parsers, config.parsing, stop, known, recognition)
        made = redactor.redact(file.descriptor, ".pdf", _values(taken, replace), out)
    finally:
        if recognition is not None:
            recognition.close()
        parsers.close()
    if made.not_located:
        raise RedactionError("redaction_incomplete", f"Not all could be found where it shows {_on(made.not_located)}.")
    if made.remaining:
        raise RedactionError(
            "redaction_incomplete", f"Something could still be read in the copy {_on(made.remaining)}."
        )
    return made.pages


@contextmanager
def original(config: Config, paths: Iterable[Path], sha256: str) -> Iterator[OpenFile]:
    """The file of a document, held open, with the very bytes that were read. Raises UsageError."""
    with ExitStack() as held:
        for path in paths:
            with suppress(FileUnavailable, OSError):
                job = Job(os.fsencode(path), "", path.lstat().st_size, 1, "")
                file = held.enter_context(opened(job, Roots.of([config.inbox_path])))
                if file.sha256() == sha256:
                    break
        else:
            message = "The document is no file by itself, or the file is gone or has changed."
            advice = "Write a text instead, with --out FILE.txt, or take it out of the file that holds it and read it."
            raise UsageError("original_missing", message, advice)
        yield file


def _values(taken: Iterable[Target], replace: Replace) -> Mapping[int, list[Value]]:
    found: dict[int, list[Value]] = {}
    for one in taken:
        found.setdefault(one.page, []).append(Value(one.value, replace(one)))
    return found


def _on(pages: Iterable[int]) -> str:
    numbers = sorted(set(pages) - {0})
    if not numbers:
        return "as a whole"
    shown = ", ".join(map(str, numbers[:10])) + (", ..." if len(numbers) > 10 else "")
    return f"on page{'' if len(numbers) == 1 else 's'} {shown}"

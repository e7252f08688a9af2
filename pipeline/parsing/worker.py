"""The parser child: reads one untrusted document and answers in frames. It reaches no stored data and no network.

Two ways to run it, with the same reading in the middle:
`python -m pipeline.parsing.worker required FD` stays as a zygote and forks one child per request that arrives on
descriptor FD; `… required once` reads one request and the document from standard input (no fork: Windows). With
`best_effort` for `required` it goes on where the kernel offers no lock.
"""

import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from pipeline.isolation import lockdown, process
from pipeline.isolation.lockdown import Lock
from pipeline.outcomes import Code
from pipeline.parsing import detection, effort, forking, typeset, unlocking
from pipeline.parsing.cleaning import clean, clean_name
from pipeline.parsing.forking import Work
from pipeline.parsing.protocol import (
    Finished,
    Frame,
    Member,
    Opened,
    Page,
    Piece,
    Request,
    Task,
    write_frame,
)
from pipeline.parsing.readers import packing
from pipeline.parsing.reading import Reader, ReadingEnded


def read(file: BinaryIO, request: Request) -> Iterator[Frame]:
    """The frames of one document. Whatever it does to its reader ends in a Finished frame, if the process survives."""
    try:
        if request.task is Task.PACK:  # of these bytes each is a value, and none says anything
            yield from packing.packed(file, request)
            yield Finished()
            return
        file = unlocking.unlocked(file, request)
        module = detection.reader_for(file, request.suffix)
        if request.task is Task.READ:
            reader: Reader = module.read
            yield from _within_limits(reader(file, request), request)
        else:
            yield from _taken_out(getattr(module, request.task, _nothing), file, request)
    except ReadingEnded as end:
        yield Finished(end.code)
    except MemoryError:
        yield Finished(Code.PARSER_MEMORY)
    except Exception:
        yield Finished(Code.STRUCTURE_DAMAGED)


def _within_limits(frames: Iterator[Opened | Page], request: Request) -> Iterator[Frame]:
    text_bytes, is_typeset = 0, False
    for frame in frames:
        if isinstance(frame, Page):
            if frame.number > request.max_pages:
                yield Finished(Code.PAGE_LIMIT)
                return
            cleaned = clean(typeset.as_written(frame.text) if is_typeset else frame.text)
            encoded = cleaned.encode("utf-8")
            room = request.max_text_bytes - text_bytes
            if len(encoded) > room:
                cut = encoded[:room].decode("utf-8", "ignore")
                yield msgspec.structs.replace(frame, text=cut)
                yield Finished(Code.TEXT_LIMIT)
                return
            text_bytes += len(encoded)
            yield msgspec.structs.replace(frame, text=cleaned)
        else:
            is_typeset = frame.format == "pdf"
            yield frame
    yield Finished()


def _taken_out(
    extract: Callable[[BinaryIO, Request], Iterator[Frame]], file: BinaryIO, request: Request
) -> Iterator[Frame]:
    """What else than its text; names as every later part can hold them, within the bytes that were allowed."""
    taken_bytes = 0
    for frame in extract(file, request):
        if isinstance(frame, Member):
            if frame.number > request.max_members:
                yield Finished(Code.MEMBER_LIMIT)
                return
            yield msgspec.structs.replace(frame, name=clean_name(frame.name))
            continue
        if isinstance(frame, Piece) and request.task is Task.MEMBERS:
            taken_bytes += len(frame.content)
            if taken_bytes > request.max_member_bytes:
                yield Finished(Code.MEMBER_LIMIT)
                return
        yield frame
    yield Finished()


def _nothing(_file: BinaryIO, _request: Request) -> Iterator[Frame]:
    """What a reader without members or pictures gives."""
    return iter(())


def answer(message: bytes, document: BinaryIO, stream: BinaryIO, lock: Lock) -> None:
    """Answer one request about an open document. The clock is first, since the lock forbids timers.

    From then on this process can only read the document.
    """
    request = msgspec.json.decode(message, type=Request)
    effort.start_clock()
    lockdown.lock_reader(lock, process.ResourceLimits(request.address_space_bytes, request.cpu_s))
    for frame in read(document, request):
        write_frame(stream, frame)


def main(arguments: list[str]) -> None:
    """Entry point of the child process."""
    enforcement, source = arguments
    forking.run(enforcement, source, Work(_lock, detection.warm_up, answer))


def _lock(required: bool) -> Lock:
    return lockdown.lock_parser(required=required)


if __name__ == "__main__":
    main(sys.argv[1:])

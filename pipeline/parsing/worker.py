"""The parser child: reads one untrusted document and answers in frames. It reaches no stored data and no network.

Two ways to run it, with the same reading in the middle:
`python -m pipeline.parsing.worker required FD` stays as a zygote and forks one child per request that arrives on
descriptor FD; `… required once` reads one request and the document from standard input (no fork: Windows). With
`best_effort` for `required` it goes on where the kernel offers no lock.
"""

import contextlib
import io
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from pipeline.errors import LockError
from pipeline.isolation import lockdown, process
from pipeline.isolation.channel import Channel
from pipeline.isolation.lockdown import Lock
from pipeline.outcomes import Code
from pipeline.parsing import detection, effort
from pipeline.parsing.protocol import (
    LENGTH,
    Bitmap,
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
from pipeline.parsing.reading import Extractor, Reader, ReadingEnded

MAX_NAME_CHARACTERS = 255  # of a member


def read(file: BinaryIO, request: Request) -> Iterator[Frame]:
    """The frames of one document. Whatever it does to its reader ends in a Finished frame, if the process survives."""
    try:
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
    text_bytes = 0
    for frame in frames:
        if isinstance(frame, Page):
            if frame.number > request.max_pages:
                yield Finished(Code.PAGE_LIMIT)
                return
            cleaned = clean(frame.text)
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
            yield frame
    yield Finished()


def _taken_out(extract: Extractor, file: BinaryIO, request: Request) -> Iterator[Frame]:
    """Members or pictures, with names that every later part can hold, within the bytes that were allowed."""
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


def _nothing(_file: BinaryIO, _request: Request) -> Iterator[Member | Bitmap | Piece]:
    """What a reader without members or pictures gives."""
    return iter(())


def clean_name(name: str) -> str:
    """A member's name for people: on one line, without control characters, its end kept where it is long."""
    return " ".join(clean(name).split())[-MAX_NAME_CHARACTERS:]


def clean(text: str) -> str:
    """Text that every later part can hold: line ends as \\n, no control characters, no lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins pairs, replaces lone halves
    return text.translate(_CONTROLS)


_CONTROLS = dict.fromkeys((*range(9), 11, *range(14, 32), *range(127, 160), 65279)) | {0x85: "\n"}


def serve(channel: Channel, lock: Lock) -> None:
    """Fork one child per request until the coordinator hangs up. `lock` holds this process already."""
    process.freeze_memory()
    while (received := channel.receive(max_descriptors=2)) is not None:
        message, (document, answer) = received
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            process.die_with_parent(parent)
            process.close_all_but({document, answer})
            _answer_and_exit(message, document, answer, lock)
        os.close(document)
        os.close(answer)
        pidfd = [os.pidfd_open(child)] if hasattr(os, "pidfd_open") else []
        channel.send(str(child).encode(), pidfd)
        for descriptor in pidfd:
            os.close(descriptor)
        with contextlib.suppress(ChildProcessError):  # reap those that ended; never before their pidfd was taken
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _answer_and_exit(message: bytes, document: int, answer: int, lock: Lock) -> None:
    try:
        request = msgspec.json.decode(message, type=Request)
        _confine(request, lock)
        with open(document, "rb") as file, open(answer, "wb") as stream:
            file.seek(0)
            for frame in read(file, request):
                write_frame(stream, frame)
    finally:
        os._exit(0)  # no clean-up code of a library that a document may have bent


def once(stdin: BinaryIO, stdout: BinaryIO, lock: Lock) -> None:
    """Answer one request that is followed by the document's bytes, all on standard input. `lock` holds already."""
    (length,) = LENGTH.unpack(stdin.read(LENGTH.size))
    request = msgspec.json.decode(stdin.read(length), type=Request)
    document = io.BytesIO(stdin.read())
    _confine(request, lock)
    for frame in read(document, request):
        write_frame(stdout, frame)


def _confine(request: Request, lock: Lock) -> None:
    """From here on this process can only read the document. The clock is first, since the lock forbids timers."""
    effort.start_clock()
    lockdown.lock_reader(lock, process.ResourceLimits(request.address_space_bytes, request.cpu_s))


def main(arguments: list[str]) -> None:
    """Entry point of the child process; libraries are kept from writing document text to standard error."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(3000)  # deep structures fail as one page's exception, well before the C stack ends
    enforcement, source = arguments
    try:
        lock = lockdown.lock_parser(required=enforcement != "best_effort")
    except LockError as error:
        sys.exit(error.exit_status)
    if source == "once":
        once(sys.stdin.buffer, sys.stdout.buffer, lock)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    detection.warm_up()
    serve(Channel.inherited(int(source)), lock)


if __name__ == "__main__":
    main(sys.argv[1:])

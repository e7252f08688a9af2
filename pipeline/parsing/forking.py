"""The frame of every child process: locked first, then one fork per request, or one request in a fresh process.

What is answered is the business of the module that is started (worker.py, ocr/worker.py).
"""

import contextlib
import io
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from pipeline.errors import LockError
from pipeline.isolation import process
from pipeline.isolation.channel import Channel
from pipeline.isolation.lockdown import Lock
from pipeline.parsing.protocol import LENGTH

# Is given the request as it arrived, the open bytes that it is about, where to write the answer, and the lock that
# holds this process already; takes the rest of the lock before it looks at the bytes.
Answer = Callable[[bytes, BinaryIO, BinaryIO, Lock], None]


@dataclass(frozen=True, slots=True)
class Work:
    """What one kind of child does: takes its lock (`required` or not), makes ready to be forked, answers."""

    lock: Callable[[bool], Lock]
    prepare: Callable[[], None]
    answer: Answer


def run(enforcement: str, source: str, work: Work) -> None:
    """Be such a process. `source` is the number of a descriptor on which requests arrive, or `once`.

    Libraries are kept from writing what they read to standard error. Ends with LockError's status where the lock is
    `required` and cannot be taken.
    """
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(3000)  # deep structures fail as one page's exception, well before the C stack ends
    try:
        lock = work.lock(enforcement != "best_effort")
    except LockError as error:
        sys.exit(error.exit_status)
    if source == "once":
        _once(sys.stdin.buffer, sys.stdout.buffer, lock, work.answer)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    work.prepare()
    _serve(Channel.inherited(int(source)), lock, work.answer)


def _serve(channel: Channel, lock: Lock, answer: Answer) -> None:
    """Fork one child per request until the coordinator hangs up."""
    process.freeze_memory()
    while (received := channel.receive(max_descriptors=2)) is not None:
        message, (document, stream) = received
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            process.die_with_parent(parent)
            process.close_all_but({document, stream})
            _answer_and_exit(message, document, stream, lock, answer)
        os.close(document)
        os.close(stream)
        pidfd = [os.pidfd_open(child)] if hasattr(os, "pidfd_open") else []
        channel.send(str(child).encode(), pidfd)
        for descriptor in pidfd:
            os.close(descriptor)
        with contextlib.suppress(ChildProcessError):  # reap those that ended; never before their pidfd was taken
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _answer_and_exit(message: bytes, document: int, stream: int, lock: Lock, answer: Answer) -> NoReturn:
    try:
        with open(document, "rb") as file, open(stream, "wb") as line:
            file.seek(0)
            answer(message, file, line, lock)
    finally:
        os._exit(0)  # no clean-up code of a library that a document may have bent


def _once(stdin: BinaryIO, stdout: BinaryIO, lock: Lock, answer: Answer) -> None:
    """Answer one request that is followed by the bytes that it is about, all on standard input."""
    (length,) = LENGTH.unpack(stdin.read(LENGTH.size))
    message = stdin.read(length)
    answer(message, io.BytesIO(stdin.read()), stdout, lock)

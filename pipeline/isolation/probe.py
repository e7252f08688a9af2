"""The process that tries every way out, as one of the product's processes: `python -m pipeline.isolation.probe ROLE`.

Takes the lock of its role exactly as the product does, tries each attempt in a child of its own, and prints what came
of it as JSON. It reads no document and opens no store.
"""

import errno
import os
import select
import signal
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import msgspec

from pipeline import config as configuration
from pipeline.isolation import attempts, lockdown, process, sealing
from pipeline.isolation.attempts import Attempt, Sink
from pipeline.isolation.listener import Listener
from pipeline.isolation.lockdown import NO_LOCK, Lock

PATIENCE_S = 15.0  # for one attempt; each gives up by itself long before
_LIMITS = process.ResourceLimits(address_space_bytes=1 << 30, cpu_s=20)
# What the lock answers. Any other error means that the attempt failed for another reason, and proves nothing.
_REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.ENOSYS, errno.EBADF})


class Role(StrEnum):
    """Whose lock is taken: nobody's, that of the process with the store, that of the one that reads a document.

    WATCHER is such a process that answers others, with a listener. INHERITED takes none, and has that of the process
    that starts the probe.
    """

    UNLOCKED = "unlocked"
    SERVICE = "service"
    WATCHER = "watcher"
    READER = "reader"
    INHERITED = "inherited"


class Assignment(msgspec.Struct, frozen=True):
    """What the probe is told on standard input. `names` are the attempts to make, in this order."""

    sink: Sink
    names: tuple[str, ...]
    config_file: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: `out`, `refused`, `killed`, `unavailable`, or `unclear`; `detail` names the error."""

    result: str
    detail: str = ""

    @property
    def is_refusal(self) -> bool:
        """Whether the lock prevented it."""
        return self.result in ("refused", "killed")


class Report(msgspec.Struct, frozen=True):
    """What the probe answers."""

    lock: Lock
    outcomes: dict[str, Outcome]


def try_out(attempt: Attempt, sink: Sink) -> Outcome:
    """Make one attempt in this process, which it may end."""
    try:
        attempt(sink)
    except attempts.Unavailable:
        return Outcome("unavailable")
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return Outcome("refused" if error.errno in _REFUSALS else "unclear", name)
    except Exception as error:  # an attempt must not end the proof
        return Outcome("unclear", type(error).__name__)
    return Outcome("out")


def in_children(role: Role, lock: Lock, sink: Sink, names: Iterable[str]) -> dict[str, Outcome]:
    """Make attempts one after the other, each in a forked child that is locked as the role asks."""
    known = {attempt.__name__: attempt for attempt in attempts.ALL}
    return {name: _in_child(known[name], role, lock, sink) for name in names}


def _in_child(attempt: Attempt, role: Role, lock: Lock, sink: Sink) -> Outcome:
    parent = os.getpid()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if role is Role.READER:  # as worker.py does it
                process.die_with_parent(parent)
                process.close_all_but({write_end})
                lockdown.lock_reader(lock, _LIMITS)
            os.write(write_end, msgspec.json.encode(try_out(attempt, sink)))
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb", buffering=0) as answer:
        said = answer.read(4096) if select.select([answer], [], [], PATIENCE_S)[0] else None
    if said is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if said:
        return msgspec.json.decode(said, type=Outcome)
    if said is not None and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS:
        return Outcome("killed", "SIGSYS")
    return Outcome("unclear", "no answer")


def main(role: Role, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Read an Assignment, print a Report."""
    warnings.simplefilter("ignore")
    assignment = msgspec.json.decode(stdin.read(), type=Assignment)
    match role:
        case Role.SERVICE | Role.WATCHER:
            config = configuration.load(configuration.find(Path(assignment.config_file)))
            # Beside the store: a watcher may be at work there.
            door = Listener.open(Path(assignment.sink.folder), "door") if role is Role.WATCHER else None
            lock = sealing.take_lock(config, listener=door)
        case Role.READER:
            lock = lockdown.lock_parser(required=True)
        case _:
            lock = NO_LOCK
    stdout.write(msgspec.json.encode(Report(lock, in_children(role, lock, assignment.sink, assignment.names))))


if __name__ == "__main__":
    main(Role(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)

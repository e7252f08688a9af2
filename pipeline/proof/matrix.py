"""Every way out, tried without a lock, as the service, as a watcher, as a document's reader. Opens no document."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.errors import LockError
from pipeline.isolation import attempts, probe
from pipeline.isolation.attempts import Sink
from pipeline.isolation.lockdown import Lock
from pipeline.isolation.probe import Assignment, Outcome, Report, Role
from pipeline.isolation.sink import Listeners

_PROBE_TIMEOUT_S = 120.0
_LANDLOCK_SCOPES = 6  # the version since which signals to processes outside are refused
_ALLOW_ANY_TRACER = "import ctypes, time; ctypes.CDLL(None).prctl(0x59616D61, -1, 0, 0, 0); time.sleep(600)"
_CONTROLS = ("tcp4", "udp")  # without these, silence would say nothing


@dataclass(frozen=True, slots=True)
class Row:
    """One attempt: what it is, and what came of it in each role. `arrived`: unlocked, its message was received."""

    name: str
    meaning: str
    unlocked: Outcome
    service: Outcome
    watcher: Outcome
    reader: Outcome
    service_must_refuse: bool
    watcher_must_refuse: bool
    reader_must_refuse: bool
    arrived: bool

    @property
    def holds(self) -> bool:
        """Whether the lock did all that it promises."""
        return (
            _fine(self.service, self.unlocked, self.service_must_refuse)
            and _fine(self.watcher, self.unlocked, self.watcher_must_refuse)
            and _fine(self.reader, self.unlocked, self.reader_must_refuse)
        )


@dataclass(frozen=True, slots=True)
class Matrix:
    """All attempts, and what the lock consisted of. `leaked` names attempts whose message arrived in spite of it."""

    rows: tuple[Row, ...]
    service_lock: Lock
    watcher_lock: Lock
    reader_lock: Lock
    leaked: tuple[str, ...]

    @property
    def controlled(self) -> bool:
        """Whether the same attempts get out of an unlocked process here: else their failure proves nothing."""
        return {row.name for row in self.rows if row.arrived}.issuperset(_CONTROLS)

    @property
    def holds(self) -> bool:
        """Whether every promise was kept and nothing arrived."""
        return not self.leaked and all(row.holds for row in self.rows)


def measure(config_file: Path, folder: Path) -> Matrix:
    """Run all attempts; `folder` is empty and of this process's own. Needs sockets: never in a locked process.

    Raises LockError when a probe cannot take its lock, OSError when nothing can listen on the loopback here.
    """
    outside, file = folder / "outside", folder / "file"
    outside.mkdir()
    file.write_text("no document\n", encoding="utf-8")
    with _outsider() as pid, Listeners(outside, outsider=pid, outside_file=file) as listeners:
        found: dict[Role, tuple[Report, frozenset[str]]] = {}
        for role in (Role.UNLOCKED, Role.SERVICE, Role.WATCHER, Role.READER):
            report = run_probe(role, listeners.target, _names(attempts.ALL), config_file)
            found[role] = (report, listeners.received())
    unlocked, arrived = found[Role.UNLOCKED]
    service, from_service = found[Role.SERVICE]
    watcher, from_watcher = found[Role.WATCHER]
    reader, from_reader = found[Role.READER]
    service_refuses, reader_refuses = promised(Role.SERVICE, service.lock), promised(Role.READER, reader.lock)
    watcher_refuses = promised(Role.WATCHER, watcher.lock)
    rows = tuple(
        Row(
            name=attempt.__name__,
            meaning=meaning(attempt.__name__),
            unlocked=unlocked.outcomes[attempt.__name__],
            service=service.outcomes[attempt.__name__],
            watcher=watcher.outcomes[attempt.__name__],
            reader=reader.outcomes[attempt.__name__],
            service_must_refuse=attempt.__name__ in service_refuses,
            watcher_must_refuse=attempt.__name__ in watcher_refuses,
            reader_must_refuse=attempt.__name__ in reader_refuses,
            arrived=attempt.__name__ in arrived,
        )
        for attempt in attempts.ALL
    )
    leaked = tuple(sorted(from_service | from_watcher | from_reader))
    return Matrix(rows, service.lock, watcher.lock, reader.lock, leaked)


def short() -> list[str]:
    """Try the ways to a network from a child of this locked process; returns the names of those not refused."""
    nowhere = Sink(
        tcp=9, tcp6=9, udp=9, stream="/", datagram="/", abstract="nobody", inherited=-1, outsider=0, outside_file="/",
        folder="/",
    )  # fmt: skip
    report = run_probe(Role.INHERITED, nowhere, NETWORK)
    return [name for name, one in report.outcomes.items() if not one.is_refusal and one.result != "unavailable"]


def promised(role: Role, lock: Lock) -> frozenset[str]:
    """Which attempts a process of this role must refuse, with what the kernel gave it."""
    everything = set(_names(attempts.ALL))
    if role in (Role.SERVICE, Role.WATCHER):  # they read what they are told to, and start their parser
        everything -= {"read_outside", "list_outside", "make_process"}
        if not lock.landlock:
            everything -= {"write_outside"}
        if lock.landlock < _LANDLOCK_SCOPES:
            everything -= {"other_signal"}
    elif not lock.landlock:
        everything -= {"read_outside", "list_outside"}
    return frozenset(everything)


def meaning(name: str) -> str:
    """What an attempt tries, in a few words."""
    attempt = next(one for one in attempts.ALL if one.__name__ == name)
    return (attempt.__doc__ or "").splitlines()[0].rstrip(".")


def run_probe(role: Role, sink: Sink, names: Sequence[str], config_file: Path | None = None) -> Report:
    """Start a probe and read its report. Raises LockError."""
    assignment = Assignment(sink, tuple(names), str(config_file or ""))
    passed = (sink.inherited,) if sink.inherited >= 0 else ()
    try:
        ended = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", probe.__name__, role],
            input=msgspec.json.encode(assignment),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=passed,
            check=False,
            timeout=_PROBE_TIMEOUT_S,
        )
        return msgspec.json.decode(ended.stdout, type=Report)
    except (msgspec.MsgspecError, subprocess.TimeoutExpired):
        raise LockError("lock_refused", f"The probe ({role}) could not take its lock or did not end well.") from None


@contextmanager
def _outsider() -> Iterator[int]:
    """A process that is not part of the program and would let anybody of this user look into it."""
    command = [sys.executable, "-I", "-c", _ALLOW_ANY_TRACER]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as other:  # noqa: S603
        try:
            yield other.pid
        finally:
            other.kill()


def _names(group: Sequence[attempts.Attempt]) -> list[str]:
    return [attempt.__name__ for attempt in group]


NETWORK = tuple(_names(attempts.NETWORK))


def _fine(outcome: Outcome, unlocked: Outcome, must_refuse: bool) -> bool:
    """Refused, or not to be had on this machine at all."""
    return not must_refuse or outcome.is_refusal or outcome.result == unlocked.result == "unavailable"

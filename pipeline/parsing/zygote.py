"""Starts children: forked from one warm process where the system can, else a fresh process per document or picture.

The coordinator's side of forking.py. It never reads a document itself.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
from msgspec import Struct

from pipeline.config import Enforcement
from pipeline.errors import LockError, SandboxError
from pipeline.isolation import environment
from pipeline.isolation.channel import CAN_PASS_FILES, Channel
from pipeline.parsing.protocol import LENGTH

_START_TIMEOUT_S = 60.0  # a first import on a cold and busy disk; then a fork takes milliseconds
_PARTING_S = 0.2  # for a parser process to end when its line is closed
LOCK_REFUSED = LockError.exit_status  # of a parser process that could not be locked
_PACKAGE_FOLDER = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Worker:
    """A module of ours that is started, and what it is told besides."""

    module: str
    arguments: tuple[str, ...] = ()


READERS = Worker("pipeline.parsing.worker")


class Child(Protocol):
    """A running child: its answer can be read, and it can be ended at once."""

    answer: BinaryIO

    def kill(self) -> None:
        """End it, whatever it does. Safe to call more than once, and after it ended by itself."""


class Launcher(Protocol):
    """Starts one child per request."""

    def start(self, document: int, request: Struct) -> Child:
        """A child that answers a request about the open descriptor `document`. Raises SandboxError."""

    def close(self) -> None:
        """End all that was started to start children."""


def launcher(enforcement: Enforcement = "required", worker: Worker = READERS) -> Launcher:
    """The best launcher of this system; `enforcement` says what becomes of a child that cannot be locked."""
    return Zygote(enforcement, worker) if CAN_PASS_FILES else FreshProcess(enforcement, worker)


class Zygote:
    """Forks children from one process that has made ready for them: a few milliseconds each, threads may share it."""

    def __init__(self, enforcement: Enforcement = "required", worker: Worker = READERS) -> None:
        self._enforcement: Enforcement = enforcement
        self._worker = worker
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None

    def start(self, document: int, request: Struct) -> Child:
        """Fork a child; a zygote that died is replaced once."""
        message = msgspec.json.encode(request)
        with self._lock:
            try:
                return self._fork(document, message)
            except OSError:
                self._stop()
            try:
                return self._fork(document, message)
            except OSError as error:
                status = self._stop()
                if status == LOCK_REFUSED:
                    raise LockError("lock_refused", "The parser process could not take its lock.") from None
                raise SandboxError("parser_start", f"The parser process could not be started: {error}.") from None

    def close(self) -> None:
        """End the zygote; children that still run end with it."""
        with self._lock:
            self._stop()

    def _fork(self, document: int, message: bytes) -> Child:
        channel = self._channel or self._connect()
        read_end, write_end = os.pipe()
        try:
            channel.send(message, (document, write_end))
            reply = channel.receive(max_descriptors=1)
            if reply is None:
                raise ConnectionError("the parser process ended")
        except OSError:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        pid, pidfds = reply
        return _ForkedChild(os.fdopen(read_end, "rb"), int(pid), pidfds[0] if pidfds else None)

    def _connect(self) -> Channel:
        ours, theirs = Channel.pair()
        ours.set_timeout(_START_TIMEOUT_S)
        self._process = _launch(self._worker, self._enforcement, str(theirs.fileno()), inherited=(theirs.fileno(),))
        theirs.close()
        self._channel = ours
        return ours

    def _stop(self) -> int | None:
        """End the process, unless it has ended by itself; returns its exit status, None when there was none."""
        channel, process = self._channel, self._process
        self._channel = self._process = None
        if channel is not None:
            channel.close()
        if process is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(_PARTING_S)  # it hangs up on us when it ends, and its status says why
        process.kill()
        return process.wait()


class _ForkedChild:
    """A grandchild, ended through its pidfd where the kernel has one (no other process can be hit by mistake)."""

    def __init__(self, answer: BinaryIO, pid: int, pidfd: int | None) -> None:
        self.answer = answer
        self._pid = pid
        self._pidfd = pidfd
        self._ended = False

    def kill(self) -> None:
        """End it and release its descriptors."""
        if self._ended:
            return
        self._ended = True
        try:
            if self._pidfd is not None and hasattr(signal, "pidfd_send_signal"):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            elif self._pidfd is None and sys.platform != "win32":
                os.kill(self._pid, signal.SIGKILL)
        except OSError:
            pass  # it had ended by itself
        if self._pidfd is not None:
            os.close(self._pidfd)


class FreshProcess:
    """Starts a new Python per document: slower (a third of a second), and works where nothing can be forked."""

    def __init__(self, enforcement: Enforcement = "required", worker: Worker = READERS) -> None:
        self._enforcement: Enforcement = enforcement
        self._worker = worker

    def start(self, document: int, request: Struct) -> Child:
        """A child that is fed the request and then the document's bytes through its standard input."""
        try:
            started = _launch(self._worker, self._enforcement, "once", pipe=subprocess.PIPE)
        except OSError as error:
            raise SandboxError("parser_start", f"The parser process could not be started: {error}.") from None
        threading.Thread(target=_feed, args=(started, os.dup(document), request), daemon=True).start()
        return _FreshChild(started)

    def close(self) -> None:
        """Nothing to end: each child ends with its document."""


class _FreshChild:
    def __init__(self, started: subprocess.Popen[bytes]) -> None:
        assert started.stdout is not None
        self.answer: BinaryIO = started.stdout  # type: ignore[assignment]  # IO[bytes] of a pipe is one
        self._started = started

    def kill(self) -> None:
        self._started.kill()
        self._started.wait()


def _feed(started: subprocess.Popen[bytes], document: int, request: Struct) -> None:
    assert started.stdin is not None
    body = msgspec.json.encode(request)
    try:
        with os.fdopen(document, "rb") as file, started.stdin as stdin:
            file.seek(0)
            stdin.write(LENGTH.pack(len(body)) + body)
            while block := file.read(1 << 20):
                stdin.write(block)
    except OSError:
        pass  # the child ended early; its answer says why


def _launch(
    worker: Worker,
    enforcement: Enforcement,
    source: str,
    *,
    inherited: tuple[int, ...] = (),
    pipe: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a module: no output of libraries, no environment but the needed, no working folder of ours."""
    return subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", worker.module, enforcement, source, *worker.arguments],
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        env=environment.scrubbed(os.environ) | {"PYTHONPATH": str(_PACKAGE_FOLDER)},
        cwd=Path(sys.executable).anchor,
        pass_fds=inherited,
    )

"""Work on an index in a thread of its own, while others go on with the one they have. Knows no index."""

import atexit
import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.errors import StoreError

Pause = Callable[[], None]  # called about once a second; what it raises ends the work

_TURN_S = 0.2  # how often it is looked whether another one has ended
_NICE = 10  # searches and documents come first
_log = logging.getLogger("pipeline.storage")


class _Stopped(Exception):  # noqa: N818 - what happened, not a fault
    """Nobody waits for the work any more."""


class Building:
    """One piece of work. It ends with the process, which waits for its next pause: about a second."""

    def __init__(self, work: Callable[[Pause], None], patience_s: float) -> None:
        """Begin after a while: a process that answers one question has ended by then."""
        self._work = work
        self._patience_s = patience_s
        self._stopped = threading.Event()
        self._hurried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vectors", daemon=True)
        # Were it cut off in the middle, it would go on in a library that is being taken down: a crash at exit.
        atexit.register(self.stop)
        self._thread.start()

    def wait(self) -> None:
        """Begin at once, and wait for the end."""
        self._hurried.set()
        self._thread.join()

    def stop(self) -> None:
        """End it at its next pause, and wait until it has."""
        self._stopped.set()
        self._hurried.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        self._hurried.wait(self._patience_s)
        try:
            if sys.platform == "linux":  # elsewhere this number names a process
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
            self._pause()
            self._work(self._pause)
        except _Stopped:
            pass
        except (StoreError, OSError, RuntimeError, MemoryError) as error:  # searches go on with what there is
            _log.warning("the index of vectors was not built: %s", type(error).__name__)
        finally:
            atexit.unregister(self.stop)

    def _pause(self) -> None:
        if self._stopped.is_set():
            raise _Stopped


@contextlib.contextmanager
def turn(file: Path, pause: Pause) -> Iterator[None]:
    """One at a time, of all processes: whoever waited finds what the other one made. The file is there meanwhile."""
    with contextlib.ExitStack() as stack:
        if sys.platform != "win32":
            stack.enter_context(_locked(file, pause))
        yield


@contextlib.contextmanager
def _locked(file: Path, pause: Pause) -> Iterator[None]:
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            pause()
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_TURN_S)
            except OSError:  # a file system without locks: two at once only take longer
                break
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(descriptor)

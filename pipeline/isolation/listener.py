"""A door for other processes of the same user: a Unix socket in a private folder, made before the lock. No network.

The lock lets a process make no socket, and connect and bind none: the one who answers listens before it is locked, and
the one who asks connects before it is. Who is at the other end is asked of the kernel, on both sides (SO_PEERCRED).
Linux only; elsewhere nobody listens and nobody is found.
"""

import contextlib
import os
import socket
import stat
import sys
import time
from pathlib import Path
from typing import Self

from pipeline.isolation import same_user
from pipeline.isolation.line import Line

_BACKLOG = 16  # connections that wait to be accepted; a further one waits in connect(2)
_CLAIM_TRIES, _CLAIM_GAP_S = 5, 0.05  # somebody who only looks has the claim for a moment
_PASS_RIGHTS = 83  # SO_PASSRIGHTS of asm-generic/socket.h, Linux 6.16


class Listener:
    """A listening socket and the claim on its folder, which ends with this process however it ends."""

    def __init__(self, folder: int, name: str, line: socket.socket) -> None:
        self._folder = folder
        self._name = name
        self._line = line

    @classmethod
    def open(cls, folder: Path, name: str) -> Self | None:
        """Listen under a name in a folder of this user, which is made private to it.

        None where there can be no such listener, or where another process has one. What a process left that was killed
        is replaced. To be called while there is one thread, and before the lock.
        """
        if sys.platform != "linux":
            return None
        try:
            descriptor = same_user.open_folder(folder)
        except OSError:
            return None
        try:
            os.fchmod(descriptor, 0o700)
            _claim(descriptor)
            return cls(descriptor, name, _listening(descriptor, name))
        except OSError:
            os.close(descriptor)
            return None

    def fileno(self) -> int:
        """The descriptor on which connections are accepted."""
        return self._line.fileno()

    @property
    def claim(self) -> int:
        """The descriptor that holds the claim: to be kept, too, when this process is locked."""
        return self._folder

    def accept(self) -> Line | None:
        """The next connection; None: it came from another user, and is closed. Raises OSError once it has stopped."""
        line, _ = self._line.accept()
        if not same_user.is_at_other_end(line):
            line.close()
            return None
        return Line(line)

    def stop(self) -> None:
        """Accept nothing more; whoever waits in accept() gets OSError. Safe to call from another thread."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Remove the socket and give up the claim."""
        with contextlib.suppress(OSError):
            os.unlink(self._name, dir_fd=self._folder)
        self._line.close()
        os.close(self._folder)


def connect(folder: Path, name: str, within_s: float) -> Line | None:
    """A connection to whoever listens there; None where nobody does, or it is another user. Before the lock."""
    if sys.platform != "linux":
        return None
    try:
        descriptor = same_user.open_folder(folder)
    except OSError:
        return None
    try:
        return _connected(descriptor, name, within_s)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def is_there(folder: Path, name: str) -> bool:
    """Whether a process listens there, told by its claim, without a socket: so that a locked process can ask, too."""
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    try:
        descriptor = same_user.open_folder(folder)
    except OSError:
        return False
    try:
        os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _listening(folder: int, name: str) -> socket.socket:
    """A socket of that name, for this user alone from its first moment. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)  # left by a process that was killed: whoever listens has the claim
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(OSError):  # an older kernel: what is passed in is closed when it is read
            line.setsockopt(socket.SOL_SOCKET, _PASS_RIGHTS, 0)
        os.fchmod(line.fileno(), 0o600)  # and so the file that bind(2) makes
        line.bind(_address(folder, name))
        line.listen(_BACKLOG)
    except OSError:
        line.close()
        raise
    return line


def _connected(folder: int, name: str, within_s: float) -> Line | None:
    if not stat.S_ISSOCK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(within_s)
        line.connect(_address(folder, name))
        known = same_user.is_at_other_end(line)
    except OSError:
        line.close()
        raise
    if not known:
        line.close()
        return None
    return Line(line)


def _claim(folder: int) -> None:
    """Be the only one who listens in a folder, until its descriptor is closed. Raises OSError when another is."""
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    for _ in range(_CLAIM_TRIES - 1):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_CLAIM_GAP_S)
    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _address(folder: int, name: str) -> str:
    """The socket's path by way of the open folder: short enough whatever the folder's is (108 bytes, unix(7))."""
    return f"/proc/self/fd/{folder}/{name}"

"""What is this user's own, and nobody else's: a folder, the process at the other end of a connection. Linux only."""

import os
import socket
import struct
from pathlib import Path

_CREDENTIALS = struct.Struct("=iII")  # struct ucred: process, user, group
_OVERFLOW_USER = Path("/proc/sys/kernel/overflowuid")


def open_folder(folder: Path) -> int:
    """An open folder in which only this user can put something. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        os.close(descriptor)
        raise PermissionError("a folder of other users, too")
    return descriptor


def is_at_other_end(line: socket.socket) -> bool:
    """Whether the other end is of this user; root is not.

    In a user namespace, users that it does not know all have one number: whoever has that number himself knows nobody.
    """
    _process, user, _group = _CREDENTIALS.unpack(
        line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return int(user) == os.geteuid() != _overflow_user()


def _overflow_user() -> int:
    try:
        return int(_OVERFLOW_USER.read_bytes())
    except (OSError, ValueError):
        return 65534  # DEFAULT_OVERFLOWUID of the kernel

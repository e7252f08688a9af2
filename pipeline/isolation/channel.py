"""A private line between the coordinator and the parser process that also carries open files. Never a network socket.

Descriptors travel as SCM_RIGHTS ancillary data of an AF_UNIX socket pair (unix(7)), so that the parser process
needs no right to open anything itself.
"""

import os
import socket
import struct
import sys
from collections.abc import Sequence

MAX_MESSAGE_BYTES = 64 << 10  # requests and replies are a few hundred bytes; more is a fault
_LENGTH = struct.Struct(">I")

CAN_PASS_FILES = hasattr(socket, "send_fds") and hasattr(os, "fork") and sys.platform != "win32"


class Channel:
    """One end of the line. Messages arrive whole and in order; one thread at a time may use an end."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    @staticmethod
    def pair() -> tuple["Channel", "Channel"]:
        """Two connected ends."""
        first, second = socket.socketpair()
        return Channel(first), Channel(second)

    @staticmethod
    def inherited(descriptor: int) -> "Channel":
        """The end that the parent process left open under this number."""
        return Channel(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        """The descriptor, for handing this end to a child process."""
        return self._line.fileno()

    def set_timeout(self, seconds: float) -> None:
        """Let send and receive raise OSError (TimeoutError) after this long."""
        self._line.settimeout(seconds)

    def send(self, message: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send one message and copies of these open descriptors. Raises OSError when the other end is gone."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise ValueError("message too long")
        head = _LENGTH.pack(len(message))
        socket.send_fds(self._line, [head], list(descriptors))
        self._line.sendall(message)

    def receive(self, max_descriptors: int = 0) -> tuple[bytes, list[int]] | None:
        """One message and its descriptors (not inheritable), or None when the other end is closed."""
        head, descriptors, _flags, _address = socket.recv_fds(self._line, _LENGTH.size, max(1, max_descriptors))
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        if not head:
            return None
        head += self._exactly(_LENGTH.size - len(head))
        (length,) = _LENGTH.unpack(head)
        if length > MAX_MESSAGE_BYTES:
            raise OSError("message longer than agreed")
        return self._exactly(length), descriptors

    def close(self) -> None:
        """Hang up; the other end's receive() returns None."""
        self._line.close()

    def _exactly(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count:
            part = self._line.recv(count)
            if not part:
                raise ConnectionError("the line was closed within a message")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

"""A connection between two processes of one user: whole messages, each within a time and a size. It aims at nobody.

Unlike a Channel, it takes no open files from the other end, who may be anybody of that user: what is passed along with
a message is closed by the kernel, since it is read without a place for descriptors (unix(7)).
"""

import socket
import struct
import time
from types import TracebackType
from typing import Self

_LENGTH = struct.Struct(">I")
_PART_BYTES = 1 << 16


class Line:
    """One end, for one thread. Use as a context: it hangs up at the end."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor, to be kept when this process is locked."""
        return self._line.fileno()

    def send(self, message: bytes, within_s: float) -> None:
        """Send one message. Raises OSError when the other end is gone or does not take it in that time."""
        self._line.settimeout(within_s)
        self._line.sendall(_LENGTH.pack(len(message)) + message)

    def receive(self, max_bytes: int, within_s: float) -> bytes:
        """One message. Raises OSError when it is longer than that, is not there in time, or ends early."""
        deadline = time.monotonic() + within_s
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if length > max_bytes:
            raise OSError("message longer than agreed")
        return self._exactly(length, deadline)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _exactly(self, count: int, deadline: float) -> bytes:
        """So many bytes, all of them before the deadline, however slowly they drip. Memory grows as they arrive."""
        content = bytearray()
        while len(content) < count:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            self._line.settimeout(left_s)
            part = self._line.recv(min(count - len(content), _PART_BYTES))
            if not part:
                raise ConnectionError("the line was closed within a message")
            content += part
        return bytes(content)

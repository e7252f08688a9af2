"""What the attempts of the proof are aimed at: listeners on this machine's loopback that note what reaches them.

It counts what a process that is not locked gets out, so that silence from a locked one means something.
"""

import contextlib
import re
import selectors
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.isolation import attempts
from pipeline.isolation.attempts import Sink

_NAMES = re.compile("|".join(sorted(attempts.SENDING, key=len, reverse=True)).encode())
_READ_BYTES = 4096


class Listeners:
    """Open listeners of every kind; use as a context. `inherited` is one end of a connection to hand on."""

    def __init__(self, folder: Path, *, outsider: int, outside_file: Path) -> None:
        """Listen; Unix sockets lie in `folder`. Raises OSError where this process may not listen at all."""
        self._selector = selectors.DefaultSelector()
        self._received: set[str] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        tcp = self._listen(socket.AF_INET, ("127.0.0.1", 0))
        tcp6 = self._listen_v6()
        udp = self._bound(socket.AF_INET, ("127.0.0.1", 0))
        stream, datagram = folder / "stream", folder / "datagram"
        self._listen(socket.AF_UNIX, str(stream))
        self._tcp, giver = tcp, folder / "giver"
        self._listen(socket.AF_UNIX, str(giver), self._give)
        self._bound(socket.AF_UNIX, str(datagram))
        abstract = f"sealed-inbox-proof-{tcp}"
        with contextlib.suppress(OSError):  # abstract names are Linux's
            self._listen(socket.AF_UNIX, "\0" + abstract)
        self.inherited = socket.create_connection(("127.0.0.1", tcp), attempts.TIMEOUT_S)
        self.target = Sink(
            tcp=tcp, tcp6=tcp6, udp=udp, stream=str(stream), datagram=str(datagram), abstract=abstract,
            inherited=self.inherited.fileno(), outsider=outsider, outside_file=str(outside_file), folder=str(folder),
            giver=str(giver),
        )  # fmt: skip
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.inherited.close()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # only sockets are registered
        self._selector.close()

    def received(self) -> frozenset[str]:
        """The attempts whose messages arrived since this was asked last."""
        self._ended.wait(0.2)  # what is under way on the loopback arrives
        with self._lock:
            found, self._received = frozenset(self._received), set()
        return found

    def _listen_v6(self) -> int:
        try:
            return self._listen(socket.AF_INET6, ("::1", 0))
        except OSError:
            return 0  # a machine without IPv6

    def _listen(self, family: int, address: object, then: Callable[[socket.socket], None] | None = None) -> int:
        line = self._open(family, socket.SOCK_STREAM, address)
        line.listen()
        self._selector.register(line, selectors.EVENT_READ, then or self._accept)
        return _port(line)

    def _bound(self, family: int, address: object) -> int:
        line = self._open(family, socket.SOCK_DGRAM, address)
        self._selector.register(line, selectors.EVENT_READ, self._read)
        return _port(line)

    @staticmethod
    def _open(family: int, kind: int, address: object) -> socket.socket:
        line = socket.socket(family, kind)
        try:
            line.bind(address)  # type: ignore[arg-type]
        except OSError:
            line.close()
            raise
        line.setblocking(False)
        return line

    def _run(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(timeout=0.05):
                with contextlib.suppress(OSError):
                    key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        line, _ = listener.accept()
        line.setblocking(False)
        self._selector.register(line, selectors.EVENT_READ, self._read)

    def _give(self, listener: socket.socket) -> None:
        """Hand a connection over to whoever asks."""
        line, _ = listener.accept()
        with line, socket.create_connection(("127.0.0.1", self._tcp), attempts.TIMEOUT_S) as connection:
            socket.send_fds(line, [b"x"], [connection.fileno()])

    def _read(self, line: socket.socket) -> None:
        content = line.recv(_READ_BYTES)
        with self._lock:
            self._received.update(found.decode() for found in _NAMES.findall(content))
        if not content and line.type == socket.SOCK_STREAM:
            self._selector.unregister(line)
            line.close()


def _port(line: socket.socket) -> int:
    name = line.getsockname()
    return int(name[1]) if isinstance(name, tuple) else 0

"""The frames of one child as they arrive, within time and size; nothing of them is believed beyond their type."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from pipeline.errors import Stopped
from pipeline.outcomes import Code
from pipeline.parsing.protocol import LENGTH, Finished, Frame
from pipeline.parsing.zygote import Child

_POLL_S = 0.25  # how soon a request to stop is seen while a child works
_decoder = msgspec.json.Decoder(Frame)


class ChildLost(Exception):  # noqa: N818 - what happened, decided upon by who started the child
    """The child died, hung or broke its bounds; `code` says which."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def check(holds: bool) -> None:
    """Refuse an answer that breaks its bounds. Raises ChildLost."""
    if not holds:
        raise ChildLost(Code.PARSER_ANSWER_REFUSED)


class Patience:
    """Time that may be spent waiting for the children of one document: in all, and for each answer. In seconds.

    What the coordinator does between two answers does not count.
    """

    def __init__(self, document_s: float, answer_s: float) -> None:
        self.left_s = document_s
        self._answer_s = answer_s

    @property
    def over(self) -> bool:
        """Whether the document's time is used up."""
        return self.left_s <= 0

    def wait(self, bodies: "queue.Queue[bytes | None]", stop: threading.Event, effort: float) -> bytes | None:
        """The next answer; `effort` multiplies the time for it. Raises ChildLost, and Stopped."""
        started = last = time.monotonic()
        while True:
            if stop.is_set():
                raise Stopped
            try:
                return bodies.get(timeout=max(0.0, min(_POLL_S, self.left_s)))
            except queue.Empty:
                pass
            finally:
                now = time.monotonic()
                self.left_s -= now - last
                last = now
            if self.over:
                raise ChildLost(Code.TIME_LIMIT)
            if now - started >= effort * self._answer_s:
                raise ChildLost(Code.PARSER_TIME)


def frames(
    child: Child, max_bytes: int, patience: Patience, stop: threading.Event, effort: Callable[[], float]
) -> Iterator[Frame]:
    """Decode the child's frames as they arrive, up to its last; the child is ended with the iteration.

    Raises ChildLost, and Stopped.
    """
    bodies: queue.Queue[bytes | None] = queue.Queue(maxsize=16)
    pump = threading.Thread(target=_pump, args=(child.answer, bodies, max_bytes), daemon=True)
    pump.start()
    try:
        while (body := patience.wait(bodies, stop, effort())) is not None:
            try:
                frame = _decoder.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise ChildLost(Code.PARSER_ANSWER_REFUSED) from None
            yield frame
            if isinstance(frame, Finished):
                return
    finally:
        child.kill()
        while pump.is_alive():  # it may wait for room in the queue
            with_room = bodies.qsize() > 0
            if with_room:
                bodies.get()
            pump.join(0 if with_room else 0.01)


def _pump(answer: BinaryIO, bodies: "queue.Queue[bytes | None]", max_bytes: int) -> None:
    """Move length-prefixed bodies from the pipe to the queue; None marks the end, however it came."""
    try:
        with answer:
            while len(head := answer.read(LENGTH.size)) == LENGTH.size:
                (length,) = LENGTH.unpack(head)
                if length > max_bytes:
                    bodies.put(b"")  # no valid frame: the coordinator refuses it
                    break
                body = answer.read(length)
                if len(body) < length:
                    break
                bodies.put(body)
    except OSError:
        pass
    bodies.put(None)

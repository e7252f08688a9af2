"""Bounds the processor time of one piece of reading from within: what computes without end is given up, not killed.

The coordinator's clock ends a child that hangs and has the page tried again with twice the time. A document made to
waste time would be given that time on each of its pages; here it loses the page after a part of it, in the same child.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_TICK_S = 0.1  # of processor time, between two looks at it


class Exhausted(BaseException):
    """The time is used up. No Exception, since libraries catch those and go on."""


def start_clock() -> None:
    """Let at_most() work in this process: before it is locked, since that forbids timers. Does nothing on Windows."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_PROF, _TICK_S, _TICK_S)


@contextmanager
def at_most(cpu_s: float) -> Iterator[None]:
    """Raise Exhausted once this block has used so many seconds of processor time. Without a clock it has no end.

    Code in C is not interrupted, only followed: of the readers, pypdf runs in Python but for decompression.
    """
    before = signal.getsignal(signal.SIGPROF) if hasattr(signal, "SIGPROF") else signal.SIG_DFL
    if before is signal.SIG_DFL:
        yield
        return
    until = time.process_time() + cpu_s

    def look(_number: int, _frame: FrameType | None) -> None:
        if time.process_time() > until:
            raise Exhausted

    signal.signal(signal.SIGPROF, look)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, before)

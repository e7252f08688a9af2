"""The clock of the parser child, for tests in this process: so that what computes without end is given up here too."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.parsing import effort


@contextmanager
def running() -> Iterator[None]:
    """effort.at_most() works within. Does nothing on Windows, as effort itself."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    effort.start_clock()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)

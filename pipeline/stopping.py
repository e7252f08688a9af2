"""A request to stop, as an event that all workers look at. One piece of work at a time is stopped by it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopping:
    """`event` is set when the work in hand is to end: somebody asked for it, or a run ends early by itself."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._asked = threading.Event()
        self._wake: Callable[[], None] = _nobody

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked for it."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask the work in hand to end soon. Safe to call from another thread or a signal handler."""
        self._asked.set()
        self.event.set()
        self._wake()

    def resume(self) -> None:
        """Go on with the work in hand, which ended by itself, unless somebody asked for the end."""
        if not self.is_asked:
            self.event.clear()

    @contextmanager
    def work(self) -> Iterator[None]:
        """Work that can be stopped; what comes after it is not stopped, too."""
        try:
            self._forget()
            yield
        finally:
            self._forget()

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """`wake` ends a sleep of the work in hand."""
        self._wake = wake
        try:
            yield
        finally:
            self._wake = _nobody

    def _forget(self) -> None:
        self._asked.clear()
        self.event.clear()


def _nobody() -> None:
    """Nothing sleeps."""

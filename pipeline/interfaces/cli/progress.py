"""Tells how far a long run is: one line on a terminal, plain lines elsewhere. Files and passages are never named."""

import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

import click

from pipeline.app import Pipeline
from pipeline.outcomes import State
from pipeline.reports import FileGone, FileOutcome

_REDRAW_S = 0.2
_PLAIN_LINE_S = 30.0  # between two lines where nothing can be drawn again, such as in a log
_BAR_CELLS = 24


class _Line:
    """A line on standard error that is drawn again now and then, and wiped at the end."""

    def __init__(self) -> None:
        self._drawn = 0.0
        self._visible = sys.stderr.isatty()

    def draw(self, text: Callable[[], str]) -> None:
        """Show the text, unless nobody would see it or the last one is still fresh."""
        now = time.monotonic()
        if not self._visible or now - self._drawn < _REDRAW_S:
            return
        self._drawn = now
        width = shutil.get_terminal_size().columns - 1  # a longer line would wrap, and could not be drawn again
        click.echo(f"\r\x1b[K{text()[:width]}", err=True, nl=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            click.echo("\r\x1b[K", err=True, nl=False)


class Progress(_Line):
    """How far a run is: files, pages, how long the rest will take, and what became of them. Call it with each file.

    On a terminal one line with a bar, drawn again and again; elsewhere a plain line now and then.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__()
        self._pipeline = pipeline
        self._started = self._told = time.monotonic()
        self._files = self._pages = 0
        self._states: Counter[State] = Counter()

    def __call__(self, event: FileOutcome | FileGone) -> None:
        """Count one file and tell, now and then."""
        if isinstance(event, FileOutcome):
            self._files += 1
            self._pages += event.pages
            self._states[event.state] += 1
        self.draw(lambda: f"{bar(self._share())} {self._text()}")
        if not self._visible and time.monotonic() - self._told >= _PLAIN_LINE_S:
            self._told = time.monotonic()
            click.echo(self._text(), err=True)

    def _share(self) -> float:
        return self._files / max(1, self._files + self._pipeline.counts().open)

    def _text(self) -> str:
        left = self._pipeline.counts().open
        seconds = max(time.monotonic() - self._started, 1e-3)
        remaining = f", {duration(left * seconds / self._files)} left" if left and self._files else ""
        states = ", ".join(f"{count} {state}" for state, count in sorted(self._states.items()))
        speed = f"{self._pages / seconds:.1f} pages/s"
        return f"{self._files} of {self._files + left} files, {speed}{remaining}: {states or 'none done yet'}"


def bar(share: float) -> str:
    """A bar of fixed width for a share of 1."""
    full = round(_BAR_CELLS * min(1.0, max(0.0, share)))
    return f"[{'#' * full}{'.' * (_BAR_CELLS - full)}] {100 * share:3.0f} %"


class PassageProgress(_Line):
    """How many passages are embedded anew, and how long the rest will take. Call it with both numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Redraw, now and then; time counts from the first call."""
        if not done:
            self._started = time.monotonic()
        self.draw(lambda: self._text(done, total))

    def _text(self, done: int, total: int) -> str:
        rate = done / max(time.monotonic() - self._started, 1e-3)
        left = f", {duration((total - done) / rate)} left" if done else ""
        return f"{done} of {total} passages embedded{left}"


class StageProgress(_Line):
    """What a long command of several stages is at. Call it with the stage's name, and how much of it is done."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Redraw, now and then."""
        self.draw(lambda: f"{stage}: {done} of {total}")


def duration(seconds: float) -> str:
    """Seconds for people: 40 s, 3 min, 2 h 5 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

"""One line that tells how far a long run is, on a terminal only; files and passages of it are never named."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import click

from pipeline.app import Pipeline
from pipeline.datatypes import FileGone, FileOutcome

_REDRAW_S = 0.2


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
        click.echo(f"\r\x1b[K{text()}", err=True, nl=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            click.echo("\r\x1b[K", err=True, nl=False)


class Progress(_Line):
    """Counts the files that came to their end. Call it with each."""

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__()
        self._pipeline = pipeline
        self._started = time.monotonic()
        self._done = 0

    def __call__(self, event: FileOutcome | FileGone) -> None:
        """Count one file and redraw, now and then."""
        self._done += isinstance(event, FileOutcome)
        self.draw(self._text)

    def _text(self) -> str:
        rate = self._done / max(time.monotonic() - self._started, 1e-3)
        return f"{self._done} files done, {self._pipeline.counts().open} to go, {rate:.1f} files/s"


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

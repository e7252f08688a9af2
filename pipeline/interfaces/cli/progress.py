"""One line that tells how far a long run is, on a terminal only; files and pages of it are never named."""

import sys
import time
from types import TracebackType
from typing import Self

import click

from pipeline.app import Pipeline
from pipeline.datatypes import FileGone, FileOutcome

_REDRAW_S = 0.2


class Progress:
    """Counts the files that came to their end. Call it with each."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._started = time.monotonic()
        self._drawn = 0.0
        self._done = 0
        self._visible = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            click.echo("\r\x1b[K", err=True, nl=False)

    def __call__(self, event: FileOutcome | FileGone) -> None:
        """Count one file and redraw, now and then."""
        self._done += isinstance(event, FileOutcome)
        now = time.monotonic()
        if not self._visible or now - self._drawn < _REDRAW_S:
            return
        self._drawn = now
        rate = self._done / max(now - self._started, 1e-3)
        left = self._pipeline.counts().open
        click.echo(f"\r\x1b[K{self._done} files done, {left} to go, {rate:.1f} files/s", err=True, nl=False)

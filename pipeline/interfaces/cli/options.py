"""Options that every command has, and the Pipeline that they lead to."""

import functools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

import click

from pipeline.app import Pipeline

P = ParamSpec("P")
R = TypeVar("R")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")


def with_pipeline(function: Callable[Concatenate[Pipeline, P], R]) -> Callable[P, R]:
    """Give the command an open Pipeline as its first argument, and the option --config."""

    @click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
    @click.pass_context
    @functools.wraps(function)
    def wrapper(context: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        config_file = kwargs.pop("config_file") or context.obj
        with Pipeline.open(str(config_file) if config_file else None) as pipeline:
            return function(pipeline, *args, **kwargs)

    return wrapper


@contextmanager
def stopping(pipeline: Pipeline) -> Iterator[threading.Event]:
    """Let Ctrl-C and SIGTERM end the work in hand in good order; a second Ctrl-C ends it at once."""
    asked = threading.Event()

    def stop(number: int, _frame: object) -> None:
        asked.set()
        signal.signal(number, before[signal.Signals(number)])
        pipeline.stop()

    signals = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.getsignal(number) for number in signals}
    for number in signals:
        signal.signal(number, stop)
    try:
        yield asked
    finally:
        for number in signals:
            signal.signal(number, before[number])

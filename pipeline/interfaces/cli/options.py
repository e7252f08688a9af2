"""Options that every command has, and the Pipeline that they lead to."""

import functools
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from pipeline.app import Pipeline
from pipeline.config import Config, find, load
from pipeline.isolation.lockdown import Lock
from pipeline.isolation.sealing import seal

P = ParamSpec("P")
R = TypeVar("R")

INCOMPLETE = 3  # exit code: finished, but some documents were not fully examined

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a command begins with: its configuration, and what holds this process from then on."""

    config: Config
    lock: Lock


def enter(
    config_file: str | None, *, builds_models: bool = False, writable: Iterable[Path] = (), needs_store: bool = True
) -> Entry:
    """Read the configuration and lock this process, before anything else is touched. Raises ConfigError, LockError.

    A command that `builds_models` may write to their folder, each to the store, and to the folders in `writable`.
    """
    config = load(find(Path(config_file) if config_file else None))
    models = [config.models_path] if builds_models else []
    return Entry(config, seal(config, writable=[*models, *writable], needs_store=needs_store))


def with_pipeline(function: Callable[Concatenate[Pipeline, P], R]) -> Callable[P, R]:
    """Give the command an open Pipeline of a locked process as its first argument, and the option --config."""
    return _with_pipeline(function, builds_models=False)


def with_pipeline_and_models(function: Callable[Concatenate[Pipeline, P], R]) -> Callable[P, R]:
    """As with_pipeline, for commands that may build a model."""
    return _with_pipeline(function, builds_models=True)


def _with_pipeline(function: Callable[Concatenate[Pipeline, P], R], *, builds_models: bool) -> Callable[P, R]:
    @click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
    @click.pass_context
    @functools.wraps(function)
    def wrapper(context: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        config_file = kwargs.pop("config_file") or context.obj
        entry = enter(str(config_file) if config_file else None, builds_models=builds_models)
        with Pipeline(entry.config, entry.lock) as pipeline:
            return function(pipeline, *args, **kwargs)

    return wrapper


@contextmanager
def stopping(pipeline: Pipeline) -> Iterator[threading.Event]:
    """Let Ctrl-C and SIGTERM end the work in hand in good order; a second Ctrl-C ends it at once."""
    asked = threading.Event()

    def stop(number: int, _frame: object) -> None:
        asked.set()
        if number == signal.SIGINT:
            signal.signal(number, before[signal.SIGINT])
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

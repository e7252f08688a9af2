"""Options that every command has, and the Pipeline that they lead to."""

import functools
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from pipeline.config import Config, find, load
from pipeline.isolation.lockdown import Lock
from pipeline.isolation.sealing import seal
from pipeline.outcomes import State
from pipeline.search.filters import FilterOptions

if TYPE_CHECKING:
    from pipeline.app import Pipeline

P = ParamSpec("P")
R = TypeVar("R")

INCOMPLETE = 3  # exit code: finished, but some documents were not fully examined

_config_option = click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
# What may be asked of documents. Of an option that is given several times any value will do; options hold together.
_FILTERS = (
    click.option("--label", multiple=True, metavar="[SET=]NAME", help="Only documents with this label."),
    click.option("--language", multiple=True, help="Only in this language: its code of ISO 639-1, such as de."),
    click.option("--type", "format", multiple=True, help="Only of this format, such as pdf, docx or eml."),
    click.option(
        "--state", multiple=True, type=click.Choice(list(State), case_sensitive=False), help="Only in this state."
    ),
    click.option(
        "--path", multiple=True, help="Only files of this name or in this folder; * any part of a name, ** any folders."
    ),
    click.option("--after", metavar="DATE", help="Only documents of this day or later: 2024, 2024-03 or 2024-03-01."),
    click.option("--before", metavar="DATE", help="Only documents of this day or earlier; a month means all of it."),
    click.option("--indexed-after", metavar="DATE", help="Only what was read on this day (UTC) or later."),
    click.option("--indexed-before", metavar="DATE", help="Only what was read on this day (UTC) or earlier."),
    click.option("--personal", multiple=True, metavar="KIND", help="Only with personal data of this kind, or `any`."),
    click.option("--sensitivity", multiple=True, metavar="LEVEL", help="Only of this level of sensitivity."),
)


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
    config = _configured(config_file)
    models = [config.models_path] if builds_models else []
    return Entry(config, seal(config, writable=[*models, *writable], needs_store=needs_store))


def with_config(function: Callable[Concatenate[Config, P], R]) -> Callable[P, R]:
    """Give the command the configuration as its first argument, and the option --config. It must lock itself."""

    @_config_option
    @click.pass_context
    @functools.wraps(function)
    def wrapper(context: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(_configured(kwargs.pop("config_file") or context.obj), *args, **kwargs)

    return wrapper


def with_pipeline(function: "Callable[Concatenate[Pipeline, P], R]") -> Callable[P, R]:
    """Give the command an open Pipeline of a locked process as its first argument, and the option --config."""
    return _with_pipeline(function, builds_models=False)


def with_pipeline_and_models(function: "Callable[Concatenate[Pipeline, P], R]") -> Callable[P, R]:
    """As with_pipeline, for commands that may build a model."""
    return _with_pipeline(function, builds_models=True)


def _with_pipeline(function: "Callable[Concatenate[Pipeline, P], R]", *, builds_models: bool) -> Callable[P, R]:
    @_config_option
    @click.pass_context
    @functools.wraps(function)
    def wrapper(context: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        from pipeline.app import Pipeline  # what a search that a watcher answers does without

        config_file = kwargs.pop("config_file") or context.obj
        entry = enter(str(config_file) if config_file else None, builds_models=builds_models)
        with Pipeline(entry.config, entry.lock) as pipeline:
            return function(pipeline, *args, **kwargs)

    return wrapper


def _configured(config_file: object) -> Config:
    return load(find(Path(str(config_file)) if config_file else None))


def narrowed(function: Callable[..., R]) -> Callable[..., R]:
    """Give the command all options that ask something of documents, as one argument: filters."""

    @functools.wraps(function)
    def wrapper(*args: object, **kwargs: Any) -> R:  # noqa: ANN401 - as click hands them over
        given = {name: kwargs.pop(name) for name in FilterOptions.__annotations__}
        return function(*args, filters=given, **kwargs)

    return functools.reduce(lambda made, option: option(made), reversed(_FILTERS), wrapper)


@contextmanager
def stopping(pipeline: "Pipeline") -> Iterator[threading.Event]:
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

"""`pipeline watch`: the inbox, followed until stopped."""

import sys
from contextlib import ExitStack

import click

from pipeline.app import Pipeline
from pipeline.config import Config
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import INCOMPLETE, as_json, stopping, with_config
from pipeline.interfaces.cli.progress import Progress
from pipeline.isolation.listener import Listener
from pipeline.isolation.sealing import seal
from pipeline.reports import FileGone, FileOutcome
from pipeline.service.answering import answering
from pipeline.service.server import listening


@click.command()
@click.option("--once", is_flag=True, help="Bring the inbox up to date and exit: 0 all examined, 3 some not.")
@click.option(
    "--names/--no-names", default=None, help="Print file names; default: only on a terminal, so that logs hold none."
)
@as_json
@with_config
def command(config: Config, once: bool, names: bool | None, as_json: bool) -> int:
    """Watch the inbox until Ctrl-C and say what became of each file; --json prints one object per line.

    Meanwhile it answers the searches of other commands (search.service).
    """
    if once:
        with Pipeline(config, seal(config)) as pipeline:
            return _once(pipeline, as_json)
    with listening(config) as listener, Pipeline(config, seal(config, listener=listener)) as pipeline:
        return _watch(pipeline, listener, sys.stdout.isatty() if names is None else names, as_json)


def _once(pipeline: Pipeline, as_json: bool) -> int:
    with stopping(pipeline), Progress(pipeline) as progress:
        report = pipeline.drain(progress)
    if as_json:
        output.print_json(output.report_json(report))
    else:
        click.echo("\n".join(output.report_lines(report)))
    _tell_of_matches(pipeline)
    return 0 if report.complete else INCOMPLETE


def _tell_of_matches(pipeline: Pipeline) -> None:
    """How much came for saved searches, without any name, since this may go to a log."""
    counts = [len(alert.hits) for alert in pipeline.alerts.pending() if alert.hits]
    if counts:
        click.echo(
            f"{sum(counts)} new matches for {len(counts)} saved searches: `pipeline alerts` shows them.", err=True
        )


def _watch(pipeline: Pipeline, listener: Listener | None, names: bool, as_json: bool) -> int:
    inbox = output.shown_path(pipeline.config.inbox_path)
    service = ExitStack()

    def ready(events: bool) -> None:
        how = (
            ""
            if events
            else f" (the system reports no changes here: a look every {pipeline.config.inbox.rescan_s:g} s)"
        )
        click.echo(f"Watching {inbox}{how}. Drop documents there; Ctrl-C ends.", err=True)
        nonlocal listener
        if listener is not None:
            service.enter_context(answering(pipeline, listener))
            listener = None  # a run that begins again with another model finds it at work
            click.echo("Searches are answered by this process.", err=True)

    def report(event: FileOutcome | FileGone) -> None:
        if as_json:
            output.print_json_line(output.event_json(event))
        else:
            click.echo(output.event_line(event, names=names))
        sys.stdout.flush()

    with service, stopping(pipeline):
        pipeline.watch(ready, report)
    click.echo("Stopped. Whatever is dropped meanwhile is found at the next start.", err=True)
    return 0

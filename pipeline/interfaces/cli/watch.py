"""`pipeline watch`: the inbox, followed until stopped."""

import sys

import click

from pipeline.app import Pipeline
from pipeline.datatypes import FileGone, FileOutcome
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import INCOMPLETE, as_json, stopping, with_pipeline
from pipeline.interfaces.cli.progress import Progress


@click.command()
@click.option("--once", is_flag=True, help="Bring the inbox up to date and exit: 0 all examined, 3 some not.")
@click.option(
    "--names/--no-names", default=None, help="Print file names; default: only on a terminal, so that logs hold none."
)
@as_json
@with_pipeline
def command(pipeline: Pipeline, once: bool, names: bool | None, as_json: bool) -> int:
    """Watch the inbox until Ctrl-C and say what became of each file; --json prints one object per line."""
    return (
        _once(pipeline, as_json) if once else _watch(pipeline, sys.stdout.isatty() if names is None else names, as_json)
    )


def _once(pipeline: Pipeline, as_json: bool) -> int:
    with stopping(pipeline), Progress(pipeline) as progress:
        report = pipeline.drain(progress)
    if as_json:
        output.print_json(output.report_json(report))
    else:
        click.echo("\n".join(output.report_lines(report)))
    return 0 if report.complete else INCOMPLETE


def _watch(pipeline: Pipeline, names: bool, as_json: bool) -> int:
    inbox = output.shown_path(pipeline.config.inbox_path)

    def ready(events: bool) -> None:
        how = (
            ""
            if events
            else f" (the system reports no changes here: a look every {pipeline.config.inbox.rescan_s:g} s)"
        )
        click.echo(f"Watching {inbox}{how}. Drop documents there; Ctrl-C ends.", err=True)

    def report(event: FileOutcome | FileGone) -> None:
        if as_json:
            output.print_json_line(output.event_json(event))
        else:
            click.echo(output.event_line(event, names=names))
        sys.stdout.flush()

    with stopping(pipeline):
        pipeline.watch(ready, report)
    click.echo("Stopped. Whatever is dropped meanwhile is found at the next start.", err=True)
    return 0

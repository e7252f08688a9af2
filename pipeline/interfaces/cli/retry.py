"""`pipeline retry`: what ended badly, read anew."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import INCOMPLETE, as_json, stopping, with_pipeline
from pipeline.interfaces.cli.progress import Progress
from pipeline.outcomes import State


@click.command()
@click.option(
    "--state",
    "states",
    multiple=True,
    required=True,
    type=click.Choice([state for state in State if state is not State.INDEXED], case_sensitive=False),
    help="Files in this state, and those that hold a document in it; may be given several times.",
)
@as_json
@with_pipeline
def command(pipeline: Pipeline, states: tuple[State, ...], as_json: bool) -> int:
    """Read files anew after something changed: a password was added, text recognition installed, a limit raised.

    Exits 0 when every one of them was fully examined now, 3 when some were not (they are listed).
    """
    with stopping(pipeline), Progress(pipeline) as progress:
        report = pipeline.retry(*states, report=progress)
    if as_json:
        output.print_json(output.report_json(report))
    elif not report.files:
        click.echo("No file is in such a state.", err=True)
    else:
        click.echo("\n".join(output.report_lines(report)))
    return 0 if report.complete else INCOMPLETE

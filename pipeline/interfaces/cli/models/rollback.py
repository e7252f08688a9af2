"""`pipeline models rollback`: the model of before."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, stopping, with_pipeline
from pipeline.interfaces.cli.progress import PassageProgress


@click.command()
@as_json
@with_pipeline
def command(pipeline: Pipeline, as_json: bool) -> None:
    """Switch back to the model that was active before: at once, after embedding only what came since."""
    with stopping(pipeline), PassageProgress() as progress:
        report = pipeline.roll_back(progress)
    if as_json:
        output.print_json(output.activation_json(report))
    else:
        click.echo(output.activation_line(report, "active again"))
    if note := output.activation_note(report):
        click.echo(note, err=True)

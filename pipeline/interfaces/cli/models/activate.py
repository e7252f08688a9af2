"""`pipeline models activate`: another model for the index."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, stopping, with_pipeline_and_models
from pipeline.interfaces.cli.progress import PassageProgress


@click.command()
@click.argument("name", required=False)
@click.option("--without-gate", is_flag=True, help="Do not compare the model with models.gate first.")
@as_json
@with_pipeline_and_models
def command(pipeline: Pipeline, name: str | None, without_gate: bool, as_json: bool) -> None:
    """Embed the index with model NAME (default: the configured one), and switch to it when all of it is done.

    Searches, also those of other processes, use the model of before until then. Interrupted or killed, the same
    command goes on where it was. The vectors of before are kept: `pipeline models rollback` returns to them at once.
    """
    with stopping(pipeline), PassageProgress() as progress:
        report = pipeline.activate(name or pipeline.config.model.name, progress, gated=not without_gate)
    if as_json:
        output.print_json(output.activation_json(report))
    else:
        click.echo(output.activation_line(report, "active"))
    if note := output.activation_note(report):
        click.echo(note, err=True)

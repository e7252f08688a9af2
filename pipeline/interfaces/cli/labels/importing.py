"""`pipeline labels import`: what was learned elsewhere."""

from pathlib import Path

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.labels import set_name
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@set_name
@as_json
@with_pipeline
def command(pipeline: Pipeline, file: Path, set_name: str, as_json: bool) -> None:
    """Use what was learned of a set elsewhere, with the same model and labels; the next run labels by it."""
    head = pipeline.labels.take(set_name, file)
    if as_json:
        output.print_json({"set": set_name, "examples": head.examples})
    else:
        click.echo(f"Learned from {head.examples} examples; the next run labels by it.")

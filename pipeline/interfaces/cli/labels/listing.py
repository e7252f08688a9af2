"""`pipeline labels list`: how many documents have each label."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.labels import set_name
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command("list")
@set_name
@as_json
@with_pipeline
def command(pipeline: Pipeline, set_name: str, as_json: bool) -> None:
    """Say how many documents have each label of a set."""
    found = pipeline.labels.counts(set_name)
    if as_json:
        output.print_json({"set": set_name, "labels": found})
    else:
        click.echo("\n".join(f"{count:>8}  {name}" for name, count in found.items()) or "No document has a label yet.")

"""`pipeline labels rollback`: what was learned before gives labels again."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.labels import set_name
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@set_name
@as_json
@with_pipeline
def command(pipeline: Pipeline, set_name: str, as_json: bool) -> None:
    """Give labels by what was learned before; done twice, by what is in use now."""
    pipeline.labels.roll_back(set_name)
    if as_json:
        output.print_json({"set": set_name})
    else:
        click.echo("The next run labels by what was learned before.")

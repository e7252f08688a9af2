"""`pipeline labels evaluate`: how good it would be to learn from what people said."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.labels import measures, set_name
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@set_name
@as_json
@with_pipeline
def command(pipeline: Pipeline, set_name: str, as_json: bool) -> None:
    """Say how good what would be learned is, on examples held back from learning; nothing is changed."""
    learned = pipeline.labels.evaluate(set_name)
    if as_json:
        output.print_json(measures.as_json(learned))
    else:
        click.echo("\n".join(measures.lines(learned, pipeline.config.labels.max_error)))

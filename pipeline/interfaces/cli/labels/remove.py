"""`pipeline labels remove`: what was said of documents is taken back."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@click.argument("set_name", metavar="SET")
@click.argument("documents", nargs=-1, required=True)
@as_json
@with_pipeline
def command(pipeline: Pipeline, set_name: str, documents: tuple[str, ...], as_json: bool) -> None:
    """Take back what was said of DOCUMENTS in a set; the next run labels them again."""
    count = pipeline.labels.remove(set_name, documents)
    if as_json:
        output.print_json({"removed": count})
    else:
        click.echo(f"{count} taken back.")

"""`pipeline documents`: every document with its state."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, narrowed, with_pipeline
from pipeline.search.filters import FilterOptions


@click.command()
@narrowed
@as_json
@with_pipeline
def command(pipeline: Pipeline, filters: FilterOptions, as_json: bool) -> None:
    """List every document: id, state, pages, label, path; and the reason where something was not read."""
    rows = pipeline.documents(**filters)
    if as_json:
        output.print_json({"documents": [output.document_json(row) for row in rows]})
        return
    for row in rows:
        click.echo("\n".join(output.document_lines(row)))
    click.echo(f"{len(rows)} documents", err=True)

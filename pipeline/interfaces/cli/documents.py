"""`pipeline documents`: every document with its state."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline
from pipeline.outcomes import State


@click.command()
@click.option("--state", type=click.Choice(list(State), case_sensitive=False), help="Only documents in this state.")
@click.option("--label", help="Only documents with this label.")
@click.option("--language", help="Only documents in this language: its code of ISO 639-1, such as de.")
@as_json
@with_pipeline
def command(pipeline: Pipeline, state: State | None, label: str | None, language: str | None, as_json: bool) -> None:
    """List every document: id, state, pages, label, path; and the reason where something was not read."""
    rows = pipeline.documents(label=label, state=state, language=language)
    if as_json:
        output.print_json({"documents": [output.document_json(row) for row in rows]})
        return
    for row in rows:
        click.echo("\n".join(output.document_lines(row)))
    click.echo(f"{len(rows)} documents", err=True)

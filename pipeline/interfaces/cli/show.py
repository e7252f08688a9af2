"""`pipeline show`: how one document was read, and what was not."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import detail, output
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@click.argument("document")
@as_json
@with_pipeline
def command(pipeline: Pipeline, document: str, as_json: bool) -> None:
    """Say how a document was read, page by page, and what became of the files in it, such as attachments.

    DOCUMENT is a file that was read, or an id (or its beginning) as `pipeline documents` lists it.
    """
    found = pipeline.show(document)
    if as_json:
        output.print_json(detail.as_json(found))
    else:
        click.echo("\n".join(detail.lines(found)))

"""`pipeline labels add`: what people say of documents."""

import click

from pipeline.app import Pipeline
from pipeline.errors import UsageError
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@click.argument("label", metavar="SET=LABEL")
@click.argument("documents", nargs=-1, required=True)
@as_json
@with_pipeline
def command(pipeline: Pipeline, label: str, documents: tuple[str, ...], as_json: bool) -> None:
    """Say that DOCUMENTS have a label, such as kind=invoice. It stands until it is taken back, and is an example.

    A document is a file that was read, or an id (or its beginning) as `pipeline documents` lists it.
    """
    set_name, separator, name = label.partition("=")
    if not separator:
        raise UsageError("label_form", "This is no label of a set.", "Write SET=LABEL, such as kind=invoice.")
    count = pipeline.labels.add(set_name.strip(), name.strip(), documents)
    if as_json:
        output.print_json({"labelled": count})
    else:
        click.echo(f"{count} labelled; `pipeline labels train {set_name.strip()}` learns from it.")

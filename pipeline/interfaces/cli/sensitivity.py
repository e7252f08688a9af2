"""`pipeline sensitivity`: what a person decides about how sensitive a document is."""

import click

from pipeline.app import Pipeline
from pipeline.errors import UsageError
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@click.argument("document")
@click.argument("level", required=False)
@click.option("--by-rules", is_flag=True, help="Forget what was decided: the rules say the level again.")
@as_json
@with_pipeline
def command(pipeline: Pipeline, document: str, level: str | None, by_rules: bool, as_json: bool) -> None:
    """Set the LEVEL of a document, such as internal or restricted; it may be lower than what the rules say.

    It stands until the rules rise above what they say now, such as after a new kind of personal data is found. DOCUMENT
    is a file that was read, or an id (or its beginning) as `pipeline documents` lists it.
    """
    if (level is None) is not by_rules:
        raise UsageError("level_missing", "Say one of both: a level, or --by-rules.")
    found = pipeline.protection.choose(document, level)
    if as_json:
        output.print_json({"sensitivity": found})
    else:
        click.echo(found)

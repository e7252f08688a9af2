"""`pipeline redact`: a copy of a document without personal data."""

from pathlib import Path

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import INCOMPLETE, as_json, enter
from pipeline.redaction.styles import Style


@click.command()
@click.argument("document")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The copy, a new file: .txt, .md or .pdf.")
@click.option("--kinds", multiple=True, metavar="KIND", help="Only personal data of this kind. Default: all kinds.")
@click.option(
    "--style",
    type=click.Choice(list(Style), case_sensitive=False),
    default=Style.LABEL,
    help="What stands in its place.",
)
@click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
@as_json
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one for each option
    context: click.Context,
    config_file: str | None,
    document: str,
    out: Path,
    kinds: tuple[str, ...],
    style: Style,
    as_json: bool,
) -> None:
    """Write a copy of a document in which personal data is replaced; the original stays as it is.

    A text (.txt, .md) is made of what was read of any document. A .pdf is made of a PDF: its pages as pictures in which
    the places are black, with the text that is left, and nothing else of the file.

    What is found on one page is taken out on all. No finder finds every name: read the copy before it leaves the
    house. DOCUMENT is a file that was read, or an id as `pipeline documents` lists it.
    """
    from pipeline.app import Pipeline

    entry = enter(config_file or context.obj, writable=[out.absolute().parent])
    with Pipeline(entry.config, entry.lock) as pipeline:
        made = pipeline.protection.redact(document, out, kinds=kinds, style=style)
    if as_json:
        output.print_json(
            {"pages": made.pages, "taken_out": dict(made.taken_out), "unread": made.unread, "complete": made.complete}
        )
    else:
        total = sum(made.taken_out.values())
        click.echo(f"{made.pages} pages written; taken out: {total}")
        for kind, count in made.taken_out.items():
            click.echo(f"  {count:>7} {kind}")
    if not made.complete:
        click.echo(
            "Parts of the document were not read, and are not in the copy: `pipeline show` says which.", err=True
        )
        context.exit(INCOMPLETE)

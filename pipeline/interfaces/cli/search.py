"""`pipeline search`: passages for a question."""

import click

from pipeline.app import Pipeline
from pipeline.datatypes import SearchMode
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--mode",
    type=click.Choice(list(SearchMode), case_sensitive=False),
    help="Default: search.mode of the configuration.",
)
@click.option("--limit", type=int, help="How many passages at most; default: search.limit.")
@click.option("--label", help="Only documents with this label.")
@click.option("--language", help="Only documents in this language: its code of ISO 639-1, such as de.")
@as_json
@with_pipeline
def command(  # noqa: PLR0913, PLR0917 - one for each option
    pipeline: Pipeline,
    query: tuple[str, ...],
    mode: SearchMode | None,
    limit: int | None,
    label: str | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Find passages by meaning and by word. QUERY is plain text: nothing in it is syntax."""
    text = " ".join(query)
    chosen = mode or SearchMode(pipeline.config.search.mode)
    hits = pipeline.search(text, limit=limit, mode=chosen, label=label, language=language)
    if as_json:
        shown = text.encode("utf-8", "backslashreplace").decode()
        output.print_json({"query": shown, "mode": chosen, "hits": [output.hit_json(hit) for hit in hits]})
        return
    for place, hit in enumerate(hits, 1):
        click.echo("\n".join(output.hit_lines(place, hit)))
    if not hits:
        files = pipeline.counts()
        click.echo(
            "Nothing found." if files.ended else "Nothing is indexed yet: run `pipeline watch --once`.", err=True
        )
    if pipeline.counts().open:
        click.echo("Some files are still being processed; search again for those.", err=True)

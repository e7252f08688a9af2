"""`pipeline search`: passages for a question."""

from dataclasses import replace

import click

from pipeline.config import Config
from pipeline.datatypes import Query, SearchMode
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, narrowed, with_config
from pipeline.isolation.lockdown import Lock
from pipeline.isolation.sealing import seal
from pipeline.search.filters import FilterOptions
from pipeline.search.query import query_of
from pipeline.service import client
from pipeline.service.messages import Answer


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--mode",
    type=click.Choice(list(SearchMode), case_sensitive=False),
    help="Default: search.mode of the configuration.",
)
@click.option("--limit", type=int, help="How many passages at most; default: search.limit.")
@click.option(
    "--group",
    type=click.Choice(["passage", "document"]),
    default="passage",
    help="Each passage, or each document once.",
)
@click.option("--context", type=int, default=0, metavar="N", help="Show N passages of the page around each as well.")
@click.option(
    "--reveal", is_flag=True, help="Show personal data as it stands; the audit trail records of which documents."
)
@click.option("--save", metavar="NAME", help="Keep the search under a name; `pipeline alerts` tells what comes for it.")
@narrowed
@as_json
@with_config
def command(  # noqa: PLR0913, PLR0917 - one for each option
    config: Config,
    query: tuple[str, ...],
    mode: SearchMode | None,
    limit: int | None,
    group: str,
    context: int,
    reveal: bool,
    save: str | None,
    filters: FilterOptions,
    as_json: bool,
) -> None:
    """Find passages by meaning and by word.

    QUERY is a question or some words. "Words in quotes" must follow each other, a word with an asterisk* is the
    beginning of others, and what stands before a colon may name the document: lease Miller: who pays repairs?
    """
    text = " ".join(query)
    # Before the lock, which lets a process make no socket. What is to be kept or recorded is so by this process itself.
    line = client.connect(config) if save is None and not reveal else None
    lock = seal(config, kept=[] if line is None else [line.fileno()])
    asked = query_of(config, text, limit=limit, mode=mode, by_document=group == "document", context=context, **filters)
    wanted = replace(asked, reveal=reveal)
    found = client.ask(line, config, wanted)
    _tell(wanted, _searched(config, lock, wanted, save) if found is None else found, as_json)


def _searched(config: Config, lock: Lock, query: Query, save: str | None) -> Answer:
    """Open the index in this process, since no watcher answers; and keep the search, if it has a name."""
    from pipeline.app import Pipeline
    from pipeline.service.answering import answer

    with Pipeline(config, lock) as pipeline:
        found = answer(pipeline, query)
        if save is not None:
            pipeline.alerts.save(save, query)
            click.echo("Saved: `pipeline alerts` reports what comes for it.", err=True)
        return found


def _tell(query: Query, found: Answer, as_json: bool) -> None:
    hits = found.hits
    if as_json:
        shown = query.text.encode("utf-8", "backslashreplace").decode()
        output.print_json({"query": shown, "mode": query.mode, "hits": [output.hit_json(hit) for hit in hits]})
        return
    for place, hit in enumerate(hits, 1):
        click.echo("\n".join(output.hit_lines(place, hit)))
    if hits and not hits[0].relevant:
        click.echo("Nothing here seems to answer this; the passages above are only the nearest.", err=True)
    if not hits:
        said = "Nothing found." if found.has_files else "Nothing is indexed yet: run `pipeline watch --once`."
        click.echo(said, err=True)
    if any(hit.masked for hit in hits):
        click.echo("Personal data is masked; --reveal shows it, and is recorded.", err=True)
    if found.unfinished:
        click.echo("Some files are still being processed; search again for those.", err=True)

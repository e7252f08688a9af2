"""`pipeline similar`: documents like a document, passages like a passage."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, narrowed, with_pipeline
from pipeline.search.filters import FilterOptions
from pipeline.search.findings import SimilarHit


@click.command()
@click.argument("document")
@click.option("--page", type=int, help="Passages of other documents like those on this page, instead of documents.")
@click.option("--start", type=int, help="Like the one passage of the page that begins there, as a hit says.")
@click.option("--limit", type=int, help="How many at most; default: search.limit.")
@narrowed
@as_json
@with_pipeline
def command(  # noqa: PLR0913, PLR0917 - one for each option
    pipeline: Pipeline,
    document: str,
    page: int | None,
    start: int | None,
    limit: int | None,
    filters: FilterOptions,
    as_json: bool,
) -> None:
    """Find documents that are like one in meaning, or passages of other documents that are like one of its passages.

    DOCUMENT is a file that was read, or an id (or its beginning) as `pipeline documents` lists it. Page and start are
    what a hit of `pipeline search` gives.
    """
    found = pipeline.similar(document, page=page, start=start, limit=limit, **filters)
    if as_json:
        output.print_json({"hits": [_json(hit) for hit in found]})
        return
    for place, hit in enumerate(found, 1):
        click.echo("\n".join(_lines(place, hit)))
    if not found:
        click.echo("Nothing to compare it with was found.", err=True)


def _json(hit: SimilarHit) -> dict[str, object]:
    """One hit; see docs/interfaces.md for the meaning of each key."""
    return {
        "document": hit.document,
        "path": output.path_text(hit.path),
        "inside": list(hit.inside),
        "page": hit.page,
        "start": hit.start,
        "end": hit.end,
        "snippet": hit.snippet,
        "score": round(hit.score, 4),
        "whole": None if hit.whole is None else round(hit.whole, 4),
        "part": None if hit.part is None else round(hit.part, 4),
        "label": hit.label,
        "language": hit.language,
        "dated": hit.dated,
        "sensitivity": hit.sensitivity,
        "masked": hit.masked,
        "state": hit.state,
    }


def _lines(place: int, hit: SimilarHit) -> list[str]:
    """One hit for people: where, the nearest passage, and how alike."""
    where = f"{output.places([hit.path], hit.inside)[0]}, page {hit.page}"
    label = f"  [{hit.label}]" if hit.label else ""
    alike = f"alike {hit.score:.2f}"
    if hit.whole is not None and hit.part is not None:
        alike += f" (as a whole {hit.whole:.2f}, passage by passage {hit.part:.2f}); the nearest passage is shown"
    return [
        f"{place:>2}. {output.style(where, bold=True)}{output.style(label, fg='cyan')}",
        *output.wrapped(output.plain(hit.snippet), indent="    "),
        "    " + output.style(alike, dim=True),
    ]

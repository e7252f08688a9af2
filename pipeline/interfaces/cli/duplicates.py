"""`pipeline duplicates`: documents with nearly the same text."""

import math

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, narrowed, stopping, with_pipeline
from pipeline.interfaces.cli.progress import StageProgress
from pipeline.search.filters import FilterOptions
from pipeline.search.findings import Duplicate, DuplicateGroup


@click.command()
@click.option(
    "--threshold",
    type=float,
    default=60.0,
    metavar="PERCENT",
    help="How much of their text two documents must have in common, 30 to 100; default: 60.",
)
@narrowed
@as_json
@with_pipeline
def command(pipeline: Pipeline, threshold: float, filters: FilterOptions, as_json: bool) -> None:
    """List documents with nearly the same text in groups, the largest first: copies, other formats, scans, versions.

    The percentage says how much of its text a document has in common with the one of its group that was read first.
    """
    with stopping(pipeline), StageProgress() as progress:
        groups = pipeline.duplicates(threshold=threshold / 100, progress=progress, **filters)
    if as_json:
        output.print_json({"threshold": threshold, "groups": [_group_json(group) for group in groups]})
        return
    for group in groups:
        click.echo(output.style(f"{group.places} places, {math.floor(_percent(group.similarity))} % alike", bold=True))
        for one in group.documents:
            click.echo("\n".join(_lines(one)))
    click.echo(f"{len(groups)} groups", err=True)


def _group_json(group: DuplicateGroup) -> dict[str, object]:
    """One group; see docs/interfaces.md for the meaning of each key."""
    return {
        "places": group.places,
        "similarity": _percent(group.similarity),
        "documents": [
            {
                "document": one.row.document,
                "similarity": _percent(one.similarity),
                "paths": [output.path_text(path) for path in one.row.paths],
                "inside": list(one.row.inside),
                "format": one.row.format,
                "pages": one.row.pages,
                "dated": one.row.dated,
                "indexed_at": one.row.indexed_at,
                "state": one.row.state,
            }
            for one in group.documents
        ],
    }


def _lines(one: Duplicate) -> list[str]:
    first, *others = output.places(one.row.paths, one.row.inside) or ["(kept; its file is gone)"]
    lines = [f"  {math.floor(_percent(one.similarity)):>3} %  {one.row.format or '-':<10}  {first}"]
    return lines + [f"{'':<19}also {other}" for other in others]


def _percent(share: float) -> float:
    """Down to a tenth: 100 are those only whose texts are the same."""
    return math.floor(share * 1000 + 1e-6) / 10

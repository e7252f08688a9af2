"""`pipeline labels review`: the documents whose label is least certain."""

from collections.abc import Iterator

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.labels import set_name
from pipeline.interfaces.cli.options import as_json, with_pipeline
from pipeline.label_sets import Reviewed


@click.command()
@set_name
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many at most.")
@as_json
@with_pipeline
def command(pipeline: Pipeline, set_name: str, limit: int, as_json: bool) -> None:
    """Show the documents of which a person's word would teach most, what each may be, and a passage that says so."""
    found = pipeline.labels.review(set_name, limit)
    if as_json:
        output.print_json({"set": set_name, "documents": [_json(one) for one in found]})
        return
    for one in found:
        click.echo("\n".join(_lines(one)))
    if found:
        click.echo(f"Say what one is: pipeline labels add {set_name}=LABEL DOCUMENT; then: labels train.", err=True)
    else:
        click.echo("There is nothing to review.", err=True)


def _json(one: Reviewed) -> dict[str, object]:
    label = one.given.label
    return {
        "document": one.row.document,
        "paths": [output.path_text(path) for path in one.row.paths],
        "inside": list(one.row.inside),
        "label": label.name,
        "score": round(label.score, 4),
        "threshold": round(label.threshold, 4),
        "alternatives": [{"label": name, "score": round(score, 4)} for name, score in label.alternatives],
        "snippet": one.snippet,
        "head": label.head,
    }


def _lines(one: Reviewed) -> Iterator[str]:
    label = one.given.label
    place = (output.places(one.row.paths, one.row.inside) or ["(kept; its file is gone)"])[0]
    yield f"{(one.row.document or '-')[: output.DOCUMENT_DIGITS]}  {output.style(place, bold=True)}  [{label.name}]"
    yield "    may be: " + ", ".join(f"{name} {score:.0%}" for name, score in label.alternatives)
    yield from output.wrapped(output.plain(one.snippet), indent="    ")

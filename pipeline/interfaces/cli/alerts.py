"""`pipeline alerts`: what came for saved searches since they were last reported."""

import sys

import click

from pipeline.app import Pipeline
from pipeline.datatypes import Filters
from pipeline.errors import UsageError
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline
from pipeline.search.findings import Alert
from pipeline.storage.saved_searches import SavedSearch


@click.command()
@click.option("--peek", is_flag=True, help="Report, and report the same again the next time.")
@click.option("--list", "listed", is_flag=True, help="List the saved searches instead.")
@click.option("--remove", metavar="NAME", help="Forget the saved search of this name instead.")
@as_json
@with_pipeline
def command(pipeline: Pipeline, peek: bool, listed: bool, remove: str | None, as_json: bool) -> None:
    """Report passages of new documents that saved searches find, each once; `pipeline search --save NAME` saves one.

    New is what could not be found at the last report: a document that is read anew, or renamed, is not.
    """
    if listed + peek + (remove is not None) > 1:
        raise UsageError("options_apart", "--peek, --list and --remove do not go together.", "Give one of them.")
    if remove is not None:
        pipeline.alerts.remove(remove)
        _told({"removed": 1}, "Removed.", as_json)
    elif listed:
        _list(pipeline.alerts.every(), as_json)
    else:
        alerts = pipeline.alerts.pending()
        _report(alerts, as_json)
        if not peek:
            sys.stdout.flush()  # what could not be printed stays news
            pipeline.alerts.told(alerts)


def _report(alerts: tuple[Alert, ...], as_json: bool) -> None:
    if as_json:
        output.print_json({"searches": [_alert_json(alert) for alert in alerts]})
        return
    for alert in alerts:
        if alert.hits:
            more = f", the first {len(alert.hits)}" if alert.more else ""
            click.echo(output.style(f"{alert.name}: {len(alert.hits)} new{more}", bold=True))
            for place, hit in enumerate(alert.hits, 1):
                click.echo("\n".join(output.hit_lines(place, hit)))
    if not alerts:
        click.echo("There are no saved searches: `pipeline search --save NAME QUERY` keeps one.", err=True)
    elif not any(alert.hits for alert in alerts):
        click.echo(f"Nothing new for {len(alerts)} saved searches.", err=True)


def _list(searches: list[SavedSearch], as_json: bool) -> None:
    if as_json:
        output.print_json({"searches": [_search_json(search) for search in searches]})
        return
    for search in searches:
        click.echo(f"{search.name}: {output.plain(search.query.text)}")
        asked = "".join(f"; {name} {value}" for name, value in _filters_json(search.query.filters).items() if value)
        click.echo(f"    {search.query.mode}{output.plain(asked)}; since {search.saved_at}")
    click.echo(f"{len(searches)} saved searches", err=True)


def _told(value: dict[str, object], sentence: str, as_json: bool) -> None:
    if as_json:
        output.print_json(value)
    else:
        click.echo(sentence, err=True)


def _alert_json(alert: Alert) -> dict[str, object]:
    """One saved search and what came for it; see docs/interfaces.md for the meaning of each key."""
    return {"name": alert.name, "hits": [output.hit_json(hit) for hit in alert.hits], "more": alert.more}


def _search_json(search: SavedSearch) -> dict[str, object]:
    return {
        "name": search.name,
        "query": search.query.text,
        "mode": search.query.mode,
        "filters": _filters_json(search.query.filters),
        "saved_at": search.saved_at,
    }


def _filters_json(filters: Filters) -> dict[str, object]:
    days = {name: getattr(filters, name) for name in ("after", "before", "indexed_after", "indexed_before")}
    return {
        "label": list(filters.labels),
        "language": list(filters.languages),
        "format": list(filters.formats),
        "state": list(filters.states),
        "path": [path.decode("utf-8", "backslashreplace") for path in filters.paths],
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
    }

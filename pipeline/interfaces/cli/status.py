"""`pipeline status`: sums over all files."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline
from pipeline.outcomes import State

# The network lock is not part of this version; saying so is part of the promise.
NETWORK = {
    "enforcement": "none",
    "statement": "No part of the program speaks to a network; the kernel does not enforce it yet.",
}


@click.command()
@as_json
@with_pipeline
def command(pipeline: Pipeline, as_json: bool) -> None:
    """Say how many files are in which state, and what is kept of them."""
    counts, model = pipeline.counts(), pipeline.model_status()
    states = {state.value: counts.ended.get(state, 0) for state in State}
    value = {
        "states": states,
        "files": sum(states.values()) + counts.open,
        "waiting": counts.waiting,
        "working": counts.working,
        **pipeline.totals(),
        "model": model.active,
        "inbox": output.path_text(pipeline.config.inbox_path),
        "store": output.path_text(pipeline.config.store_path),
        "network": NETWORK,
        "previous_model": model.previous,
        "activation": model.activation and {"model": model.activation, "passages_left": model.passages_left},
    }
    if as_json:
        output.print_json(value)
        return
    click.echo(f"inbox    {output.shown_path(pipeline.config.inbox_path)}")
    click.echo(f"store    {output.shown_path(pipeline.config.store_path)}")
    click.echo(f"model    {model.active}{f' (before: {model.previous})' if model.previous else ''}")
    if model.activation:
        click.echo(
            f"         unfinished change to {model.activation}: {model.passages_left} passages left; "
            f"`pipeline models activate {model.activation}` goes on"
        )
    click.echo(f"network  {NETWORK['statement']}")
    click.echo(f"files    {value['files']}: {counts.waiting} waiting, {counts.working} in work")
    for state, count in states.items():
        click.echo(f"         {count:>7} {state}")
    click.echo("kept     " + ", ".join(f"{count} {name}" for name, count in pipeline.totals().items()))

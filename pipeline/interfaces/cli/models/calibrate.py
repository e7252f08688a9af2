"""`pipeline models calibrate`: new ranges for an INT8 model, pinned in its manifest."""

from pathlib import Path

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.models import root_and_name
from pipeline.interfaces.cli.options import as_json


@click.command()
@click.argument("name", required=False)
@click.option(
    "--texts", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Passages, separated by lines of three hyphens. Default: those that come with the models.",
)  # fmt: skip
@click.option("--alpha", type=click.FloatRange(0, 1), help="Share of the difficulty that moves to the weights.")
@as_json
@click.pass_obj
def command(config_file: str | None, name: str | None, texts: Path | None, alpha: float | None, as_json: bool) -> None:
    """Run passages through the float model NAME is made from, write ranges.json, and pin it and what it builds.

    The ranges hold numbers only, but numbers about these passages: use texts that you may ship. Build it afterwards.
    """
    from pipeline.registry import catalogue, pinning

    root, configured = root_and_name(config_file)
    model = catalogue.find(root, name or configured)
    passages = catalogue.passages(texts) if texts else catalogue.texts(root, "calibration")
    sha256 = pinning.calibrate(model.folder, passages, alpha)
    if as_json:
        output.print_json({"name": model.manifest.name, "passages": len(passages), "sha256": sha256})
    else:
        click.echo(f"{model.manifest.name}: calibrated with {len(passages)} passages; it builds to sha256 {sha256}")
        click.echo(f"Build it: pipeline models build {model.manifest.name}", err=True)

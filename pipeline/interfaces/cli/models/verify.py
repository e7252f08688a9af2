"""`pipeline models verify`: are the files the promised ones?"""

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.models import root_and_name
from pipeline.interfaces.cli.options import as_json


@click.command()
@click.argument("name", required=False)
@as_json
@click.pass_obj
def command(config_file: str | None, name: str | None, as_json: bool) -> None:
    """Check every file that running model NAME needs (default: the configured one); exits 4 when one differs."""
    from pipeline.registry import build, catalogue

    root, configured = root_and_name(config_file)
    model = catalogue.find(root, name or configured)
    build.verify(model.folder, model.manifest)
    if as_json:
        output.print_json({"name": model.manifest.name, "ok": True, "sha256": model.manifest.model.sha256})
    else:
        click.echo(f"{model.manifest.name}: the model and its tokenizer are the promised ones.")

"""`pipeline labels export`: what was learned, as a file."""

from pathlib import Path

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.labels import set_name
from pipeline.interfaces.cli.options import as_json, enter


@click.command()
@set_name
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new file.")
@as_json
@click.pass_obj
def command(config_file: str | None, set_name: str, out: Path, as_json: bool) -> None:
    """Write what was learned of a set to a file: numbers, no text of any document."""
    from pipeline.app import Pipeline

    entry = enter(config_file, writable=[out.absolute().parent])
    with Pipeline(entry.config, entry.lock) as pipeline:
        pipeline.labels.export(set_name, out)
    if as_json:
        output.print_json({"set": set_name, "size_bytes": out.stat().st_size})
    else:
        click.echo(f"{out.stat().st_size} bytes written.")

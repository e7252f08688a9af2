"""`pipeline ingest`: files and folders brought to their ends, once."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import INCOMPLETE, as_json, stopping, with_pipeline
from pipeline.interfaces.cli.progress import Progress


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@as_json
@with_pipeline
def command(pipeline: Pipeline, paths: tuple[str, ...], as_json: bool) -> int:
    """Bring files, or all files below folders, into the index. They stay where they are and are not watched.

    Exits 0 when every document was fully examined, 3 when some were not (they are listed).
    """
    with stopping(pipeline), Progress(pipeline) as progress:
        report = pipeline.ingest(*paths, report=progress)
    if as_json:
        output.print_json(output.report_json(report))
    else:
        click.echo("\n".join(output.report_lines(report)))
    return 0 if report.complete else INCOMPLETE

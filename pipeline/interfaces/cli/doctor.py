"""`pipeline doctor`: is the installation sound?"""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@as_json
@with_pipeline
def command(pipeline: Pipeline, as_json: bool) -> int:
    """Check the installation, the model and the store; exits 1 when something is wrong, and says what to do."""
    checks = pipeline.examine()
    if as_json:
        output.print_json(
            {"ok": all(check.ok for check in checks), "checks": [output.check_json(check) for check in checks]}
        )
    else:
        for check in checks:
            mark = output.style("ok  ", fg="green") if check.ok else output.style("FAIL", fg="red")
            click.echo(f"{mark} {check.name:<12} {check.finding}")
            if not check.ok:
                click.echo(f"     {'':<12} {check.advice}")
    return 0 if all(check.ok for check in checks) else 1

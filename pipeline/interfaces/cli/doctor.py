"""`pipeline doctor`: is the installation sound?"""

import click

from pipeline.app import Pipeline
from pipeline.health import Check
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline


@click.command()
@as_json
@with_pipeline
def command(pipeline: Pipeline, as_json: bool) -> int:
    """Check the installation, the model and the store; exits 1 when something is wrong, and says what to do."""
    checks = [*pipeline.examine(), _search(pipeline), _lock(pipeline)]
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


def _search(pipeline: Pipeline) -> Check:
    """Who answers searches: no fault either way."""
    from pipeline.service import server

    return Check("search", True, server.answered_by(pipeline.config).sentence)


def _lock(pipeline: Pipeline) -> Check:
    """The short proof: every way to a network, tried from within this locked process."""
    from pipeline.proof import matrix

    lock = pipeline.lock
    if not lock.sealed:
        return Check("network", False, "the kernel does not keep this program off networks", "See docs/security.md.")
    open_ways = matrix.short()
    if open_ways:
        finding = f"not refused: {', '.join(open_ways)}"
        return Check(
            "network", False, finding, "Do not use this installation; report it with `pipeline prove-offline`."
        )
    layers = [f"Landlock {lock.landlock}" if lock.landlock else "no Landlock"]
    layers.append("a network of its own" if lock.own_network else "the machine's network")
    return Check("network", True, f"all {len(matrix.NETWORK)} ways out are refused; {', '.join(layers)}")

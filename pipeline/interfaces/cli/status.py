"""`pipeline status`: sums over all files."""

import click

from pipeline.app import Pipeline
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json, with_pipeline
from pipeline.isolation.lockdown import Lock
from pipeline.outcomes import Code, State
from pipeline.proof import attestation
from pipeline.proof.attestation import Attestation
from pipeline.service import server


@click.command()
@as_json
@with_pipeline
def command(pipeline: Pipeline, as_json: bool) -> None:
    """Say how many files are in which state, and what is kept of them."""
    counts, model, proof = pipeline.counts(), pipeline.model_status(), attestation.latest(pipeline.config.store_path)
    states = {state.value: counts.ended.get(state, 0) for state in State}
    value = {
        "states": states,
        "files": sum(states.values()) + counts.open,
        "waiting": counts.waiting,
        "working": counts.working,
        **pipeline.totals(),
        "unread": pipeline.unread(),
        "codes": {code.value: count for code, count in pipeline.codes().items()},
        "personal_data": {
            kind: {"findings": found, "documents": documents}
            for kind, (found, documents) in pipeline.protection.totals().items()
        },
        "model": model.active,
        "inbox": output.path_text(pipeline.config.inbox_path),
        "store": output.path_text(pipeline.config.store_path),
        "network": _network_json(pipeline, proof),
        "search_service": server.answered_by(pipeline.config),
        "previous_model": model.previous,
        "activation": model.activation and {"model": model.activation, "passages_left": model.passages_left},
    }
    if as_json:
        output.print_json(value)
        return
    click.echo(f"inbox    {output.shown_path(pipeline.config.inbox_path)}")
    click.echo(f"store    {output.shown_path(pipeline.config.store_path)}")
    click.echo(f"model    {model.active}{f' (before: {model.previous})' if model.previous else ''}")
    if model.activation:
        click.echo(
            f"         unfinished change to {model.activation}: {model.passages_left} passages left; "
            f"`pipeline models activate {model.activation}` goes on"
        )
    click.echo(f"network  {_statement(pipeline.lock)}")
    click.echo(f"         {_last_proof(proof)}")
    click.echo(f"search   {server.answered_by(pipeline.config).sentence}")
    click.echo(f"files    {value['files']}: {counts.waiting} waiting, {counts.working} in work")
    for state, count in states.items():
        click.echo(f"         {count:>7} {state}")
    click.echo("kept     " + ", ".join(f"{count} {name}" for name, count in pipeline.totals().items()))
    for kind, (found, documents) in pipeline.protection.totals().items():
        click.echo(f"         {found:>7} {kind} in {documents} documents")
    for line in _unread_lines(pipeline.unread(), pipeline.codes()):
        click.echo(f"         {line}")


_SUMS = {
    "pages_failed": "pages could not be read",
    "pages_without_text": "pages show only pictures, and were not recognised",
    "pages_recognised": "pages were read by text recognition",
    "pages_uncertain": "of them it was not sure",
    "members": "files lie in other files, such as attachments",
    "members_unread": "of them were not fully read",
    "misnamed": "documents bear the suffix of another format",
}


def _unread_lines(unread: dict[str, int], codes: dict[Code, int]) -> list[str]:
    """What was not read, in sum: pages, files in files, and every reason with the number of documents."""
    lines = [f"{unread[name]:>7} {words}" for name, words in _SUMS.items() if unread[name]]
    reasons = [f"{count:>7} {code}: {code.sentence}" for code, count in codes.items() if code is not Code.COMPLETE]
    return [*lines, *(["not fully read, by reason:", *reasons] if reasons else [])]


def _network_json(pipeline: Pipeline, proof: Attestation | None) -> dict[str, object]:
    lock = pipeline.lock
    return {
        "enforcement": pipeline.config.network.enforcement,
        "state": "sealed" if lock.sealed else "advisory",
        "statement": _statement(lock),
        "system_calls": lock.system_calls,
        "landlock": lock.landlock,
        "own_network": lock.own_network,
        "last_proof": proof and {"made_at": proof.made_at, "verdict": proof.verdict, "valid": proof.valid},
    }


def _statement(lock: Lock) -> str:
    """What every command of this program on this machine is held by. The word "sealed" is the kernel's only."""
    if not lock.sealed:
        return "advisory: no part of the program speaks to a network, but the kernel does not enforce it here."
    files = "writes only to the store" if lock.landlock else "files are not restricted (no Landlock)"
    network = "alone in a network of its own" if lock.own_network else "without a network of its own"
    return f"sealed: the kernel refuses this program every network; {network}; {files}."


def _last_proof(proof: Attestation | None) -> str:
    if proof is None:
        return "not proved yet on this machine: `pipeline prove-offline`"
    valid = "" if proof.valid else " (but that record was changed since)"
    return f"last proof {proof.made_at}: {proof.verdict}{valid}"

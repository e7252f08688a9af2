"""`pipeline prove-offline`: escape attempts, a rehearsal, and a signed record of both."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.config import Config, find, load
from pipeline.errors import LockError, UsageError
from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.options import as_json
from pipeline.isolation.sealing import seal

if TYPE_CHECKING:
    from pipeline.proof.attestation import Attestation
    from pipeline.proof.matrix import Matrix
    from pipeline.proof.rehearsal import Rehearsal

_MARKS = {"refused": "refused", "killed": "killed", "out": "GOT OUT", "unavailable": "not here", "unclear": "unclear"}
_VERDICTS = {
    "proved": "Proved: nothing left a locked process, and the same attempts got out of an unlocked one.",
    "uncontrolled": "Nothing got out; but in this environment nothing gets out of an unlocked process either.",
    "failed": "NOT PROVED. What failed is marked above.",
}


@click.command("prove-offline")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the attestation there, too.")
@click.option(
    "--verify", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Check an attestation instead."
)
@click.option("--key", "expected", help="With --verify: the fingerprint that its signer must have.")
@click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Configuration file.")
@as_json
@click.pass_obj
def command(
    group_config: str | None, out: Path | None, verify: Path | None, expected: str | None, config_file: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Try every way out of a locked process, index and search samples under the lock, and sign what came of it.

    Each attempt is also made without the lock, aimed at this machine's loopback, where it must get out: so that its
    failure under the lock means something. Exits 0 when proved, 4 when not.
    """
    given = config_file or group_config
    file = find(Path(given) if given else None)
    config = load(file)
    if verify is not None:
        return _verify(config, verify, expected, as_json)
    if out is not None and not out.parent.is_dir():
        raise UsageError("out_folder", "The folder of --out does not exist.", "Create it first.")
    return _prove(config, file, out, as_json)


def _prove(config: Config, file: Path, out: Path | None, as_json: bool) -> int:
    """Attempts and rehearsal run in processes of their own; this one is locked before it opens the user's store."""
    from pipeline.proof import matrix, rehearsal

    with tempfile.TemporaryDirectory(prefix="sealed-inbox-proof-") as name:
        folder = Path(name)
        for part in ("attempts", "rehearsal"):
            (folder / part).mkdir()
        click.echo("Trying every way out, without and with the lock ...", err=True)
        try:
            found = matrix.measure(file, folder / "attempts")
        except OSError as error:
            raise LockError(
                "proof_impossible",
                f"This environment lets no process listen on the loopback ({error.strerror}): nothing can be compared.",
                "Run the proof outside the sandbox that surrounds it.",
            ) from None
        click.echo("Indexing and searching samples under the lock ...", err=True)
        rehearsed = rehearsal.rehearse(config, folder / "rehearsal")
    seal(config, writable=[] if out is None else [out.parent])
    record = _signed(config, file, found, rehearsed, out)
    if as_json:
        output.print_json(record.statement | {"signed_by": record.signer})
    else:
        _tell(found, rehearsed, record)
    return 0 if record.verdict == "proved" else 4


def _signed(config: Config, file: Path, found: "Matrix", rehearsed: "Rehearsal", out: Path | None) -> "Attestation":
    from pipeline.proof import attestation
    from pipeline.registry.pinning import write_whole
    from pipeline.storage.keys import InstallationKey

    now = datetime.now(UTC)
    content = attestation.statement(config, file, found, rehearsed, now)
    record = attestation.signed(content, InstallationKey.of(config.store_path))
    kept = attestation.file_for(config.store_path, now)
    for target in (kept, *([out] if out is not None else [])):
        try:
            write_whole(target, record)
        except OSError as error:
            raise UsageError("out_unwritable", f"The attestation cannot be written: {error.strerror}.") from None
    return attestation.read(kept)


def _tell(found: "Matrix", rehearsed: "Rehearsal", record: "Attestation") -> None:
    click.echo(f"{'attempt':<21} {'no lock':<9} {'service':<9} {'watcher':<9} {'reader':<9}")
    for row in found.rows:
        unlocked = _MARKS[row.unlocked.result]
        service = _MARKS[row.service.result] if row.service_must_refuse else "allowed"
        watcher = _MARKS[row.watcher.result] if row.watcher_must_refuse else "allowed"
        reader = _MARKS[row.reader.result] if row.reader_must_refuse else "allowed"
        unlocked = "got out" if unlocked == "GOT OUT" else unlocked
        line = f"{row.name:<21} {unlocked:<9} {service:<9} {watcher:<9} {reader:<9} {row.meaning}"
        click.echo(line if row.holds else output.style(f"{line}   <-- NOT REFUSED", fg="red"))
    for name in found.leaked:
        click.echo(output.style(f"{name}: its message ARRIVED from a locked process", fg="red"))
    packets = "no counter here" if rehearsed.packets is None else f"{rehearsed.packets} packets sent"
    indexed = f"{rehearsed.indexed} of {rehearsed.documents} samples indexed, {rehearsed.found} found"
    click.echo(f"\nrehearsal   {indexed}; {packets}")
    lock = found.service_lock
    files = f"Landlock {lock.landlock}" if lock.landlock else "no Landlock"
    network = "a network of its own" if lock.own_network else "no network of its own"
    click.echo(f"lock        system calls: {'yes' if lock.system_calls else 'NO'}; {files}; {network}")
    click.echo(f"signed by   {record.signer}, {record.made_at}")
    if not rehearsed.succeeded:
        click.echo("The samples were not all indexed and found: `pipeline doctor` looks for the cause.")
    click.echo(_VERDICTS[record.verdict])


def _verify(config: Config, file: Path, expected: str | None, as_json: bool) -> int:
    """Whether the record is as it was signed, and by whom; exits 4 when it is not, or by nobody who is expected."""
    seal(config, needs_store=False)
    from pipeline.proof import attestation
    from pipeline.storage import keys
    from pipeline.storage.keys import InstallationKey

    record = attestation.read(file)
    if expected is None and InstallationKey.exists(config.store_path):
        expected = keys.fingerprint(InstallationKey.of(config.store_path).public)
    known = record.valid and record.signer == expected
    if as_json:
        output.print_json(
            {"valid": record.valid, "signer": record.signer, "signer_expected": known, "made_at": record.made_at,
             "verdict": record.verdict}
        )  # fmt: skip
    elif not record.valid:
        click.echo("The attestation was changed after it was signed: it proves nothing.")
    else:
        whose = "the expected key" if known else "a key that is not known here; compare it, and name it with --key"
        click.echo(f"The signature is valid: {record.signer}, {whose}.")
        click.echo(f"{record.made_at}: {record.verdict}")
    return 0 if known else 4

"""The signed record of a proof: what was tried on which machine with which version, and what came of it.

Holds no document, no query and no name of a file. The statement is signed as canonical JSON: keys sorted, no space,
ASCII only.
"""

import base64
import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from pipeline.config import Config
from pipeline.errors import UsageError
from pipeline.isolation.lockdown import Lock
from pipeline.isolation.probe import Outcome
from pipeline.proof.matrix import Matrix, Row
from pipeline.proof.rehearsal import Rehearsal
from pipeline.registry import catalogue
from pipeline.storage import keys
from pipeline.storage.keys import InstallationKey

FORMAT = "sealed-inbox/offline-proof/1"
FOLDER = "proofs"
MAX_FILE_BYTES = 1 << 20
_PACKAGES = ("sealed-inbox", "onnxruntime", "faiss-cpu", "pypdf", "tokenizers", "numpy", "cryptography")


class Verdict(StrEnum):
    """What a proof says. UNCONTROLLED: nothing got out, but nothing would have without the lock either."""

    PROVED = "proved"
    UNCONTROLLED = "uncontrolled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attestation:
    """A record that was read back. `valid`: its signature is that of the key in it, whose name is `signer`."""

    statement: dict[str, object]
    valid: bool
    signer: str

    @property
    def made_at(self) -> str:
        """When, in UTC."""
        return str(self.statement.get("made_at", ""))

    @property
    def verdict(self) -> str:
        """What it says."""
        return str(self.statement.get("verdict", ""))


def verdict(matrix: Matrix, rehearsal: Rehearsal) -> Verdict:
    """Nothing may get out, the product must work so, and the same attempts must get out without the lock."""
    sealed = all(lock.sealed for lock in (matrix.service_lock, matrix.watcher_lock, matrix.reader_lock))
    if not (matrix.holds and sealed and rehearsal.succeeded):
        return Verdict.FAILED
    return Verdict.PROVED if matrix.controlled else Verdict.UNCONTROLLED


def statement(
    config: Config, config_file: Path, matrix: Matrix, rehearsal: Rehearsal, at: datetime
) -> dict[str, object]:
    """What is signed."""
    return {
        "format": FORMAT,
        "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "verdict": verdict(matrix, rehearsal).value,
        "host": {
            "name": platform.node(), "system": platform.system(), "kernel": platform.release(),
            "machine": platform.machine(), "python": platform.python_version(),
        },
        "versions": {name: _version(name) for name in _PACKAGES},
        "models": [
            {"name": one.manifest.name, "sha256": one.manifest.model.sha256}
            for one in catalogue.installed(config.models_path)
        ],
        "config_sha256": hashlib.sha256(config_file.read_bytes()).hexdigest(),
        "enforcement": config.network.enforcement,
        "lock": {
            "service": _lock(matrix.service_lock), "watcher": _lock(matrix.watcher_lock),
            "reader": _lock(matrix.reader_lock),
        },
        "controlled": matrix.controlled,
        "leaked": list(matrix.leaked),
        "attempts": [_row(row) for row in matrix.rows],
        "rehearsal": asdict(rehearsal) | {"succeeded": rehearsal.succeeded},
    }  # fmt: skip


def signed(content: dict[str, object], key: InstallationKey) -> bytes:
    """The file: statement, signature and public key."""
    record = {
        "statement": content,
        "signature": base64.b64encode(key.sign(_canonical(content))).decode(),
        "public_key": base64.b64encode(key.public).decode(),
    }
    return json.dumps(record, indent=2, sort_keys=True).encode() + b"\n"


def read(file: Path) -> Attestation:
    """Read a record and check its signature. Raises UsageError when it is none."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ValueError
        record = json.loads(file.read_bytes(), object_pairs_hook=_unambiguous)
        if record.keys() != {"statement", "signature", "public_key"}:
            raise ValueError  # what is not signed must not be there to be read by eye
        content, public = record["statement"], base64.b64decode(record["public_key"], validate=True)
        signature = base64.b64decode(record["signature"], validate=True)
        if content["format"] != FORMAT or content["verdict"] not in list(Verdict) or not _is_moment(content["made_at"]):
            raise ValueError  # these are shown: whoever signed it, they must not be able to write to a terminal
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            "attestation_unreadable",
            "The file is no attestation of this program.",
            "Name one of `pipeline prove-offline`.",
        ) from None
    return Attestation(content, keys.is_signed(_canonical(content), signature, public), keys.fingerprint(public))


def latest(store: Path) -> Attestation | None:
    """The last record kept in a store; None when there is none that can be read."""
    files = sorted((store / FOLDER).glob("offline-*.json"))
    try:
        return read(files[-1]) if files else None
    except UsageError:
        return None


def file_for(store: Path, at: datetime) -> Path:
    """Where the record of a moment is kept; its folder is made."""
    folder = store / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"offline-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"


def _is_moment(text: str) -> bool:
    """Whether it is written as statement() writes it."""
    return datetime.fromisoformat(text).isoformat(timespec="seconds") == text


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """One object of JSON, in which no key occurs twice: programs take the last, eyes the first. Raises ValueError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _row(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "meaning": row.meaning,
        "unlocked": _outcome(row.unlocked),
        "service": _outcome(row.service),
        "watcher": _outcome(row.watcher),
        "reader": _outcome(row.reader),
        "arrived_unlocked": row.arrived,
        "must_refuse": [
            role
            for role, must in (
                ("service", row.service_must_refuse),
                ("watcher", row.watcher_must_refuse),
                ("reader", row.reader_must_refuse),
            )
            if must
        ],
        "holds": row.holds,
    }


def _outcome(outcome: Outcome) -> str:
    return f"{outcome.result}:{outcome.detail}" if outcome.detail else outcome.result


def _lock(lock: Lock) -> dict[str, object]:
    return {"system_calls": lock.system_calls, "landlock": lock.landlock, "own_network": lock.own_network}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None

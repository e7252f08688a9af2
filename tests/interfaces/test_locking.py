"""Every command takes the lock before it works, says what holds it, and shows it: prove-offline."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.interfaces.cli.labels import COMMANDS as LABEL_COMMANDS
from pipeline.interfaces.cli.main import COMMANDS
from pipeline.interfaces.cli.models import COMMANDS as MODEL_COMMANDS
from pipeline.isolation import attempts
from pipeline.proof import attestation
from pipeline.storage import keys
from pipeline.storage.keys import InstallationKey
from tests.conftest import Configure, write
from tests.isolation.conftest import LOCKABLE, ROOT
from tests.isolation.test_lockdown import landlock_here

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="the lock is one of Linux's kernel"), LOCKABLE]
Ended = subprocess.CompletedProcess[str]
# How a user runs each of them; below `models` with that word before.
ARGUMENTS = {
    "watch": ["--once"],
    "ingest": ["inbox"],
    "search": ["rent"],
    "alerts": [],
    "similar": ["inbox/lease.txt"],
    "duplicates": [],
    "documents": [],
    "show": ["inbox/lease.txt"],
    "sensitivity": ["inbox/lease.txt", "internal"],
    "redact": ["inbox/lease.txt", "--out", "copy.txt"],
    "retry": ["--state", "encrypted"],
    "status": [],
    "doctor": [],
    "prove-offline": [],
}
MODEL_ARGUMENTS = {
    "list": [],
    "verify": [],
    "build": [],
    "evaluate": ["--out", "dossier.json"],
    "activate": ["all-minilm-l6-v2-int8"],
    "rollback": [],
    "import": ["some-model"],
    "calibrate": [],
    "names": ["--if-needed"],
}
LABEL_ARGUMENTS = {
    "list": [],
    "review": [],
    "add": ["kind=contract", "inbox/lease.txt"],
    "remove": ["kind", "inbox/lease.txt"],
    "train": [],
    "evaluate": [],
    "rollback": [],
    "export": ["--out", "learned"],
    "import": ["learned"],
}
EVERY = [
    *([name, *rest] for name, rest in ARGUMENTS.items()),
    *(["models", name, *rest] for name, rest in MODEL_ARGUMENTS.items()),
    *(["labels", name, *rest] for name, rest in LABEL_ARGUMENTS.items()),
]
UNLOCKABLE = """
import sys
from tests.isolation.inside import refuse_the_lock
refuse_the_lock()
from pipeline.interfaces.cli.main import main
main()
"""
LEASE = "The tenant shall pay the monthly rent in advance to the landlord."


def run(folder: Path, *arguments: str, lockable: bool = True) -> Ended:
    """A command in this folder; not `lockable`: where the kernel gives no filter."""
    program = ["-m", "pipeline"] if lockable else ["-c", UNLOCKABLE]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        capture_output=True, text=True, cwd=folder, check=False, timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.fixture
def folder(configure: Configure, tmp_path: Path) -> Path:
    """Where config.yaml lies, with a document in the inbox."""
    configure()
    write(tmp_path / "inbox", "lease.txt", LEASE)
    (tmp_path / "some-model").mkdir()
    return tmp_path


def advised(folder: Path) -> Path:
    """The same where the configuration lets the program go on without a lock."""
    file = folder / "config.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}network: {{enforcement: best_effort}}\n", encoding="utf-8")
    return folder


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_no_command_is_forgotten_here() -> None:
    assert set(ARGUMENTS) | {"models", "labels"} == set(COMMANDS)
    assert set(LABEL_ARGUMENTS) == set(LABEL_COMMANDS)
    assert set(MODEL_ARGUMENTS) == set(MODEL_COMMANDS)


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_a_command_that_gets_no_lock_does_nothing(folder: Path, command: list[str]) -> None:
    before = files(folder)
    ended = run(folder, *command, lockable=False)
    assert (ended.returncode, ended.stdout) == (4, ""), ended.stderr
    assert "[lock_refused]" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert files(folder) == before, "an index, a key or a model was made"


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_a_command_whose_standard_stream_is_a_connection_does_nothing(folder: Path, stream: str) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as line:
        ends = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL} | {stream: line.fileno()}
        ended = subprocess.run(
            [sys.executable, "-m", "pipeline", "status"],
            **ends, stderr=subprocess.PIPE, text=True, cwd=folder, check=False, timeout=60,
        )  # type: ignore[call-overload] # fmt: skip
    assert (ended.returncode, "[stream_is_network]" in ended.stderr) == (4, True)
    assert not (folder / "store" / "index.sqlite").exists()


def test_what_is_only_advised_is_called_so(folder: Path) -> None:
    advised(folder)
    text = run(folder, "status", lockable=False)
    assert text.returncode == 0
    assert "advisory" in text.stdout
    assert "sealed" not in text.stdout.replace(str(folder), "").lower()
    network = json.loads(run(folder, "status", "--json", lockable=False).stdout)["network"]
    assert (network["state"], network["enforcement"]) == ("advisory", "best_effort")
    assert (network["system_calls"], network["landlock"], network["own_network"]) == (False, 0, False)
    assert "sealed" not in json.dumps(network).lower()


def test_doctor_finds_fault_with_what_is_only_advised(folder: Path) -> None:
    advised(folder)
    ended = run(folder, "doctor", "--json", lockable=False)
    (check,) = [one for one in json.loads(ended.stdout)["checks"] if one["name"] == "network"]
    assert (ended.returncode, check["ok"]) == (1, False)
    assert "does not keep" in check["finding"]


def test_without_a_lock_the_work_goes_on_where_it_is_only_advised(folder: Path) -> None:
    advised(folder)
    assert run(folder, "watch", "--once", lockable=False).returncode == 0
    (hit,) = json.loads(run(folder, "search", "rent", "--json", lockable=False).stdout)["hits"]
    assert hit["snippet"] == LEASE


def test_a_proof_that_cannot_be_made_is_refused_even_where_a_lock_is_only_advised(folder: Path) -> None:
    ended = run(advised(folder), "prove-offline", lockable=False)
    assert ended.returncode == 4
    assert not (folder / "store" / "proofs").exists()


def test_best_effort_takes_the_lock_where_there_is_one(folder: Path) -> None:
    network = json.loads(run(advised(folder), "status", "--json").stdout)["network"]
    assert (network["state"], network["enforcement"], network["system_calls"]) == ("sealed", "best_effort", True)


def test_status_and_doctor_say_what_holds(folder: Path) -> None:
    network = json.loads(run(folder, "status", "--json").stdout)["network"]
    assert (network["state"], network["enforcement"]) == ("sealed", "required")
    assert (network["system_calls"], network["landlock"]) == (True, landlock_here())
    assert (network["last_proof"], network["statement"].startswith("sealed: ")) == (None, True)
    ended = run(folder, "doctor", "--json")
    (check,) = [one for one in json.loads(ended.stdout)["checks"] if one["name"] == "network"]
    assert (ended.returncode, check["ok"]) == (0, True)
    assert f"all {len(attempts.NETWORK)} ways out are refused" in check["finding"]


@dataclass(frozen=True)
class Proved:
    """What `prove-offline --json --out` left."""

    folder: Path
    ended: Ended
    out: Path


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Proved:
    """One proof in an installation that knows a document, with a store of its own."""
    folder = tmp_path_factory.mktemp("installation")
    (folder / "config.yaml").write_text("inbox: {path: letters, settle_s: 0}\nstore: {path: vault}\n", encoding="utf-8")
    write(folder / "letters", "miller-diagnosis.txt", "Mrs Miller has a rare illness.")
    assert run(folder, "watch", "--once").returncode == 0
    assert run(folder, "search", "forbidden", "fruit").returncode == 0
    out = folder / "reports" / "proof.json"
    out.parent.mkdir()
    return Proved(folder, run(folder, "prove-offline", "--json", "--out", str(out)), out)


def verified(proved: Proved, file: Path, *more: str) -> tuple[int, dict[str, object]]:
    ended = run(proved.folder, "prove-offline", "--verify", str(file), "--json", *more)
    return ended.returncode, json.loads(ended.stdout)


def test_the_proof_succeeds_and_is_kept_and_written_where_asked(proved: Proved) -> None:
    assert proved.ended.returncode == 0, proved.ended.stderr
    shown = json.loads(proved.ended.stdout)
    record = attestation.read(proved.out)
    assert shown == record.statement | {"signed_by": record.signer}
    assert (shown["verdict"], shown["controlled"], shown["leaked"]) == ("proved", True, [])
    assert [one["name"] for one in shown["attempts"]] == [attempt.__name__ for attempt in attempts.ALL]
    assert all(one["holds"] for one in shown["attempts"])
    assert shown["rehearsal"]["succeeded"] is True
    (kept,) = (proved.folder / "vault" / "proofs").iterdir()
    assert kept.read_bytes() == proved.out.read_bytes()
    network = json.loads(run(proved.folder, "status", "--json").stdout)["network"]
    assert network["last_proof"] == {"made_at": shown["made_at"], "verdict": "proved", "valid": True}


def test_it_is_verified_by_the_installation_that_made_it(proved: Proved) -> None:
    status, said = verified(proved, proved.out)
    signer = attestation.read(proved.out).signer
    assert status == 0
    assert (said["valid"], said["signer_expected"], said["signer"], said["verdict"]) == (True, True, signer, "proved")
    people = run(proved.folder, "prove-offline", "--verify", str(proved.out))
    assert (people.returncode, f"The signature is valid: {signer}" in people.stdout) == (0, True)


CHANGES: dict[str, Callable[[str], str]] = {
    "a value": lambda text: text.replace('"leaked": []', '"leaked": ["udp"]'),
    "a digit": lambda text: text.replace('"documents": 4', '"documents": 5'),
    "the verdict": lambda text: text.replace('"verdict": "proved"', '"verdict": "uncontrolled"'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_out(proved: Proved, tmp_path: Path, change: str) -> None:
    text = proved.out.read_text(encoding="utf-8")
    copy = tmp_path / "copy.json"
    copy.write_text(CHANGES[change](text), encoding="utf-8")
    assert copy.read_text(encoding="utf-8") != text
    status, said = verified(proved, copy)
    assert (status, said["valid"], said["signer_expected"]) == (4, False, False)
    status, said = verified(proved, copy, "--key", attestation.read(proved.out).signer)
    assert (status, said["signer_expected"]) == (4, False)
    assert "proves nothing" in run(proved.folder, "prove-offline", "--verify", str(copy)).stdout


def test_that_of_another_installation_is_known_only_by_name(proved: Proved, tmp_path: Path) -> None:
    stranger = InstallationKey.of(tmp_path)
    theirs = tmp_path / "theirs.json"
    theirs.write_bytes(attestation.signed(attestation.read(proved.out).statement, stranger))
    name = keys.fingerprint(stranger.public)
    status, said = verified(proved, theirs)
    assert (status, said["valid"], said["signer"], said["signer_expected"]) == (4, True, name, False)
    status, said = verified(proved, theirs, "--key", name)
    assert (status, said["signer_expected"]) == (0, True)
    assert verified(proved, theirs, "--key", attestation.read(proved.out).signer)[0] == 4


def test_who_has_no_key_of_his_own_must_name_one_and_gets_none_made(
    proved: Proved, configure: Configure, tmp_path: Path
) -> None:
    configure()
    signer = attestation.read(proved.out).signer
    assert run(tmp_path, "prove-offline", "--verify", str(proved.out)).returncode == 4
    assert run(tmp_path, "prove-offline", "--verify", str(proved.out), "--key", signer).returncode == 0
    assert not (tmp_path / "store").exists()


def test_what_is_no_attestation_is_wrong_use(proved: Proved, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\x1b]52;c;x\x07")
    ended = run(proved.folder, "prove-offline", "--verify", str(tmp_path / "file"))
    assert (ended.returncode, ended.stdout, "[attestation_unreadable]" in ended.stderr) == (2, "", True)
    ended = run(proved.folder, "prove-offline", "--out", str(tmp_path / "missing" / "proof.json"))
    assert (ended.returncode, ended.stdout, "[out_folder]" in ended.stderr) == (2, "", True)


def test_nothing_of_documents_queries_and_places_is_in_it(proved: Proved) -> None:
    text = proved.out.read_text(encoding="utf-8")
    private = ["miller", "Miller", "diagnosis", "illness", "forbidden", "fruit", "letters", "vault", "reports"]
    assert [word for word in (*private, str(proved.folder), str(Path.home())) if word in text] == []
    key = (proved.folder / "vault" / keys.FILE_NAME).read_text(encoding="ascii").splitlines()[1]
    assert key not in text
    assert base64.b64decode(key)[-32:] not in base64.b64decode(json.loads(text)["public_key"])

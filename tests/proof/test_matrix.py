"""Every way out, really tried: what must be refused is, the same gets out without a lock, and a hole is seen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import LockError
from pipeline.isolation import attempts, probe
from pipeline.isolation.lockdown import NO_LOCK, Lock
from pipeline.isolation.probe import Outcome, Role
from pipeline.proof import attestation, matrix
from pipeline.proof.attestation import Verdict
from pipeline.proof.matrix import Matrix
from tests.isolation.conftest import LOCKABLE, ROOT, run
from tests.isolation.inside import give_up_powers
from tests.isolation.test_lockdown import landlock_here
from tests.proof.conftest import GOOD_REHEARSAL, OUT, REFUSED, config_file, invented, row

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="the lock is one of Linux's kernel"), LOCKABLE]
NAMES = [attempt.__name__ for attempt in attempts.ALL]


def test_every_attempt_is_made_in_every_role(measured: Matrix) -> None:
    assert [one.name for one in measured.rows] == NAMES
    assert all(one.unlocked.result in ("out", "refused", "unavailable", "unclear") for one in measured.rows)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_promised_is_refused(measured: Matrix, name: str) -> None:
    (one,) = [one for one in measured.rows if one.name == name]
    for outcome, must in (
        (one.service, one.service_must_refuse),
        (one.watcher, one.watcher_must_refuse),
        (one.reader, one.reader_must_refuse),
    ):
        missing = outcome.result == one.unlocked.result == "unavailable"
        assert not must or missing or outcome.result in ("refused", "killed"), (outcome, one.unlocked)
    assert one.holds


def test_the_whole_proof_holds_and_nothing_arrived(measured: Matrix) -> None:
    assert (measured.holds, measured.leaked, measured.controlled) == (True, (), True)
    assert measured.service_lock.sealed
    assert measured.watcher_lock == measured.service_lock
    assert measured.reader_lock.sealed
    assert measured.service_lock.landlock == measured.reader_lock.landlock == landlock_here()
    assert attestation.verdict(measured, GOOD_REHEARSAL) is Verdict.PROVED


def test_without_a_lock_each_that_sends_arrives(measured: Matrix) -> None:
    """So their silence under the lock means something."""
    got_out = {one.name for one in measured.rows if one.unlocked.result == "out"}
    assert {one.name for one in measured.rows if one.arrived} == attempts.SENDING & got_out
    assert {
        "tcp4", "udp", "dns_query", "unix_stream", "unix_pair", "inherited_connection", "passed_connection",
        "own_listener", "unix_listener", "child_python",
    } <= got_out  # fmt: skip


def test_only_what_the_work_needs_is_left(measured: Matrix) -> None:
    if landlock_here() < 6:
        pytest.skip("with less of Landlock, files and signals are left too")
    left = {one.name for one in measured.rows if not one.service_must_refuse}
    assert left == {"read_outside", "list_outside", "make_process"}
    assert left == {one.name for one in measured.rows if not one.watcher_must_refuse}
    assert all(one.reader_must_refuse for one in measured.rows)


def test_it_holds_for_root_without_any_capability(tmp_path: Path) -> None:
    (tmp_path / "attempts").mkdir()
    code = """
from pipeline.proof import matrix
found = matrix.measure(Path(sys.argv[1]), Path(sys.argv[2]))
tell(holds=found.holds, leaked=found.leaked, controlled=found.controlled,
     sealed=[lock.sealed for lock in (found.service_lock, found.watcher_lock, found.reader_lock)],
     own_network=found.service_lock.own_network,
     broken=[row.name for row in found.rows if not row.holds])
"""
    found = run(code, config_file(tmp_path), tmp_path / "attempts", before=give_up_powers)
    assert found.pop("own_network") in (True, False)
    assert found == {"holds": True, "leaked": [], "controlled": True, "sealed": [True] * 3, "broken": []}


@pytest.fixture
def other_probe(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Start another module of this folder as the probe."""
    monkeypatch.setattr(probe, "__name__", f"tests.proof.{request.param}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.parametrize("other_probe", ["lockless_probe"], indirect=True)
@pytest.mark.usefixtures("other_probe")
def test_a_lock_that_is_only_claimed_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "attempts").mkdir()
    found = matrix.measure(config_file(tmp_path), tmp_path / "attempts")
    assert found.service_lock.sealed
    assert not found.holds
    assert {"tcp4", "udp", "dns_query", "unix_stream", "inherited_connection", "child_python"} <= set(found.leaked)
    assert found.controlled
    broken = {one.name for one in found.rows if not one.holds}
    assert set(found.leaked) | {"raw_system_call", "write_outside", "read_outside"} <= broken
    assert attestation.verdict(found, GOOD_REHEARSAL) is Verdict.FAILED


@pytest.mark.parametrize("other_probe", ["leaky_probe"], indirect=True)
@pytest.mark.usefixtures("other_probe")
def test_a_lock_with_one_hole_is_found_out_at_that_hole(tmp_path: Path) -> None:
    (tmp_path / "attempts").mkdir()
    found = matrix.measure(config_file(tmp_path), tmp_path / "attempts")
    assert found.leaked == ("unix_pair",)
    assert {one.name: one.service.result for one in found.rows if not one.holds} == {"unix_pair": "out"}
    assert not found.holds


def test_a_probe_that_cannot_take_its_lock_is_an_error_and_no_refusal(tmp_path: Path) -> None:
    code = """
from pipeline.proof import matrix
from pipeline.isolation.probe import Role
refuse_the_lock()
(Path(sys.argv[2]) / "attempts").mkdir()
config = Path(sys.argv[1])
tell(service=tried(lambda: matrix.run_probe(Role.SERVICE, sink(), ["tcp4"], config)),
     reader=tried(lambda: matrix.run_probe(Role.READER, sink(), ["tcp4"], config)),
     whole=tried(lambda: matrix.measure(Path(sys.argv[1]), Path(sys.argv[2]) / "attempts")))
"""
    prelude = """
from pipeline.isolation.attempts import Sink
def sink():
    return Sink(tcp=9, tcp6=9, udp=9, stream="/", datagram="/", abstract="x", inherited=-1, outsider=0,
                outside_file="/", folder="/")
"""
    found = run(prelude + code, config_file(tmp_path), tmp_path)
    assert found == dict.fromkeys(("service", "reader", "whole"), "lock_refused")


def test_a_probe_that_says_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "__name__", "tests.proof")  # a package, which cannot be run
    with pytest.raises(LockError, match="lock_refused"):
        matrix.short()


def test_the_short_proof_sees_whether_this_process_is_locked(tmp_path: Path) -> None:
    code = """
from pipeline.proof import matrix
before = matrix.short()
lockdown.lock_service([Path(sys.argv[1])], required=True)
tell(before=before, after=matrix.short(), tried=list(matrix.NETWORK))
"""
    found = run(code, tmp_path)
    before = found["before"]
    assert isinstance(before, list)
    assert {"tcp4", "udp", "netlink", "raw_system_call", "unix_stream"} <= set(before)
    assert found["after"] == []
    assert found["tried"] == [attempt.__name__ for attempt in attempts.NETWORK]


@pytest.mark.parametrize(
    ("role", "lock", "left"),
    [
        (Role.SERVICE, Lock(True, 7, True), {"read_outside", "list_outside", "make_process"}),
        (Role.SERVICE, Lock(True, 5), {"read_outside", "list_outside", "make_process", "other_signal"}),
        (Role.SERVICE, Lock(True), {"read_outside", "list_outside", "make_process", "other_signal", "write_outside"}),
        (Role.WATCHER, Lock(True, 5), {"read_outside", "list_outside", "make_process", "other_signal"}),
        (Role.READER, Lock(True, 1), set()),
        (Role.READER, Lock(True), {"read_outside", "list_outside"}),
    ],
)
def test_a_kernel_with_less_promises_less_and_never_a_network(role: Role, lock: Lock, left: set[str]) -> None:
    assert set(NAMES) - matrix.promised(role, lock) == left
    assert set(matrix.NETWORK) <= matrix.promised(role, NO_LOCK)


@pytest.mark.parametrize(
    ("outcome", "unlocked", "holds"),
    [
        (REFUSED, OUT, True),
        (Outcome("killed", "SIGSYS"), OUT, True),
        (OUT, OUT, False),
        (OUT, REFUSED, False),
        (Outcome("unclear", "ECONNREFUSED"), OUT, False),
        (Outcome("unavailable"), OUT, False),
        (Outcome("unavailable"), Outcome("unavailable"), True),
    ],
)
def test_only_a_refusal_counts_as_one(outcome: Outcome, unlocked: Outcome, holds: bool) -> None:
    assert row(unlocked=unlocked, service=outcome).holds is holds
    assert row(unlocked=unlocked, watcher=outcome).holds is holds
    assert row(unlocked=unlocked, reader=outcome).holds is holds
    assert row(unlocked=unlocked, service=outcome, watcher=outcome, reader=outcome, must=False).holds
    assert invented(row(unlocked=unlocked, service=outcome), row("udp")).holds is holds


def test_silence_counts_only_where_the_controls_arrived() -> None:
    assert invented(row("tcp4"), row("udp")).controlled
    assert not invented(row("tcp4"), row("udp", arrived=False)).controlled
    assert not invented(row("tcp4", arrived=False), row("udp")).controlled


def test_a_message_that_arrived_outweighs_every_refusal() -> None:
    assert not invented(row("tcp4"), row("udp"), leaked=("udp",)).holds


@pytest.mark.parametrize("name", NAMES)
def test_each_attempt_says_in_one_line_what_it_is(name: str) -> None:
    said = matrix.meaning(name)
    assert said
    assert "\n" not in said
    assert not said.endswith(".")


def test_the_probe_prints_nothing_but_its_report(tmp_path: Path) -> None:
    """It is what a support engineer may run by hand, too."""
    assignment = {"sink": {"tcp": 9, "tcp6": 9, "udp": 9, "stream": "/", "datagram": "/", "abstract": "x",
                           "inherited": -1, "outsider": 0, "outside_file": "/", "folder": "/"},
                  "names": ["raw_system_call"]}  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "pipeline.isolation.probe", "reader"],
        input=json.dumps(assignment), capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    report = json.loads(ran.stdout)
    assert report["lock"]["system_calls"] is True
    assert report["outcomes"] == {"raw_system_call": {"result": "refused", "detail": "EPERM"}}
    assert ran.stderr == ""

"""Two witnesses from outside the program: a counter of packets, and a trace of every system call about networks.

Both watch whole commands, from the start of the process to its end, and both are shown something that gets out.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.isolation.environment import TELEMETRY_SWITCH

PIPELINE = [sys.executable, "-m", "pipeline"]
# A network of this test's own, with a device through which everything would leave; a control then sends one datagram.
SURROUND = """
set -e
for family in all default; do echo 1 > /proc/sys/net/ipv6/conf/$family/disable_ipv6; done 2>/dev/null || true
ip link set lo up
ip link add out0 type veth peer name out1
ip addr add 10.99.0.1/24 dev out0
ip link set out0 up; ip link set out1 up
ip route add default via 10.99.0.2 dev out0
ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev out0
sent() { awk '$1 == "out0:" { print $11 }' /proc/net/dev; }
echo "before $(sent)"
"$@" >&2
echo "after $(sent)"
python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"control", ("192.0.2.1", 9))'
echo "control $(sent)"
"""
SEARCHES = """
import pipeline, sys
lock = pipeline.seal("config.yaml")
assert lock.sealed
with pipeline.Pipeline.open("config.yaml") as opened:
    for number in range(100):
        assert opened.search(f"contract number {number} with the harbour", limit=1)
"""
DOCUMENTS = 100
CALL = re.compile(r"^(\d+) +(socket|connect|sendto|sendmsg|sendmmsg|bind|listen|io_uring_setup)\((.*)\) += (-?\d+)")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a configuration and documents of several kinds in its inbox."""
    inbox = tmp_path / "inbox"
    shutil.copytree(Path(__file__).parents[1] / "samples", inbox, ignore=shutil.ignore_patterns("README.md", "*.yaml"))
    for number in range(DOCUMENTS - len(list(inbox.iterdir()))):
        text = f"Contract {number}: the harbour office rents berth {number} to the sailing school.\n"
        (inbox / f"{number}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "config.yaml").write_text("inbox: {path: inbox, settle_s: 0}\nstore: {path: store}\n", encoding="utf-8")
    return tmp_path


def usable(*command: str) -> bool:
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )


@pytest.fixture(scope="module")
def unshare() -> list[str]:
    """The command that makes a network with a device of its own; skips where this machine allows none."""
    command = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    if not (
        shutil.which("ip") and usable(*command, "ip", "link", "add", "out0", "type", "veth", "peer", "name", "out1")
    ):
        pytest.skip("needs iproute2 and the right to make a network namespace with a veth device")
    return command


@pytest.fixture(scope="module")
def strace() -> Iterator[str]:
    """strace; skips where it is missing or may trace nothing."""
    if not usable("strace", "-o", os.devnull, "true"):
        pytest.skip("needs strace and the right to use it")
    yield "strace"


def packets(unshare: Sequence[str], command: Sequence[str], home: Path) -> tuple[int, int]:
    """How many packets left while the command ran, and how many because of the control after it."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run(
        [*unshare, "sh", "-c", SURROUND, "sh", *command],
        cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    counted = {name: int(count) for name, count in (line.split() for line in ran.stdout.splitlines())}
    return counted["after"] - counted["before"], counted["control"] - counted["after"]


def test_a_hundred_documents_and_a_hundred_searches_send_no_packet(unshare: list[str], home: Path) -> None:
    for command in ([*PIPELINE, "watch", "--once"], [*PIPELINE, "search", "berth"], [sys.executable, "-c", SEARCHES]):
        assert packets(unshare, command, home) == (0, 1)
    listed = subprocess.run([*PIPELINE, "status", "--json"], cwd=home, capture_output=True, check=True).stdout
    assert json.loads(listed)["states"]["indexed"] == DOCUMENTS


@pytest.mark.long
def test_comparing_models_sends_no_packet(unshare: list[str], home: Path) -> None:
    subprocess.run([*PIPELINE, "watch", "--once"], cwd=home, capture_output=True, check=True)
    command = [*PIPELINE, "models", "evaluate", "--on-my-documents", "--out", "dossier.html"]
    assert packets(unshare, command, home) == (0, 1)
    assert (home / "dossier.html").stat().st_size > 10_000


def traced(
    strace: str, command: Sequence[str], home: Path, environment: Mapping[str, str] = os.environ
) -> list[tuple[str, str, int]]:
    """Name, arguments and result of every call about networks that a command and its children made."""
    log = home / "trace"
    calls = "trace=%network,io_uring_setup"
    ran = subprocess.run(
        [strace, "-f", "-qq", "-e", calls, "-o", str(log), *command],
        cwd=home, env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])}, capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    # A call for which the process was killed at its beginning has no result; the tracer prints its number there.
    killed = {line.split()[0] for line in lines if "+++ killed by SIGSYS" in line}
    found = [match for line in lines if (match := CALL.match(line))]
    last = {match[1]: match for match in found}
    made = (match for match in found if not (match[1] in killed and match is last[match[1]]))
    return [(match[2], match[3], int(match[4])) for match in made]


def out_of_the_process(calls: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Those that succeeded and could lead to somebody else."""
    return [
        call for call in calls if call[2] >= 0 and call[0] in ("socket", "connect", "bind", "listen", "io_uring_setup")
    ]


@pytest.mark.parametrize(
    "arguments",
    [["watch", "--once"], ["search", "berth"], ["documents"], ["status"], ["doctor"], ["models", "verify"]],
    ids=" ".join,
)
def test_no_command_makes_a_socket_that_could_reach_anybody(strace: str, home: Path, arguments: list[str]) -> None:
    calls = traced(strace, [*PIPELINE, *arguments], home)
    assert out_of_the_process(calls) == []
    assert ("socket", -1) in [(name, result) for name, _, result in calls]  # the lock's own test of itself


def test_the_telemetry_of_onnxruntime_is_off_without_any_lock(strace: str, home: Path) -> None:
    """Its wheel (1.29 and newer) brings a client that asks for its host's address once it is loaded."""
    folder = Path(__file__).parents[2] / "models" / "all-minilm-l6-v2-int8"
    code = (
        "import time; from pathlib import Path; from pipeline.registry.runtime import Embedder\n"
        f"Embedder(Path({str(folder)!r})).encode(['a']); time.sleep(1)"
    )
    environment = {name: value for name, value in os.environ.items() if name != TELEMETRY_SWITCH}
    assert (
        out_of_the_process(traced(strace, [sys.executable, "-c", code], home, environment | {"HOME": str(home)})) == []
    )
    assert not (home / ".cache").exists()


def test_the_trace_would_show_it(strace: str, home: Path) -> None:
    calls = traced(strace, [sys.executable, "-c", "import socket; socket.socket().close()"], home)
    assert [name for name, _, _ in out_of_the_process(calls)] == ["socket"]

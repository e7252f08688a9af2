"""`pipeline search` beside a running `pipeline watch`: the same output, sooner, by one that loads next to none."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Configure, write
from tests.interfaces.test_locking import UNLOCKABLE
from tests.isolation.conftest import LOCKABLE, ROOT

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody listens"), LOCKABLE]
LEASE = "The tenant shall pay the monthly rent in advance to the landlord."
ODD_NAME = os.fsdecode(b"evil\x1b]52;c;x\x07\xff\n.txt")
HEAVY = ("numpy", "onnxruntime", "faiss", "tokenizers", "sqlite_utils", "pipeline.app", "pipeline.search.searcher")
# Runs a command as `pipeline` does, and says at the end which heavy modules it loaded.
HARNESS = """
import sys
from pipeline.interfaces.cli.main import run
status = run(sys.argv[2:])
print("loaded", *[name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)
sys.exit(status)
"""


@dataclass(frozen=True)
class Ended:
    """What a command printed, how it ended, and which heavy modules it had loaded by then."""

    status: int
    out: bytes
    talk: bytes
    loaded: frozenset[str]
    seconds: float


def run(folder: Path, *arguments: str) -> Ended:
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", HARNESS, " ".join(HEAVY), *arguments],
        cwd=folder, capture_output=True, check=False, timeout=60, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    talk, _, loaded = ended.stderr.rpartition(b"loaded")
    seconds = time.monotonic() - started
    return Ended(ended.returncode, ended.stdout, talk, frozenset(loaded.decode().split()), seconds)


def search(folder: Path, *arguments: str) -> Ended:
    return run(folder, "search", *arguments)


@contextmanager
def watching(folder: Path, *prefix: str, answers: bool = True) -> Iterator[subprocess.Popen[str]]:
    """A watcher that has indexed what lies in the inbox, and `answers` searches, or not."""
    with subprocess.Popen(
        [*prefix, sys.executable, "-m", "pipeline", "watch", "--json"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
    ) as watcher:  # fmt: skip
        try:
            assert watcher.stderr is not None
            assert watcher.stderr.readline().startswith("Watching ")
            assert not answers or watcher.stderr.readline() == "Searches are answered by this process.\n"
            settle(folder)
            yield watcher
        finally:
            if watcher.poll() is None:
                watcher.kill()
            watcher.communicate()


def settle(folder: Path) -> None:
    """Wait until all files of the inbox are indexed."""
    files = len(list((folder / "inbox").iterdir()))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = json.loads(run(folder, "status", "--json").out)
        if status["files"] == files and not status["waiting"] + status["working"]:
            return
        time.sleep(0.1)
    raise AssertionError("not all files were indexed")


def stop(watcher: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> int:
    watcher.send_signal(number)
    return watcher.wait(timeout=20)


@pytest.fixture
def folder(configure: Configure, tmp_path: Path) -> Path:
    """Where config.yaml lies, with documents in the inbox."""
    configure()
    inbox = tmp_path / "inbox"
    write(inbox, "lease.txt", LEASE)
    write(inbox, ODD_NAME, f"{LEASE} Überweisung bis zum Fünften; 家賃は毎月前払い。")
    write(inbox, "ferry.html", "<p>The ferry does not run while ice covers the bay.</p>")
    shutil.copy(ROOT / "tests" / "samples" / "contract-building-services.pdf", inbox)
    return tmp_path


QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("rent",),
    ("monthly", "rent", "--limit", "2"),
    ("rent", "--json"),
    ("ice on the water", "--json", "--limit", "3"),
    ("termination for convenience", "--mode", "semantic", "--json"),
    ("Überweisung", "--mode", "keyword"),
    ("家賃", "--mode", "keyword", "--json"),
    (os.fsdecode(b"rent \xff\xfe"), "--json"),
    ("nothingofthatkind", "--mode", "keyword"),
    ("nothingofthatkind", "--mode", "keyword", "--json"),
    ("rent", "--language", "en", "--json"),
    ("rent", "--limit", "0"),
    ("rent", "--label", "no-such-label"),
    (" ",),
)


def test_the_output_is_the_same_to_the_byte_and_nothing_heavy_is_loaded(folder: Path) -> None:
    with watching(folder) as watcher:
        answered = [search(folder, *question) for question in QUESTIONS]
        assert stop(watcher) == 0
    alone = [search(folder, *question) for question in QUESTIONS]
    for question, with_it, without in zip(QUESTIONS, answered, alone, strict=True):
        assert (with_it.status, with_it.out, with_it.talk) == (without.status, without.out, without.talk), question
    assert [one.loaded for one in answered] == [frozenset()] * len(QUESTIONS)
    assert {one.status for one in answered} == {0, 2}
    hits = json.loads(answered[2].out)["hits"]
    assert len(hits) >= 2
    assert hits[0]["cosine"] is not None
    by_meaning = [
        one for question, one in zip(QUESTIONS, alone, strict=True) if question[0] == "rent" and not one.status
    ]
    assert all({"onnxruntime", "faiss"} <= one.loaded for one in by_meaning), "without a watcher it opens the index"


def test_an_answer_is_of_now(folder: Path) -> None:
    with watching(folder) as watcher:
        assert b"penguin" not in search(folder, "penguin", "--json").out.replace(b'"query": "penguin"', b"")
        write(folder / "inbox", "new.txt", "A penguin was seen in the harbour.")
        assert watcher.stdout is not None
        while "new.txt" not in watcher.stdout.readline():
            pass
        found = search(folder, "penguin", "--limit", "1", "--json")
        assert (found.loaded, json.loads(found.out)["hits"][0]["path"]) == (frozenset(), str(folder / "inbox/new.txt"))
        (folder / "inbox" / "new.txt").unlink()
        while "forgotten" not in watcher.stdout.readline():
            pass
        assert b"new.txt" not in search(folder, "penguin", "--json").out


@pytest.mark.long
def test_who_is_in_another_folder_sees_paths_from_there(folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    arguments = ("rent", "--config", str(folder / "config.yaml"))
    with watching(folder):
        answered = [search(place, *arguments) for place in (folder, elsewhere)]
    alone = [search(place, *arguments) for place in (folder, elsewhere)]
    assert [one.out for one in answered] == [one.out for one in alone]
    assert answered[0].out != answered[1].out
    assert {one.loaded for one in answered} == {frozenset()}


def test_the_socket_is_for_this_user_and_leaves_with_the_watcher(folder: Path) -> None:
    path = folder / "store" / "search.socket"
    for number in (signal.SIGINT, signal.SIGTERM):
        with watching(folder) as watcher:
            assert path.is_socket()
            assert path.stat().st_mode & 0o777 == 0o600
            assert path.parent.stat().st_mode & 0o777 == 0o700
            assert json.loads(run(folder, "status", "--json").out)["search_service"] == "watcher"
            assert stop(watcher, number) == 0
        assert not path.exists()
    assert json.loads(run(folder, "status", "--json").out)["search_service"] == "nobody"


def test_a_killed_watcher_is_no_obstacle_to_searches_and_to_the_next(folder: Path) -> None:
    with watching(folder) as watcher:
        watcher.kill()
    assert (folder / "store" / "search.socket").is_socket()
    ended = search(folder, "rent")
    masked = b"Personal data is masked; --reveal shows it, and is recorded.\n"  # the address in the contract
    assert (ended.status, b"lease.txt" in ended.out, ended.talk) == (0, True, masked)
    assert "faiss" in ended.loaded
    assert json.loads(run(folder, "status", "--json").out)["search_service"] == "nobody"
    with watching(folder):
        assert search(folder, "rent").loaded == frozenset()


@pytest.mark.long
def test_a_watcher_that_hangs_is_given_up_silently_and_soon(folder: Path) -> None:
    with watching(folder) as watcher:
        answered = search(folder, "rent")
        os.kill(watcher.pid, signal.SIGSTOP)
        alone = search(folder, "rent")
        os.kill(watcher.pid, signal.SIGCONT)
        again = search(folder, "rent")
    assert (alone.status, alone.out, alone.talk) == (answered.status, answered.out, answered.talk)
    assert "faiss" in alone.loaded
    assert 1.4 < alone.seconds < 10
    assert again.loaded == frozenset()


@pytest.mark.long
def test_a_watcher_that_ends_amid_a_question_is_no_loss(folder: Path) -> None:
    with watching(folder) as watcher:
        os.kill(watcher.pid, signal.SIGSTOP)
        command = [sys.executable, "-m", "pipeline", "search", "rent", "--json"]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asking:
            time.sleep(0.6)
            watcher.kill()
            out, talk = asking.communicate(timeout=30)
    assert (asking.returncode, talk) == (0, b"")
    assert json.loads(out)["hits"]


@pytest.mark.long
def test_another_configuration_of_the_same_store_is_not_answered(folder: Path) -> None:
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    (folder / "other.yaml").write_text(f"{text}search: {{limit: 1}}\n", encoding="utf-8")
    with watching(folder):
        ended = search(folder, "rent", "--json", "--config", "other.yaml")
        assert (len(json.loads(ended.out)["hits"]), "faiss" in ended.loaded) == (1, True)
        assert search(folder, "rent").loaded == frozenset()


@pytest.mark.long
def test_switched_off_nobody_listens(folder: Path) -> None:
    file = folder / "config.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}search: {{service: false}}\n", encoding="utf-8")
    with watching(folder, answers=False) as watcher:
        assert not (folder / "store" / "search.socket").exists()
        ended = search(folder, "rent")
        assert (ended.status, "faiss" in ended.loaded) == (0, True)
        assert json.loads(run(folder, "status", "--json").out)["search_service"] == "off"
        stop(watcher)


@pytest.mark.long
def test_a_watcher_in_a_user_namespace_knows_its_user(folder: Path) -> None:
    """As every watcher that is not root's, where the host lets it have a network of its own: numbers are translated."""
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], check=False).returncode:
        pytest.skip("needs unshare and the right to use it")
    with watching(folder, *namespace) as watcher:
        assert search(folder, "rent").loaded == frozenset()
        assert stop(watcher) == 0


@pytest.mark.long
def test_of_two_watchers_one_answers(folder: Path) -> None:
    with watching(folder) as first, watching(folder, answers=False) as second:
        assert search(folder, "rent").loaded == frozenset()
        assert stop(second) == 0
        assert (folder / "store" / "search.socket").is_socket()
        assert search(folder, "rent").loaded == frozenset()
        assert stop(first) == 0


def test_status_and_doctor_say_who_answers(folder: Path) -> None:
    assert b"search   no watcher runs that answers" in run(folder, "status").out
    with watching(folder):
        assert b"search   answered by a running watcher" in run(folder, "status").out
        doctor = json.loads(run(folder, "doctor", "--json").out)
    (check,) = [one for one in doctor["checks"] if one["name"] == "search"]
    assert (check["ok"], check["finding"]) == (True, "answered by a running watcher")


def test_hostile_connections_neither_stop_the_watcher_nor_its_answers(folder: Path) -> None:
    path = str(folder / "store" / "search.socket")
    lines: list[socket.socket] = []

    def stranger(said: bytes) -> None:
        line = socket.socket(socket.AF_UNIX)
        line.setblocking(False)
        try:
            line.connect(path)
            line.send(said)
        except OSError:
            pass
        lines.append(line)

    with watching(folder) as watcher:
        for number in range(200):
            stranger((b"", b"\0\0\0", b"\xff" * 5, b"\0\0\1\0" + bytes(100), bytes(1 << 20))[number % 5])
        write(folder / "inbox", "new.txt", "A penguin was seen in the harbour.")
        assert watcher.stdout is not None
        started = time.monotonic()
        while "new.txt" not in watcher.stdout.readline():
            pass
        assert time.monotonic() - started < 20
        ended = search(folder, "penguin", "--json", "--limit", "1")
        assert b"new.txt" in ended.out
        assert ended.talk == b""
        for line in lines:
            line.close()
        deadline = time.monotonic() + 20
        while search(folder, "rent").loaded:
            assert time.monotonic() < deadline, "it answers again"
        assert stop(watcher) == 0


@pytest.mark.parametrize("there", [True, False], ids=["a store", "no store"])
def test_a_watcher_that_gets_no_lock_leaves_no_door(folder: Path, there: bool) -> None:
    if there:
        (folder / "store").mkdir(mode=0o700)
    ended = subprocess.run(
        [sys.executable, "-c", UNLOCKABLE, "watch"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (ended.returncode, "[lock_refused]" in ended.stderr) == (4, True)
    assert list((folder / "store").iterdir()) == []


TRACED = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)\) += (-?\d+)")
Call = tuple[str, str, int]


@pytest.fixture(scope="module")
def strace() -> str:
    command = ["strace", "-o", os.devnull, "true"]
    if shutil.which("strace") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs strace and the right to use it")
    return "strace"


def calls(log: Path) -> tuple[list[Call], list[Call]]:
    """Calls of the first process about networks that succeeded: before the filter was taken, and after."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    first = lines[0].split()[0]
    matches = [found for line in lines if (found := TRACED.match(line)) and found[1] == first]
    made = [(found[2], found[3], int(found[4])) for found in matches]
    (taken,) = [place for place, call in enumerate(made) if call[0] == "seccomp" and call[2] == 0]
    return [call for call in made[:taken] if call[2] >= 0], [call for call in made[taken + 1 :] if call[2] >= 0]


def names(made: Sequence[Call]) -> list[str]:
    return [name for name, _, _ in made]


def traced(strace: str, log: Path) -> list[str]:
    return [strace, "-f", "-qq", "-e", "trace=%network,seccomp,io_uring_setup", "-o", str(log)]


def test_a_search_makes_one_local_connection_before_the_lock_and_none_after(strace: str, folder: Path) -> None:
    log = folder / "trace"
    command = [sys.executable, "-m", "pipeline", "search", "rent", "--json"]
    with watching(folder):
        ran = subprocess.run(
            [*traced(strace, log), *command],
            cwd=folder, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert json.loads(ran.stdout)["hits"]
    before, after = calls(log)
    assert names(before) == ["socket", "connect", "getsockopt"]
    assert "AF_UNIX, SOCK_STREAM" in before[0][1]
    assert re.search(r'sun_path="/proc/self/fd/\d+/search\.socket"', before[1][1])
    assert set(names(after)) <= {"sendto", "recvfrom", "shutdown", "getsockname", "getsockopt"}
    assert all("NULL, 0" in arguments for name, arguments, _ in after if name == "sendto")


def test_a_watcher_listens_before_the_lock_and_only_accepts_after(strace: str, folder: Path) -> None:
    log = folder / "trace"
    with watching(folder, *traced(strace, log)) as tracer:
        assert search(folder, "rent").loaded == frozenset()
        (watcher,) = Path(f"/proc/{tracer.pid}/task/{tracer.pid}/children").read_text(encoding="ascii").split()
        os.kill(int(watcher), signal.SIGINT)
        tracer.wait(20)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    before, _ = calls(log)
    assert [name for name in names(before) if name != "setsockopt"] == ["socket", "bind", "listen"]
    assert "AF_UNIX, SOCK_STREAM" in before[0][1]
    made = [found for line in lines if (found := TRACED.match(line)) and int(found[4]) >= 0]
    assert [found[2] for found in made].count("accept4") == 1
    lasting = ("socket", "bind", "listen", "connect")
    assert sum(1 for found in made if found[2] in lasting) == 3, "of all its processes and threads"

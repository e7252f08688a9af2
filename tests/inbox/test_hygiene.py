"""A folder that others can write to, end to end: each thing in it ends in one named state, and none is touched."""

import ast
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.errors import Stopped
from pipeline.inbox import claim
from pipeline.inbox.scanner import scan
from pipeline.isolation import beneath
from pipeline.outcomes import Code, State
from pipeline.reports import FileGone, FileOutcome
from pipeline.storage.jobs import Jobs
from tests.conftest import Configure, make_socket, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX links, pipes and owners")
LEASE = "The tenant shall pay the monthly rent in advance to the landlord."
SECRET = "The password of the vault is swordfish."
STRANGER = 54_321  # a user id that nobody has
AS_ROOT = os.geteuid() == 0


def codes(pipeline: Pipeline) -> dict[str, Code]:
    return {path.name: row.code for row in pipeline.documents() for path in row.paths}


def looks(folder: Path) -> dict[str, tuple[int, ...]]:
    """What must stay as it is of each thing below a folder, links not followed."""
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {
        str(path): (one.st_mode, one.st_ino, one.st_nlink, one.st_uid, one.st_size, one.st_mtime_ns, one.st_ctime_ns)
        for path, one in found.items()
    }


def test_every_kind_of_thing_ends_in_its_state_and_nothing_is_touched(
    pipeline: Pipeline, inbox: Path, tmp_path: Path
) -> None:
    secret = write(tmp_path, "outside/secret.txt", SECRET)
    write(inbox, "real.txt", LEASE)
    (inbox / "own link.txt").hardlink_to(write(inbox, "own.txt", f"{LEASE} Again."))
    (inbox / "link.txt").symlink_to(secret)
    (inbox / "folder").symlink_to(secret.parent)
    (inbox / "sub").mkdir()
    (inbox / "sub" / "up").symlink_to("../..")
    (inbox / "broken").symlink_to("nowhere")
    os.mkfifo(inbox / "pipe.txt")
    make_socket(inbox / "socket")
    with (inbox / "giant.txt").open("wb") as giant:
        giant.truncate(5 << 30)
    (inbox / ".hidden").symlink_to(secret)
    expected = {
        "real.txt": Code.COMPLETE,
        "own.txt": Code.COMPLETE,
        "own link.txt": Code.COMPLETE,
        "link.txt": Code.SYMBOLIC_LINK,
        "folder": Code.SYMBOLIC_LINK,
        "up": Code.SYMBOLIC_LINK,
        "broken": Code.SYMBOLIC_LINK,
        "pipe.txt": Code.SPECIAL_FILE,
        "socket": Code.SPECIAL_FILE,
        "giant.txt": Code.FILE_TOO_LARGE,
    }
    if AS_ROOT:
        os.mknod(inbox / "device", 0o666 | 0o020000, os.makedev(1, 5))
        (inbox / "foreign.txt").hardlink_to(write(tmp_path, "home/victim.txt", SECRET))
        os.chown(inbox / "foreign.txt", STRANGER, -1)
        expected |= {"device": Code.SPECIAL_FILE, "foreign.txt": Code.FOREIGN_HARD_LINK}
    before = looks(tmp_path / "outside") | looks(inbox)
    report = pipeline.drain()
    assert codes(pipeline) == expected
    assert report.files == sum(report.states.values()) == len(expected)
    assert report.states[State.REFUSED] == len(expected) - 4
    assert {one.path.name for one in report.incomplete} == expected.keys() - {"real.txt", "own.txt", "own link.txt"}
    assert pipeline.search("swordfish", mode="keyword") == ()
    assert looks(tmp_path / "outside") | looks(inbox) == before


def bytes_read() -> int:
    """Bytes that this process has read so far, from anywhere (proc(5), io)."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(lines[0].removeprefix("rchar: "))


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="the kernel counts what is read")
def test_no_byte_of_a_giant_without_content_is_read(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "a.txt", LEASE)
    pipeline.drain()  # the model is loaded
    with (inbox / "giant.pdf").open("wb") as giant:
        giant.truncate(5 << 30)
    before, started = bytes_read(), time.monotonic()
    assert pipeline.drain().states[State.TOO_LARGE] == 1
    assert bytes_read() - before < 50 << 20
    assert time.monotonic() - started < 5.0


def test_what_is_refused_is_told_once_and_again_when_asked(pipeline: Pipeline, inbox: Path) -> None:
    (inbox / "link.txt").symlink_to("nowhere")
    os.mkfifo(inbox / "pipe")
    events: list[FileOutcome | FileGone] = []
    for _ in range(2):
        pipeline.drain(events.append)
        os.utime(inbox / "pipe")  # somebody uses it
    assert sorted(event.path.name for event in events) == ["link.txt", "pipe"]
    pipeline.ingest(inbox / "pipe", report=events.append)
    assert [event.path.name for event in events[2:]] == ["pipe"]


def test_a_real_file_in_place_of_what_was_refused_is_read(pipeline: Pipeline, inbox: Path) -> None:
    (inbox / "a.txt").symlink_to("nowhere")
    os.mkfifo(inbox / "b.txt")
    assert pipeline.drain().states[State.REFUSED] == 2
    for name in ("a.txt", "b.txt"):
        write(inbox, f".{name}", f"{LEASE} {name}").replace(inbox / name)
    assert pipeline.drain().complete
    assert codes(pipeline) == {"a.txt": Code.COMPLETE, "b.txt": Code.COMPLETE}


def test_a_refused_hard_link_is_read_once_its_other_name_is_gone(
    pipeline: Pipeline, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arriving = write(tmp_path, "spool/a.txt", LEASE)  # a delivery by link and unlink, as mail programs do
    (inbox / "a.txt").hardlink_to(arriving)
    with monkeypatch.context() as strangers:
        strangers.setattr(claim, "_is_foreign_link", lambda _status, _root: True)
        pipeline.drain()
    assert codes(pipeline) == {"a.txt": Code.FOREIGN_HARD_LINK}
    arriving.unlink()
    pipeline.drain()
    assert codes(pipeline) == {"a.txt": Code.COMPLETE}


def test_a_document_whose_place_a_link_takes_leaves_the_index(pipeline: Pipeline, inbox: Path, tmp_path: Path) -> None:
    write(inbox, "sub/a.txt", LEASE)
    write(inbox, "b.txt", f"{LEASE} B.")
    pipeline.drain()
    (inbox / "sub").rename(tmp_path / "elsewhere")
    (inbox / "sub").symlink_to(tmp_path / "elsewhere")
    (inbox / "b.txt").unlink()
    (inbox / "b.txt").symlink_to(tmp_path / "elsewhere" / "a.txt")
    pipeline.drain()
    assert codes(pipeline) == {"sub": Code.SYMBOLIC_LINK, "b.txt": Code.SYMBOLIC_LINK}
    assert pipeline.search("landlord", mode="keyword") == ()


def test_a_link_swapped_in_for_a_moment_neither_shows_its_target_nor_costs_the_file(
    pipeline: Pipeline, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between scan and opening a link lies there, and afterwards the file again, as it was scanned."""
    file, secret = write(inbox, "a.txt", LEASE), write(tmp_path, "secret.txt", SECRET)
    open_file, tries = beneath.open_file, []

    def swapped(root: bytes, below: bytes) -> int:
        tries.append(below)
        if len(tries) > 1:
            return open_file(root, below)
        file.rename(tmp_path / "aside")
        file.symlink_to(secret)
        try:
            return open_file(root, below)
        finally:
            (tmp_path / "aside").replace(file)

    monkeypatch.setattr(beneath, "open_file", swapped)
    assert pipeline.drain().states[State.INDEXED] == 1
    assert len(tries) == 2
    assert pipeline.search("swordfish", mode="keyword") == ()


def test_a_link_swapped_in_for_good_is_refused_once_it_was_scanned_as_one(
    pipeline: Pipeline, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused under the signature of the file, it would stay refused when that very file comes back."""
    file, open_file = write(inbox, "a.txt", LEASE), beneath.open_file

    def swapped(root: bytes, below: bytes) -> int:
        if not file.is_symlink():
            file.rename(tmp_path / "aside")
            file.symlink_to(tmp_path / "aside")
        return open_file(root, below)

    events: list[FileOutcome | FileGone] = []
    with monkeypatch.context() as attack:
        attack.setattr(beneath, "open_file", swapped)
        pipeline.drain(events.append)
    assert events == [FileOutcome(file, None, Code.SYMBOLIC_LINK)]
    (tmp_path / "aside").replace(file)
    assert pipeline.drain().complete


def test_a_file_queued_by_an_earlier_run_is_opened_below_the_inbox_too(
    pipeline: Pipeline, inbox: Path, tmp_path: Path
) -> None:
    """A folder of the inbox becomes a link while files of it wait, and the next run is asked for other files."""
    write(tmp_path, "outside/a.txt", SECRET)
    write(inbox, "sub/a.txt", "x" * len(SECRET))
    Jobs(pipeline.database, time.time).add(list(scan(inbox).files.values()))
    (inbox / "sub").rename(tmp_path / "away")
    (inbox / "sub").symlink_to(tmp_path / "outside")
    write(tmp_path, "elsewhere/b.txt", LEASE)
    events: list[FileOutcome | FileGone] = []
    pipeline.ingest(tmp_path / "elsewhere", report=events.append)
    assert [event.path.name for event in events] == ["b.txt"]
    pipeline.drain()
    assert codes(pipeline) == {"b.txt": Code.COMPLETE, "sub": Code.SYMBOLIC_LINK}


def test_an_inbox_whose_folders_are_swapped_in_a_race_never_shows_what_lies_outside(
    pipeline: Pipeline, inbox: Path, tmp_path: Path
) -> None:
    write(tmp_path, "outside/a.txt", SECRET)
    write(inbox, "sub/a.txt", LEASE + " " * 50)
    os.truncate(tmp_path / "outside" / "a.txt", len(LEASE) + 50)  # its size does not betray it
    (inbox / ".spare").symlink_to(tmp_path / "outside")
    stop = threading.Event()

    def rename() -> None:
        while not stop.is_set():
            for come, go in ((".spare", ".away"), (".away", ".spare")):
                (inbox / "sub").rename(inbox / go)
                (inbox / come).rename(inbox / "sub")
            time.sleep(0.001)

    deadline = time.monotonic() + 2.0
    with in_thread(rename, stop), stopped_after(2.0, pipeline):
        while time.monotonic() < deadline:
            with contextlib.suppress(Stopped):
                pipeline.drain()
    assert pipeline.drain().complete
    assert codes(pipeline) == {"a.txt": Code.COMPLETE}
    ingested = pipeline.database.rows("SELECT DISTINCT document FROM audit WHERE event = 'ingested'")
    assert [row["document"] for row in ingested] == [hashlib.sha256((LEASE + " " * 50).encode()).hexdigest()]


def test_a_pipe_in_use_does_not_hold_up_the_run(configure: Configure, inbox: Path) -> None:
    os.mkfifo(inbox / "pipe")
    stop = threading.Event()

    def use() -> None:
        while not stop.wait(0.02):
            os.utime(inbox / "pipe")

    with Pipeline.open(configure(settle_s=0.5)) as pipeline, in_thread(use, stop), stopped_after(20.0, pipeline):
        assert pipeline.drain().states[State.REFUSED] == 1


@contextmanager
def in_thread(work: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


@contextmanager
def stopped_after(seconds: float, pipeline: Pipeline) -> Iterator[None]:
    """End a run that would go on for ever: it raises Stopped then."""
    timer = threading.Timer(seconds, pipeline.stop)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def test_an_inbox_reached_through_a_link_is_read(configure: Configure, tmp_path: Path) -> None:
    write(tmp_path, "disk/a.txt", LEASE)
    (tmp_path / "named").symlink_to("disk")
    with Pipeline.open(configure(path="named")) as pipeline:
        assert pipeline.drain().complete
        assert codes(pipeline) == {"a.txt": Code.COMPLETE}


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        timeout=120,
    )


def test_the_command_says_what_was_refused_and_exits_with_3(configure: Configure, tmp_path: Path) -> None:
    configure()
    file = write(tmp_path, "letters/a.txt", LEASE)
    (tmp_path / "letters" / "link\u202etxt.exe").symlink_to(file)
    done = command(tmp_path, "ingest", "letters")
    assert done.returncode == 3
    assert (
        "refused      letters/link\\u202etxt.exe: It is a symbolic link, which is never followed; "
        "put the file or folder itself here."
    ) in done.stdout
    named = command(tmp_path, "ingest", str(tmp_path / "letters" / "link\u202etxt.exe"), "--json")
    assert (named.returncode, json.loads(named.stdout)["states"]["refused"]) == (3, 1)


MOUNTED = """
import os, subprocess, sys
from pathlib import Path
from pipeline import Pipeline
inbox = Path(sys.argv[2])
subprocess.run(["mount", "-t", "tmpfs", "none", str(inbox / "disk")], check=True)
(inbox / "disk" / "a.txt").write_text(sys.argv[3], encoding="utf-8")
with Pipeline.open(sys.argv[1]) as pipeline:
    for run in (pipeline.drain, lambda: pipeline.ingest(inbox / "disk"), pipeline.drain):
        run()
        print({path.name: str(row.code) for row in pipeline.documents() for path in row.paths})
"""


@pytest.mark.skipif(not AS_ROOT, reason="only root can mount")
def test_a_file_system_mounted_in_the_inbox_is_read_when_it_is_named(configure: Configure, inbox: Path) -> None:
    (inbox / "disk").mkdir()
    done = subprocess.run(
        ["unshare", "--mount", sys.executable, "-c", MOUNTED, str(configure()), str(inbox), LEASE],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if "permitted" in done.stderr or "denied" in done.stderr:
        pytest.skip("mounting is not allowed here")
    refused, read = {"disk": "other_file_system"}, {"a.txt": "complete"}
    assert [ast.literal_eval(line) for line in done.stdout.splitlines()] == [refused, read, refused | read], done.stderr

"""A door for processes of one user: who may come in, what a killed process leaves, and what the lock leaves of it."""

import contextlib
import errno
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from pipeline.isolation import listener, same_user
from pipeline.isolation.listener import Listener
from tests.isolation.conftest import LOCKABLE, ROOT, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the door is Linux's")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
NAME = "door"
NOBODY = 54321  # a user that is neither this one nor the kernel's word for unknown ones


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    made.mkdir(mode=0o755)
    return made


@pytest.fixture
def door(folder: Path) -> Iterator[Listener]:
    opened = Listener.open(folder, NAME)
    assert opened is not None
    yield opened
    opened.close()


def answer_one(door: Listener, prefix: bytes = b"heard: ") -> threading.Thread:
    """Answer the next connection, in a thread."""

    def answer() -> None:
        line = door.accept()
        if line is not None:
            with line:
                line.send(prefix + line.receive(100, 5.0), 5.0)

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def asked(folder: Path, question: bytes = b"question") -> bytes | None:
    """What is answered; None when nobody is there."""
    line = listener.connect(folder, NAME, 5.0)
    if line is None:
        return None
    with line:
        line.send(question, 5.0)
        return line.receive(100, 5.0)


@contextlib.contextmanager
def as_nobody(action: Callable[[Callable[[str], None]], None]) -> Iterator[BinaryIO]:
    """Do something in a child that is another user, without any group or power of root; gives what it tells."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            action(lambda said: (os.write(writing, f"{said}\n".encode()), None)[1])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        try:
            yield told
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def test_who_asks_is_answered(door: Listener, folder: Path) -> None:
    answering = answer_one(door)
    assert asked(folder) == b"heard: question"
    answering.join()


def test_socket_and_folder_are_for_this_user_alone(door: Listener, folder: Path) -> None:
    found = (folder / NAME).lstat().st_mode
    assert (stat.S_ISSOCK(found), stat.S_IMODE(found)) == (True, 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not any(os.get_inheritable(one) for one in (door.fileno(), door.claim))


def test_the_socket_leaves_with_its_process_and_the_claim_too(folder: Path) -> None:
    for _ in range(2):
        opened = Listener.open(folder, NAME)
        assert opened is not None
        assert listener.is_there(folder, NAME)
        opened.stop()
        opened.close()
        assert list(folder.iterdir()) == []
        assert (listener.is_there(folder, NAME), asked(folder)) == (False, None)


def test_a_second_listener_leaves_the_first_one_alone(door: Listener, folder: Path) -> None:
    inode = (folder / NAME).lstat().st_ino
    assert Listener.open(folder, NAME) is None
    assert (folder / NAME).lstat().st_ino == inode
    answering = answer_one(door)
    assert asked(folder) == b"heard: question"
    answering.join()


def test_somebody_who_only_looks_does_not_keep_it_from_opening(folder: Path) -> None:
    import fcntl

    looking = os.open(folder, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.08, lambda: os.close(looking)).start()
    opened = Listener.open(folder, NAME)
    assert opened is not None
    opened.close()


def test_a_killed_process_leaves_a_socket_that_is_no_obstacle(folder: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from pipeline.isolation.listener import Listener\n"
        "door = Listener.open(Path(sys.argv[1]), 'door')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(folder)], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    assert (folder / NAME).is_socket()
    assert (listener.is_there(folder, NAME), asked(folder)) == (False, None)
    opened = Listener.open(folder, NAME)
    assert opened is not None
    answering = answer_one(opened)
    assert asked(folder) == b"heard: question"
    answering.join()
    opened.close()


def test_who_waits_is_told_when_it_stops(door: Listener) -> None:
    failed: list[int | None] = []

    def accept() -> None:
        try:
            door.accept()
        except OSError as error:
            failed.append(error.errno)

    waiting = [threading.Thread(target=accept) for _ in range(3)]
    for one in waiting:
        one.start()
    select.select([], [], [], 0.1)
    door.stop()
    for one in waiting:
        one.join(5)
    assert failed == [errno.EINVAL] * 3


def test_a_path_longer_than_a_sockets_is_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 200) / ("e" * 200)
    deep.mkdir(parents=True)
    opened = Listener.open(deep, NAME)
    assert opened is not None
    assert (deep / NAME).is_socket()
    answering = answer_one(opened)
    assert asked(deep) == b"heard: question"
    answering.join()
    opened.close()


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.write_bytes(b"file")], ids=["folder", "file"])
def test_what_is_no_socket_is_not_asked(folder: Path, make: Callable[[Path], object]) -> None:
    make(folder / NAME)
    assert (asked(folder), listener.is_there(folder, NAME)) == (None, False)


def test_a_link_to_the_socket_of_another_program_is_not_followed(folder: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "other"))
        other.listen()
        (folder / NAME).symlink_to(tmp_path / "other")
        assert listener.connect(folder, NAME, 1.0) is None
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.accept()
    opened = Listener.open(folder, NAME)
    assert opened is not None
    assert (tmp_path / "other").is_socket(), "the link was replaced, not what it led to"
    opened.close()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720])
def test_a_folder_that_others_may_write_to_has_no_door(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    assert Listener.open(folder, NAME) is None
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(str(folder / NAME))
        theirs.listen()
        assert listener.connect(folder, NAME, 1.0) is None
    assert stat.S_IMODE(folder.stat().st_mode) == mode


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert Listener.open(tmp_path / "missing", NAME) is None
    assert (asked(tmp_path / "missing"), listener.is_there(tmp_path / "missing", NAME)) == (None, False)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_have_none(folder: Path, monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert Listener.open(folder, NAME) is None
    assert (listener.connect(folder, NAME, 1.0), listener.is_there(folder, NAME)) == (None, False)
    assert list(folder.iterdir()) == []


def test_a_number_that_stands_for_all_unknown_users_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a user namespace every other user seems to have it: a process that has it itself cannot tell them apart."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert same_user.is_at_other_end(ours)
        monkeypatch.setattr(same_user, "_overflow_user", os.geteuid)
        assert not same_user.is_at_other_end(ours)


class TestAnotherUser:
    """Root can be another user: the modes of folder and socket are opened on purpose, the kernel's word remains."""

    pytestmark = needs_root

    @staticmethod
    def knock(path: Path) -> str:
        """What comes of asking as another user."""

        def ask(tell: Callable[[str], None]) -> None:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                try:
                    line.connect(str(path))
                    line.sendall(b"\0\0\0\1x")
                    tell(f"heard {line.recv(100)!r}")
                except ConnectionError:
                    tell("hung up")
                except PermissionError:
                    tell("no way in")

        with as_nobody(ask) as told:
            return told.readline().decode().strip()

    @pytest.fixture
    def reachable(self, door: Listener, folder: Path) -> Path:
        """The socket, open to all: as if every mode had been forgotten."""
        assert door.fileno() >= 0
        let_pass(folder)
        folder.chmod(0o711)
        (folder / NAME).chmod(0o666)
        return folder / NAME

    def test_it_is_not_answered(self, door: Listener, reachable: Path) -> None:
        accepted: list[object] = []
        waiting = threading.Thread(target=lambda: accepted.append(door.accept()), daemon=True)
        waiting.start()
        assert self.knock(reachable) in ("hung up", "heard b''")
        waiting.join(5)
        assert accepted == [None]

    def test_modes_alone_keep_it_out(self, folder: Path, reachable: Path) -> None:
        reachable.chmod(0o600)
        assert self.knock(reachable) == "no way in"
        reachable.chmod(0o666)
        folder.chmod(0o700)
        assert self.knock(reachable) == "no way in"

    def test_its_listener_is_not_asked(self, folder: Path) -> None:
        def listen(tell: Callable[[str], None]) -> None:
            with socket.socket(socket.AF_UNIX) as door:
                door.bind(str(folder / NAME))
                door.listen()
                tell("ready")
                line, _ = door.accept()
                tell(f"heard {line.recv(100)!r}")

        os.chown(folder, NOBODY, NOBODY)
        let_pass(folder)
        with as_nobody(listen) as told:
            assert told.readline() == b"ready\n"
            assert listener.connect(folder, NAME, 1.0) is None, "the folder is theirs"
            os.chown(folder, 0, 0)
            assert listener.connect(folder, NAME, 1.0) is None, "the folder is ours, and who listens is not"
            assert told.readline() == b"heard b''\n", "not a byte was said"

    def test_a_folder_of_another_user_has_no_door(self, folder: Path) -> None:
        os.chown(folder, NOBODY, NOBODY)
        assert Listener.open(folder, NAME) is None
        assert list(folder.iterdir()) == []


def let_pass(folder: Path) -> None:
    """Let other users reach what lies in a temporary folder."""
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)


@LOCKABLE
class TestUnderTheLock:
    """What is left of it for a process that is locked."""

    def test_it_answers_is_found_and_removes_its_socket(self, folder: Path, tmp_path: Path) -> None:
        code = """
from pipeline.isolation import listener
door = listener.Listener.open(Path(sys.argv[1]), "door")
lock = lockdown.lock_service([Path(sys.argv[1])], required=True, kept=[door.claim], listener=door.fileno())
other = Path(sys.argv[2])
asking, again = listener.connect(Path(sys.argv[1]), "door", 1.0), listener.Listener.open(other, "door")
with door.accept() as line:
    line.send(line.receive(100, 5.0)[::-1], 5.0)
there = listener.is_there(Path(sys.argv[1]), "door")
door.stop()
door.close()
tell(sealed=lock.sealed, there=there, left=os.listdir(sys.argv[1]), more=[asking, again])
"""
        answers: list[bytes | None] = []

        def ask() -> None:
            for _ in range(200):
                if (answer := asked(folder)) is not None:
                    return answers.append(answer)
                select.select([], [], [], 0.05)
            return None

        asking = threading.Thread(target=ask)
        asking.start()
        found = run(code, folder, tmp_path)
        asking.join()
        assert answers == [b"noitseuq"]
        assert found == {"sealed": True, "there": True, "left": [], "more": [None, None]}

    def test_no_descriptor_is_passed_in_even_to_a_process_that_was_taken_over(self, folder: Path) -> None:
        """It asks for descriptors as openly as it can, and first tries to allow them again."""
        code = """
from pipeline.isolation.listener import Listener
door = Listener.open(Path(sys.argv[1]), "door")
lockdown.lock_service([], required=True, kept=[door.claim], listener=door.fileno())
line, _ = door._line.accept()
allow = tried(lambda: line.setsockopt(socket.SOL_SOCKET, 83, 1))
line.sendall(b"ready")
_, descriptors, *_ = socket.recv_fds(line, 100, 10)
tell(allow=allow, descriptors=len(descriptors))
"""
        sent: list[str] = []

        def pass_in() -> None:
            for _ in range(200):
                with socket.socket(socket.AF_UNIX) as line:
                    try:
                        line.connect(str(folder / NAME))
                    except OSError:
                        select.select([], [], [], 0.05)
                        continue
                    line.settimeout(10)
                    assert line.recv(5) == b"ready"
                    try:
                        socket.send_fds(line, [b"x"], [0])
                        sent.append("passed")
                    except PermissionError:
                        sent.append("refused")
                        line.sendall(b"x")
                    return

        passing = threading.Thread(target=pass_in)
        passing.start()
        found = run(code, folder)
        passing.join()
        assert found["allow"] == "EACCES"
        if not can_refuse_descriptors():
            pytest.skip("this kernel passes descriptors on to whoever asks for them (before Linux 6.16)")
        assert (found["descriptors"], sent) == (0, ["refused"])


def can_refuse_descriptors() -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.setsockopt(socket.SOL_SOCKET, 83, 0)
        except OSError:
            return False
    return True

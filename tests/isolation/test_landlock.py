"""Landlock alone: which files it leaves, and that it asks each kernel only for what that one knows."""

import errno
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.isolation import landlock, libc
from pipeline.isolation.landlock import Files
from pipeline.isolation.syscalls import X86_64
from tests.isolation.conftest import LOCKABLE, run
from tests.isolation.test_lockdown import landlock_here, needs_landlock, needs_scopes

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="of Linux's kernel alone"), LOCKABLE]
RESTRICT = """
place = Path(sys.argv[1])
def restrict(**files):
    return landlock.restrict(landlock.Files(**files), syscalls.here())
read = lambda *names: tried(lambda: place.joinpath(*names).read_bytes())
write = lambda *names: tried(lambda: place.joinpath(*names).write_bytes(b"new"))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_bytes(b"old")
    return tmp_path


@needs_landlock
def test_each_folder_gets_what_was_said_for_it_and_a_missing_one_nothing(place: Path) -> None:
    code = """
found = restrict(read=(place / "a", place / "missing"), write=(place / "b",))
tell(version=found, read=[read("a", "file"), read("b", "file")], write=[write("a", "file"), write("b", "file")],
     elsewhere=read("file"), listed=tried(lambda: os.listdir(place)),
     missing=tried(lambda: (place / "missing").mkdir()))
"""
    assert run(RESTRICT + code, place) == {
        "version": landlock_here(),
        "read": ["fine", "fine"],
        "write": ["EACCES", "fine"],
        "elsewhere": "ENOENT",
        "listed": "EACCES",
        "missing": "EACCES",
    }


@needs_landlock
def test_a_single_file_can_be_allowed(place: Path) -> None:
    code = """
restrict(read=(place / "a" / "file",), write=(place / "b" / "file",))
tell(read=read("a", "file"), write=write("b", "file"), changed=write("a", "file"),
     deleted=tried((place / "b" / "file").unlink),
     other=tried(lambda: (place / "b" / "new").touch()))
"""
    found = run(RESTRICT + code, place)
    assert found == {"read": "fine", "write": "fine", "changed": "EACCES", "deleted": "EACCES", "other": "EACCES"}


@needs_landlock
def test_a_limit_is_never_widened(place: Path) -> None:
    code = """
restrict(read=(place / "a",))
restrict(read=(place,), write=(place,))
tell(a=read("a", "file"), b=read("b", "file"), written=write("a", "file"))
"""
    assert run(RESTRICT + code, place) == {"a": "fine", "b": "EACCES", "written": "EACCES"}


@pytest.mark.skipif(landlock_here() < 4, reason="this kernel's Landlock knows no ports")
def test_tcp_is_refused_a_second_time_here(place: Path) -> None:
    code = """
restrict()
with socket.socket() as one, socket.socket() as other:
    tell(connect=tried(lambda: one.connect(("127.0.0.1", int(sys.argv[2])))),
         bind=tried(lambda: other.bind(("127.0.0.1", 0))))
"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = run(RESTRICT + code, place, listener.getsockname()[1])
    assert found == {"connect": "EACCES", "bind": "EACCES"}


@needs_scopes
def test_abstract_names_and_processes_outside_are_out_of_reach(place: Path) -> None:
    code = """
restrict()
with socket.socket(socket.AF_UNIX) as line:
    tell(name=tried(lambda: line.connect("\\0" + sys.argv[2])), signal=tried(lambda: os.kill(int(sys.argv[3]), 0)))
"""
    name = f"sealed-inbox-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen()
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            assert run(RESTRICT + code, place, name, other.pid) == {"name": "EPERM", "signal": "EPERM"}
            other.kill()


class Kernel:
    """A kernel with some version of Landlock, which writes down what it is asked."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.attributes = b""
        self.rules: list[int] = []
        self.restricted = False

    def syscall(self, number: int, *arguments: libc.Argument) -> int:
        create, add, restrict = (
            X86_64.numbers[f"landlock_{name}"] for name in ("create_ruleset", "add_rule", "restrict_self")
        )
        assert number in (create, add, restrict)
        if number == create and arguments[0] is None:
            if not self.version:
                raise OSError(errno.ENOSYS, "")
            return self.version
        if number == create:
            assert isinstance(arguments[0], bytes)
            self.attributes = arguments[0]
            assert arguments[1] == len(self.attributes)
            return os.open(os.devnull, os.O_RDONLY)
        if number == add:
            assert isinstance(arguments[2], bytes)
            self.rules.append(struct.unpack("=Qi", arguments[2])[0])
        self.restricted |= number == restrict
        return 0


@pytest.fixture
def no_prctl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libc, "prctl", lambda _option, _value: None)


@pytest.mark.parametrize(
    ("version", "size", "handled"),
    [
        (1, 8, 0x1FFF),
        (2, 8, 0x3FFF),
        (3, 8, 0x7FFF),
        (4, 16, 0x7FFF),
        (5, 16, 0xFFFF),
        (6, 24, 0xFFFF),
        (9, 24, 0xFFFF),
    ],
)
@pytest.mark.usefixtures("no_prctl")
def test_a_kernel_is_asked_only_for_what_its_version_knows(
    version: int, size: int, handled: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(version)
    monkeypatch.setattr(libc, "syscall", kernel.syscall)
    (tmp_path / "file").touch()
    files = Files(read=(tmp_path, tmp_path / "file"), write=(tmp_path,), execute=(tmp_path / "file",))
    assert landlock.restrict(files, X86_64) == version
    assert kernel.attributes == struct.pack("QQQ", handled, 3, 3)[:size]
    assert all(rule & ~handled == 0 for rule in kernel.rules)  # else the kernel refuses the rule
    assert kernel.rules[:2] == [0b1100, 0b0100]
    assert kernel.restricted


@pytest.mark.usefixtures("no_prctl")
def test_where_there_is_none_nothing_is_done_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(0)
    monkeypatch.setattr(libc, "syscall", kernel.syscall)
    assert landlock.restrict(Files(read=(tmp_path,)), X86_64) == 0
    assert (kernel.attributes, kernel.restricted) == (b"", False)

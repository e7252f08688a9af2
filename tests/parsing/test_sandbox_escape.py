"""A reader that is taken over: every way out of the proof, tried from within a real child of the real launchers."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from pipeline.datatypes import ParsedDocument
from pipeline.isolation import attempts, syscalls
from pipeline.isolation.attempts import Sink
from pipeline.isolation.probe import Outcome
from pipeline.isolation.sink import Listeners
from pipeline.outcomes import Code
from pipeline.parsing.zygote import FreshProcess, Launcher, Zygote
from tests.isolation.conftest import LOCKABLE, ROOT
from tests.isolation.test_lockdown import landlock_here
from tests.parsing.conftest import ScriptedProcess, started
from tests.parsing.evil_worker import Plan
from tests.parsing.script import parse

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="the lock is one of Linux's kernel"), LOCKABLE]
EVIL = str(Path(__file__).parent / "evil_worker.py")
NAMES = tuple(attempt.__name__ for attempt in attempts.ALL)
X86 = syscalls.here() is syscalls.X86_64
# The kernel ends a process that makes calls of another kind of program.
KILLING = ("i386_call", "x32_call") if X86 else ()
# What this machine has not; and what only Landlock, where the kernel has it, keeps a reader from.
MISSING = {"child_program"} - ({"child_program"} if Path("/bin/bash").exists() else set())
MISSING |= set() if X86 else {"i386_call", "x32_call"}
LANDLOCKED = set() if landlock_here() else {"read_outside", "list_outside"}


class EvilProcess(ScriptedProcess):
    """Started as the product starts its worker, with a reader that tries to get out."""

    worker: ClassVar[list[str]] = [EVIL]


class UnlockedEvilProcess(ScriptedProcess):
    """The same where the kernel gives no filter."""

    worker: ClassVar[list[str]] = [
        "-c",
        "import runpy, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.isolation.inside import refuse_the_lock\n"
        "refuse_the_lock()\n"
        f"runpy.run_path({EVIL!r}, run_name='__main__')",
    ]


class Target:
    """Listeners on this machine, a file and a folder outside, a process that is not part of the program."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.outside = folder / "outside"
        self.outside.mkdir()
        (folder / "secret").write_bytes(b"secret")
        tracer = "import ctypes; ctypes.CDLL(None).prctl(0x59616D61, -1, 0, 0, 0); input()"
        other = stack.enter_context(subprocess.Popen([sys.executable, "-I", "-c", tracer], stdin=subprocess.PIPE))
        stack.callback(other.kill)
        self.listeners = stack.enter_context(
            Listeners(self.outside, outsider=other.pid, outside_file=folder / "secret")
        )
        # A number that is none of the child's own; handed on to everything that is started carelessly.
        connection = fcntl.fcntl(self.listeners.inherited, fcntl.F_DUPFD, 100)
        stack.callback(os.close, connection)
        os.set_inheritable(connection, True)
        self.sink: Sink = replace(self.listeners.target, inherited=connection)
        self.before = self.seen()

    def seen(self) -> list[str]:
        return sorted(path.name for path in self.outside.iterdir())


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with ExitStack() as stack:
        yield Target(stack, tmp_path_factory.mktemp("sink"))


@pytest.fixture(scope="module")
def evil(target: Target) -> Iterator[Launcher]:
    """It comes after the target, whose own process is no worker."""
    with started(Zygote(), EvilProcess) as ready:
        yield ready


def outcomes(document: ParsedDocument) -> list[Outcome]:
    return [msgspec.json.decode(page.text, type=Outcome) for page in document.pages]


def attempted(launcher: Launcher, folder: Path, target: Target, *names: str) -> ParsedDocument:
    return parse(launcher, folder, msgspec.json.encode(Plan(target.sink, names)), ".txt")


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_that_was_taken_over_does_not_get_out(
    evil: Launcher, target: Target, tmp_path: Path, name: str
) -> None:
    if name in MISSING | LANDLOCKED or (name == "tcp6" and not target.sink.tcp6):
        pytest.skip("this machine has not what it takes")
    document = attempted(evil, tmp_path, target, name)
    if name in KILLING:
        assert document.code is Code.PARSER_CRASHED
        assert not any(page.text for page in document.pages)
    else:
        (outcome,) = outcomes(document)
        assert outcome.result == "refused", outcome
        assert document.code is Code.COMPLETE
    if name in attempts.SENDING:
        assert target.listeners.received() == frozenset()
    assert target.seen() == target.before


def test_nor_does_one_that_tries_all_ways_in_a_process_of_its_own(target: Target, tmp_path: Path) -> None:
    names = [name for name in NAMES if name not in (*KILLING, *MISSING, *LANDLOCKED)]
    names = [name for name in names if name != "tcp6" or target.sink.tcp6]
    with started(FreshProcess(), EvilProcess) as fresh:
        document = attempted(fresh, tmp_path, target, *names)
        assert {name: one.result for name, one in zip(names, outcomes(document), strict=True)} == dict.fromkeys(
            names, "refused"
        )
        for name in KILLING:
            assert attempted(fresh, tmp_path, target, name).code is Code.PARSER_CRASHED
    assert target.listeners.received() == frozenset()
    assert target.seen() == target.before


def test_a_child_that_is_ended_for_it_leaves_the_others_alone(evil: Launcher, target: Target, tmp_path: Path) -> None:
    if not KILLING:
        pytest.skip("no call here ends a process")
    document = attempted(evil, tmp_path, target, "udp", "i386_call", "tcp4")
    assert [page.text and msgspec.json.decode(page.text, type=Outcome).result for page in document.pages] == [
        "refused",
        "",
        "refused",
    ]
    assert document.code is Code.PAGES_FAILED
    assert target.listeners.received() == frozenset()


def test_the_same_reader_gets_out_where_there_is_no_lock(target: Target, tmp_path: Path) -> None:
    """Without it, silence would say nothing."""
    with started(Zygote("best_effort"), UnlockedEvilProcess) as unlocked:
        document = attempted(unlocked, tmp_path, target, "udp", "unix_datagram", "raw_system_call")
    assert [outcome.result for outcome in outcomes(document)] == ["out"] * 3
    assert target.listeners.received() == {"udp", "unix_datagram"}

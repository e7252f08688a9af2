"""The processes behind the sandbox: replaced when they are killed, ended when they are no longer needed."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from pipeline.config import ParsingConfig
from pipeline.datatypes import PageText
from pipeline.errors import LockError, SandboxError
from pipeline.outcomes import Code
from pipeline.parsing.zygote import FreshProcess, Launcher, Zygote
from tests.isolation.conftest import LOCKABLE, ROOT
from tests.parsing.conftest import SCRIPTED, ScriptedProcess, started
from tests.parsing.script import FINISHED, LIMITS, Step, opened, page, play

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc")

GOOD = [opened(1), page(1), FINISHED]
READ = ((PageText(1, "text of 1"),), Code.COMPLETE)


@pytest.fixture(params=[Zygote, FreshProcess])
def fresh(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    with started(request.param(), ScriptedProcess) as ready:
        yield ready


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    ready = Zygote()
    with started(ready, ScriptedProcess):
        yield ready


def parent_of(pid: int) -> int | None:
    """The parent of a running process; None when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[1])


def children_of(pid: int) -> list[Path]:
    """Every process below another, those included that have ended and for which nobody has waited."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text(errors="replace").rpartition(")")[2].split()[1]) == pid:
                found.append(stat.parent)
    return found


def descendants() -> set[int]:
    """Processes below this one, but for those that other fixtures keep."""
    parents = {int(entry.name): parent_of(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    found, before = {os.getpid()}, 0
    while len(found) > before:
        before = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found - {os.getpid()}


def wait_for(condition: Callable[[], bool]) -> bool:
    limit = time.monotonic() + 10.0
    while not condition() and time.monotonic() < limit:
        time.sleep(0.02)
    return condition()


def the_only_one_since(before: set[int]) -> int:
    """The zygote, as soon as its children have ended."""
    assert wait_for(lambda: len(descendants() - before) == 1)
    (pid,) = descendants() - before
    return pid


def start_hanging(launcher: Launcher, folder: Path) -> tuple[threading.Thread, threading.Event]:
    """A document in hand, in a thread of its own, whose child hangs; and the event that stops it."""
    stop = threading.Event()

    def parse() -> None:
        with pytest.raises(Exception, match="Stopped"):
            play(launcher, folder, [opened(1), Step(sleep_s=600.0)], stop=stop)

    thread = threading.Thread(target=parse)
    thread.start()
    return thread, stop


def test_no_process_is_left_after_the_end(fresh: Launcher, tmp_path: Path) -> None:
    before = descendants()
    play(fresh, tmp_path, GOOD)
    expected = 2 if isinstance(fresh, Zygote) else 1
    thread, stop = start_hanging(fresh, tmp_path)
    assert wait_for(lambda: len(descendants() - before) == expected)
    working = descendants() - before
    stop.set()
    thread.join()
    fresh.close()
    assert wait_for(lambda: all(parent_of(pid) is None for pid in working))
    assert descendants() <= before


def test_a_zygote_that_was_killed_between_documents_is_replaced(zygote: Zygote, tmp_path: Path) -> None:
    before = descendants()
    first = play(zygote, tmp_path, GOOD)
    pid = the_only_one_since(before)
    os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: parent_of(pid) is None)
    second = play(zygote, tmp_path, GOOD)
    assert (first.pages, first.code) == (second.pages, second.code) == READ
    assert pid not in descendants()


def test_a_zygote_that_was_killed_within_a_document_is_replaced(zygote: Zygote, tmp_path: Path) -> None:
    before = descendants()
    play(zygote, tmp_path, GOOD)
    pid = the_only_one_since(before)
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    patient = ParsingConfig(timeout_s=20.0, page_timeout_s=600.0, memory_mb=LIMITS.memory_mb)
    document = play(zygote, tmp_path, [opened(1), Step(sleep_s=600.0, once=True), page(1), FINISHED], patient)
    assert (document.pages, document.code) == READ
    assert pid not in descendants()


def test_a_zygote_serves_many_documents(zygote: Zygote, tmp_path: Path) -> None:
    before = descendants()
    play(zygote, tmp_path, GOOD)
    pid = the_only_one_since(before)
    for _ in range(30):
        document = play(zygote, tmp_path, GOOD)
        assert (document.pages, document.code) == READ
    assert parent_of(pid) == os.getpid()
    assert wait_for(lambda: len(children_of(pid)) < 10)  # the last ones may wait for the next request
    assert len(list(Path(f"/proc/{pid}/fd").iterdir())) <= 5


class HesitantProcess(ScriptedProcess):
    """A zygote on a busy machine: its children have answered and ended before it gets round to looking at them."""

    worker: ClassVar[list[str]] = [
        "-c",
        "import os, runpy, time\n"
        "look = os.pidfd_open\n"
        "os.pidfd_open = lambda pid: time.sleep(0.3) or look(pid)\n"
        f"runpy.run_path({SCRIPTED!r}, run_name='__main__')",
    ]


def test_a_child_that_ended_before_the_zygote_looked_is_heard(tmp_path: Path) -> None:
    before = descendants()
    with started(Zygote(), HesitantProcess) as hesitant:
        first = play(hesitant, tmp_path, GOOD)
        pid = the_only_one_since(before)
        second = play(hesitant, tmp_path, GOOD)
        assert (first.pages, first.code) == (second.pages, second.code) == READ
        assert pid == the_only_one_since(before)


class RefusedProcess(ScriptedProcess):
    """A zygote to which the kernel gives no lock."""

    worker: ClassVar[list[str]] = [
        "-c",
        "import runpy, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.isolation.inside import refuse_the_lock\n"
        "refuse_the_lock()\n"
        f"runpy.run_path({SCRIPTED!r}, run_name='__main__')",
    ]


@LOCKABLE
def test_a_zygote_that_gets_no_lock_is_an_error_and_no_crashed_document(tmp_path: Path) -> None:
    before = descendants()
    with started(Zygote(), RefusedProcess) as refused:
        for _ in range(2):
            with pytest.raises(LockError) as raised:
                play(refused, tmp_path, GOOD)
            assert (raised.value.code, raised.value.exit_status) == ("lock_refused", 4)
    assert descendants() <= before


@LOCKABLE
def test_with_best_effort_a_zygote_without_a_lock_reads_on(tmp_path: Path) -> None:
    with started(Zygote("best_effort"), RefusedProcess) as unlocked:
        document = play(unlocked, tmp_path, GOOD)
    assert (document.pages, document.code) == READ


class SilentProcess(ScriptedProcess):
    """A parser process that cannot even begin, for another reason."""

    worker: ClassVar[list[str]] = ["-c", "raise SystemExit(1)"]


def test_a_zygote_that_ends_for_another_reason_is_another_error(tmp_path: Path) -> None:
    with started(Zygote(), SilentProcess) as broken, pytest.raises(SandboxError, match="parser_start"):
        play(broken, tmp_path, GOOD)

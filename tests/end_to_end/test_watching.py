"""The watcher as its own process, as a user runs it: talk, data, Ctrl-C, SIGTERM."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Configure, write

LEASE = "The tenant shall pay the monthly rent in advance to the landlord."


class Watcher:
    """A running `pipeline watch`."""

    def __init__(self, config: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "watch", "--config", str(config), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stderr is not None
        self.greeting = self.process.stderr.readline()

    def line(self) -> str:
        """The next line of standard output; a watcher that ended by itself fails the test with what it said of it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            talk = self.process.communicate(timeout=20)[1]
            pytest.fail(f"the watcher ended by itself, with {self.process.returncode}: {self.greeting}{talk}")
        return line

    def end(self, number: signal.Signals) -> int:
        """Its exit status after a signal; what it said is shown where that is not 0."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=20)
        if status:
            print(self.greeting, self.process.communicate()[1])
        return status


@pytest.fixture
def watcher(configure: Configure) -> Iterator[Watcher]:
    started = Watcher(configure(), "--json")
    yield started
    if started.process.poll() is None:
        started.process.kill()
    started.process.communicate()


def workers_of(pid: int) -> list[int]:
    """Processes whose parent is `pid`, and theirs."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] not in "ZX":
            child = int(stat.parent.name)
            found += [child, *workers_of(child)]
    return found


def test_each_file_is_told_as_it_ends(watcher: Watcher, inbox: Path) -> None:
    assert watcher.greeting.startswith("Watching ")
    file = write(inbox, "lease.txt", LEASE)
    event = json.loads(watcher.line())
    assert (event["event"], event["path"], event["state"]) == ("processed", str(file), "indexed")
    file.unlink()
    assert json.loads(watcher.line()) == {"event": "forgotten", "path": str(file)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_it_in_good_order(watcher: Watcher, inbox: Path, number: signal.Signals) -> None:
    write(inbox, "lease.txt", LEASE)
    watcher.line()
    workers = workers_of(watcher.process.pid)
    assert workers, "the parser process runs"
    assert watcher.end(number) == 0
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def test_a_watcher_stopped_amid_work_puts_its_files_back(configure: Configure, inbox: Path) -> None:
    for number in range(40):
        write(inbox, f"{number}.txt", f"{LEASE} {number}\n\n" * 200)
    config = configure()
    watcher = Watcher(config, "--json")
    watcher.line()
    assert watcher.end(signal.SIGINT) == 0
    watcher.process.communicate()
    status = subprocess.run(
        [sys.executable, "-m", "pipeline", "status", "--json", "--config", str(config)],
        capture_output=True,
        text=True,
        check=True,
    )
    counts = json.loads(status.stdout)
    assert counts["working"] == 0
    assert counts["waiting"] + counts["states"]["indexed"] == 40
    assert counts["waiting"] > 0


def test_output_that_is_no_terminal_holds_no_file_names(configure: Configure, inbox: Path) -> None:
    watcher = Watcher(configure())
    write(inbox, "miller-diagnosis.txt", LEASE)
    line = watcher.line()
    assert watcher.end(signal.SIGTERM) == 0
    talk = watcher.process.communicate()[1]
    assert line.startswith("indexed")
    assert "miller" not in line + talk


def test_a_killed_coordinator_leaves_no_parser_behind(watcher: Watcher, inbox: Path) -> None:
    write(inbox, "lease.txt", LEASE)
    watcher.line()
    workers = workers_of(watcher.process.pid)
    os.kill(watcher.process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]

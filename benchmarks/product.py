"""Runs the product as a user does: fresh processes on a temporary inbox. Knows its commands, nothing of its inside."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process_tree import ProcessTree
from pipeline.isolation.environment import TELEMETRY_SWITCH

TIMEOUT_S = 1800.0
_GRACE_S = 30.0
_COMMAND = Path(sys.executable).parent / "pipeline"
COMMAND = [str(_COMMAND)] if _COMMAND.is_file() else [sys.executable, "-m", "pipeline"]
FINISHED = (0, 3)  # 3: finished, but some documents were not fully examined (scans, passwords)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took. All but the first two is of its working time: from the first parser to the end."""

    seconds: float
    cpu_s: float
    working_s: float
    coordinator_cpu_s: float
    parsers_cpu_s: float
    machine_cpu_s: float
    coordinator_peak_mb: float
    parser_peak_mb: float

    @property
    def cores_busy(self) -> float:
        """How many cores the product kept busy while it worked."""
        return (self.coordinator_cpu_s + self.parsers_cpu_s) / self.working_s


class Inbox:
    """A temporary inbox with its configuration and its store."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.yaml"
        self.inbox = folder / "inbox"
        self.store = folder / "store" / "index.sqlite"
        self.config.write_text("", encoding="utf-8")
        self.inbox.mkdir()

    def drop(self, documents: Sequence[Path]) -> None:
        """Copy documents in; of two with the same name, the second one's folder is put before its name."""
        for document in documents:
            target = self.inbox / document.name
            if target.exists():
                target = self.inbox / f"{document.parent.name}-{document.name}"
            shutil.copyfile(document, target)

    def command(self, *arguments: str) -> list[str]:
        """A command line for this inbox."""
        return [*COMMAND, "--config", str(self.config), *arguments]

    def rows(self, sql: str) -> list[tuple[str | bytes | int, ...]]:
        """What the store holds."""
        connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


@contextmanager
def temporary_inbox() -> Iterator[Inbox]:
    """An empty inbox that is removed with all that came of it."""
    with tempfile.TemporaryDirectory(prefix="sealed-inbox-bench-") as folder:
        yield Inbox(Path(folder))


def environment() -> dict[str, str]:
    """A user's environment: without the variables that change how Python runs, or keep it from caching modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {TELEMETRY_SWITCH: "1"}


def once(inbox: Inbox) -> Run:
    """`pipeline watch --once` on what lies in the inbox: from the start of its process to its end."""
    started = time.monotonic()
    process = subprocess.Popen(inbox.command("watch", "--once", "--json"), env=environment(), stdout=subprocess.DEVNULL)
    with ProcessTree(process.pid) as tree:
        code = process.wait(TIMEOUT_S)
        ended = time.monotonic()
    if code not in FINISHED:
        raise RuntimeError(f"`pipeline watch --once` ended with {code}")
    return _run(tree, started, ended)


@contextmanager
def watching(inbox: Inbox) -> Iterator[None]:
    """`pipeline watch`, from when it is ready; it answers searches."""
    process = subprocess.Popen(
        inbox.command("watch"), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        if not (process.stderr.readline() and process.stderr.readline()):
            raise RuntimeError("`pipeline watch` answers no searches")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=_GRACE_S)


def drop(inbox: Inbox, documents: Sequence[Path]) -> Run:
    """Copy documents into a watched inbox: from the first copy to the last 'processed' event, settling included."""
    process = subprocess.Popen(
        inbox.command("watch", "--json"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    stuck = threading.Timer(TIMEOUT_S, process.kill)  # ends the reading of its output, too
    stuck.start()
    try:
        if not process.stderr.readline():
            raise RuntimeError("`pipeline watch` ended before it was ready")
        with ProcessTree(process.pid) as tree:
            before = set(inbox.inbox.iterdir())
            started = time.monotonic()
            inbox.drop(documents)
            waiting = {str(path) for path in inbox.inbox.iterdir() if path not in before}
            for line in process.stdout:
                event = json.loads(line)
                if event["event"] == "processed":
                    waiting.discard(event["path"])
                if not waiting:
                    break
            ended = time.monotonic()
        if waiting:
            raise RuntimeError(f"`pipeline watch` ended with {len(waiting)} files to go")
        return _run(tree, started, ended)
    finally:
        stuck.cancel()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=_GRACE_S)


def _run(tree: ProcessTree, started: float, ended: float) -> Run:
    used = tree.used(started if tree.first_parser_s is None else tree.first_parser_s, ended)
    whole = tree.used(started, ended)
    return Run(
        seconds=ended - started,
        cpu_s=whole.own_s + whole.descendants_s,
        working_s=used.at_s,
        coordinator_cpu_s=used.own_s,
        parsers_cpu_s=used.descendants_s,
        machine_cpu_s=used.machine_s,
        coordinator_peak_mb=tree.root_peak_mb,
        parser_peak_mb=tree.child_peak_mb,
    )

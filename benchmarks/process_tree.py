"""Watches a process and its descendants through /proc: processor time and peak memory. Linux only; touches neither.

The usual sums (RUSAGE_CHILDREN) would miss the parser children, whose parent lets the kernel reap them. A child is
last seen up to one interval before its end, so the processor time told here is a lower bound.
"""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

INTERVAL_S = 0.01  # looking costs about 2 % of one core at this pace
_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """Processor seconds used so far: by the process itself, by its descendants, by the whole machine."""

    at_s: float
    own_s: float
    descendants_s: float
    machine_s: float


class ProcessTree:
    """Looks at a process from now until the `with` block ends. Times are those of time.monotonic()."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._strangers: set[int] = set()
        self._cpu_s: dict[int, float] = {}
        self._peak_kb: dict[int, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.samples: list[Sample] = []
        self.first_parser_s: float | None = None  # a child of a child was seen

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def root_peak_mb(self) -> float:
        """Most memory that the process itself had resident (VmHWM)."""
        return self._peak_kb.get(self._root, 0) * 1024 / 1e6

    @property
    def child_peak_mb(self) -> float:
        """The same of the largest descendant."""
        return max((kb for pid, kb in self._peak_kb.items() if pid != self._root), default=0) * 1024 / 1e6

    def used(self, start_s: float, end_s: float) -> Sample:
        """What was used between two moments; `at_s` is the length of that time."""
        inside = [sample for sample in self.samples if start_s <= sample.at_s <= end_s] or self.samples[-1:]
        first, last = inside[0], inside[-1]
        return Sample(
            last.at_s - first.at_s,
            last.own_s - first.own_s,
            last.descendants_s - first.descendants_s,
            last.machine_s - first.machine_s,
        )

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            self._look()

    def _look(self) -> None:
        pids = {int(path.name) for path in _PROC.iterdir() if path.name.isdigit()}
        self._strangers &= pids
        for pid in sorted(pids - self._strangers):  # parents come before their children
            try:
                self._see(pid)
            except (OSError, IndexError, ValueError):
                continue  # it ended while we looked
        own_s = self._cpu_s.get(self._root, 0.0)
        self.samples.append(Sample(time.monotonic(), own_s, sum(self._cpu_s.values()) - own_s, machine_s()))

    def _see(self, pid: int) -> None:
        fields = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        parent, user_ticks, system_ticks = int(fields[1]), int(fields[11]), int(fields[12])
        if pid == self._root:
            self._cpu_s[pid] = (user_ticks + system_ticks) / _TICKS_PER_S
        elif parent == self._root or parent in self._cpu_s:
            if self.first_parser_s is None and parent != self._root:
                self.first_parser_s = time.monotonic()
            nanoseconds = (_PROC / str(pid) / "schedstat").read_text(encoding="ascii").split()[0]
            self._cpu_s[pid] = int(nanoseconds) / 1e9  # of one thread, which is all that a parser has
        else:
            self._strangers.add(pid)
            return
        for line in (_PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                self._peak_kb[pid] = max(self._peak_kb.get(pid, 0), int(line.split()[1]))
                return


def await_quiet(patience_s: float) -> None:
    """Return once nobody uses the machine's cores (a tenth of one, for a second), or when patience is at its end."""
    deadline = time.monotonic() + patience_s
    while True:
        before = machine_s()
        time.sleep(1.0)
        if machine_s() - before < 0.1 or time.monotonic() > deadline:
            return


def machine_s() -> float:
    """Busy seconds of all cores together since boot: user, nice, system, irq and softirq, as /proc/stat sums them."""
    with (_PROC / "stat").open(encoding="ascii") as file:
        ticks = [int(field) for field in file.readline().split()[1:8]]
    return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / _TICKS_PER_S

"""Limits and identity of processes: what they may use up, who they are, what of theirs others may see."""

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.isolation import libc

UNSEEN = "?"  # the start of a process of which /proc tells nothing


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """Kernel limits of one process. Address space in bytes, processor time in seconds."""

    address_space_bytes: int
    cpu_s: int


def restrict(limits: ResourceLimits) -> None:
    """Apply limits to this process for good: memory, processor time, no core dump, no file writing.

    FSIZE 0 makes every write to a regular file fail; pipes are not affected (setrlimit(2)).
    On Windows there are no such limits and this does nothing; the wall clock of the parent still holds.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - exists on POSIX only

    def lower(which: int, value: int) -> None:
        _soft, hard = resource.getrlimit(which)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS; the wall clock still holds there
            resource.setrlimit(which, (ceiling, ceiling))

    lower(resource.RLIMIT_AS, limits.address_space_bytes)
    lower(resource.RLIMIT_CPU, limits.cpu_s)
    lower(resource.RLIMIT_FSIZE, 0)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_NOFILE, 32)
    lower(resource.RLIMIT_NPROC, 0)  # root is above this limit; the filter of system calls holds for root too


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends (Linux only).

    `parent` is the parent's process id as it knew it: if it is gone already, this process ends at once.
    """
    if sys.platform != "linux":
        return
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def make_private(kept: Collection[int] = ()) -> None:
    """Keep what this process has in memory, and what it inherited, to itself: no core dumps, no foreign descriptors.

    An inherited descriptor may be a connection to a network. The three standard streams stay, and those `kept`.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - exists on POSIX only

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    close_all_but(set(kept))


def forbid_inspection() -> None:
    """No other process of this user may read this one's memory or descriptors (PR_SET_DUMPABLE; Linux only)."""
    libc.prctl(libc.PR_SET_DUMPABLE, 0)


def close_all_but(kept: set[int]) -> None:
    """Close every open descriptor except these and the three standard ones."""
    limit = _highest_descriptor() + 1
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = max(low, descriptor + 1)
    os.closerange(low, max(low, limit))


def _highest_descriptor() -> int:
    """The highest number that is open, or could be."""
    try:
        return max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - names, not paths
    except OSError:
        return min(os.sysconf("SC_OPEN_MAX"), 1 << 20) if hasattr(os, "sysconf") else 1024


def freeze_memory() -> None:
    """Keep the garbage collector from touching, and so copying, the pages that forked children share."""
    gc.collect()
    gc.freeze()


def own_token() -> str:
    """Names this process in the store: its id and, where the kernel tells it, the time at which it started."""
    return f"{os.getpid()}-{_started(os.getpid())}"


def is_running(token: str) -> bool:
    """Whether the process named by a token still runs. Where that cannot be known, it is taken to run."""
    pid_text, _, started = token.partition("-")
    if sys.platform != "linux" or not pid_text.isdigit():
        return True
    now = _started(int(pid_text))
    return _is_hidden(int(pid_text)) if now == UNSEEN else now == started != ""


def _is_hidden(pid: int) -> bool:
    """Whether there is such a process, which /proc may hide (hidepid, proc(5)); it is asked with no signal."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there, and not this process's to signal
    return True


def _started(pid: int) -> str:
    """Start time in clock ticks since boot, field 22 of /proc/PID/stat (proc(5)); empty for one that has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return UNSEEN
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]

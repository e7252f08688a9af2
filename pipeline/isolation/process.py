"""Limits, identity and environment of processes: what they may use up, who they are, what they inherit."""

import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PR_SET_DUMPABLE = 4

# Passed on to the parser process; all else (proxies, tokens, library paths, HF_*) is left behind.
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "TMPDIR")


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


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends, and leave no memory image behind (Linux only).

    `parent` is the parent's process id as it knew it: if it is gone already, this process ends at once.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def close_all_but(kept: set[int]) -> None:
    """Close every open descriptor except these and the three standard ones."""
    limit = os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 1024
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = max(low, descriptor + 1)
    os.closerange(low, max(low, min(limit, 1 << 20)))


def freeze_memory() -> None:
    """Keep the garbage collector from touching, and so copying, the pages that forked children share."""
    gc.collect()
    gc.freeze()


def scrubbed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a parser process may know of the environment: locale and search path, nothing else."""
    kept = {name: environment[name] for name in _KEPT_VARIABLES if name in environment}
    return {**kept, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1"}


def own_token() -> str:
    """Names this process in the store: its id and, where the kernel tells it, the time at which it started."""
    return f"{os.getpid()}-{_started(os.getpid())}"


def is_running(token: str) -> bool:
    """Whether the process named by a token still runs. Where that cannot be known, it is taken to run."""
    pid_text, _, started = token.partition("-")
    if not sys.platform.startswith("linux") or not pid_text.isdigit():
        return True
    return _started(int(pid_text)) == started != ""


def _started(pid: int) -> str:
    """Start time in clock ticks since boot, field 22 of /proc/PID/stat (proc(5)); empty when unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]

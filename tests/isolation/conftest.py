"""What the tests of the lock share: a fresh Python per test, since a lock is for good; and where there is none."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.isolation import syscalls

ROOT = Path(__file__).parents[2]
LOCKABLE = pytest.mark.skipif(
    syscalls.here() is None or not Path("/proc/sys/kernel/seccomp").is_dir(),
    reason="the kernel here has no filter of system calls",
)
_PRELUDE = """
import ctypes, json, os, socket, sys, threading
from pathlib import Path
from pipeline.isolation import filters, landlock, libc, lockdown, namespaces, process, seccomp, syscalls
from tests.isolation.inside import called, made, refuse_the_lock, started, tell, tried
"""
Found = dict[str, object]


def run(
    code: str,
    *arguments: object,
    expect: int = 0,
    before: Callable[[], None] | None = None,
    stdin: int | None = None,
    stdout: int = subprocess.PIPE,
    passed: tuple[int, ...] = (),
) -> Found:
    """What a fresh Python tells that runs this code, with what `inside` has at hand; its exit status is as expected.

    `before` runs between fork and exec; `stdin` and `stdout` are descriptors, as are those that are `passed` on.
    """
    ran = subprocess.run(
        [sys.executable, "-c", _PRELUDE + code, *map(str, arguments)],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
        preexec_fn=before,
        pass_fds=passed,
    )
    assert ran.returncode == expect, ran.stderr
    found = json.loads(ran.stdout or "{}")
    assert isinstance(found, dict)
    return found

"""Limits and identity of processes, each tried in a process of its own."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from pipeline.isolation import process

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel of Linux does this")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits on Windows")
TELL_AND_WAIT = "from pipeline.isolation.process import own_token; print(own_token(), flush=True); input()"


def run(code: str, *, expect: int = 0) -> str:
    """What a fresh Python prints; its exit status must be the expected one."""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert ran.returncode == expect, ran.stderr
    return ran.stdout


def wait_for(condition: Callable[[], bool]) -> bool:
    limit = time.monotonic() + 10.0
    while not condition() and time.monotonic() < limit:
        time.sleep(0.01)
    return condition()


def test_this_process_runs_under_its_own_token() -> None:
    assert process.own_token() == process.own_token()
    assert process.is_running(process.own_token())


@LINUX
def test_a_process_runs_until_it_ends_and_not_as_a_zombie() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TELL_AND_WAIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        token = other.stdout.readline().strip()
        assert process.is_running(token)
        assert token != process.own_token()
        other.kill()
        assert wait_for(lambda: not process.is_running(token))  # nobody has waited for it yet
    assert not process.is_running(token)


@LINUX
def test_a_process_that_took_over_the_number_is_another() -> None:
    pid, _, started = process.own_token().partition("-")
    assert not process.is_running(f"{pid}-{int(started) + 1}")
    assert not process.is_running(f"{pid}-")


@LINUX
def test_a_process_that_proc_hides_is_asked_whether_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """With hidepid, /proc shows a process that locked itself not even to its own user (proc(5))."""
    with subprocess.Popen(
        [sys.executable, "-c", TELL_AND_WAIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        monkeypatch.setattr(process, "_started", lambda _pid: process.UNSEEN)
        assert process.is_running(f"{other.pid}-123")
        other.kill()
        other.wait()
        assert not process.is_running(f"{other.pid}-123")


def test_what_cannot_be_known_is_taken_to_run() -> None:
    assert process.is_running("a process of another kind of system")


@POSIX
def test_limits_hold_and_cannot_be_raised_again() -> None:
    code = """if True:
        import json, resource
        from pipeline.isolation.process import ResourceLimits, restrict
        restrict(ResourceLimits(address_space_bytes=512 << 20, cpu_s=7))
        kinds = ("AS", "CPU", "FSIZE", "CORE", "NOFILE", "NPROC")
        print(json.dumps({kind: resource.getrlimit(getattr(resource, "RLIMIT_" + kind)) for kind in kinds}))
        restrict(ResourceLimits(address_space_bytes=1 << 40, cpu_s=1000))
        print(json.dumps({kind: resource.getrlimit(getattr(resource, "RLIMIT_" + kind)) for kind in kinds}))
    """
    first, second = (json.loads(line) for line in run(code).splitlines())
    expected = {"CPU": 7, "FSIZE": 0, "CORE": 0, "NOFILE": 32, "NPROC": 0}
    expected |= {"AS": 512 << 20} if "linux" in sys.platform else {}
    for kind, limit in expected.items():
        assert first[kind] == [limit, limit] == second[kind]


@LINUX
def test_a_restricted_process_gets_no_more_memory() -> None:
    code = """if True:
        from pipeline.isolation.process import ResourceLimits, restrict
        restrict(ResourceLimits(address_space_bytes=256 << 20, cpu_s=7))
        try:
            bytearray(300 << 20)
        except MemoryError:
            print("refused")
    """
    assert run(code) == "refused\n"


@POSIX
def test_a_restricted_process_writes_to_no_file() -> None:
    code = """if True:
        import signal, tempfile
        from pipeline.isolation.process import ResourceLimits, restrict
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with tempfile.TemporaryFile(buffering=0) as file:
            restrict(ResourceLimits(address_space_bytes=1 << 30, cpu_s=7))
            try:
                file.write(b"x")
            except OSError:
                print("refused")
    """
    assert run(code) == "refused\n"


@POSIX
def test_only_the_kept_descriptors_stay_open() -> None:
    code = """if True:
        import os
        from pipeline.isolation.process import close_all_but
        opened = [os.dup(0) for _ in range(20)]
        close_all_but({opened[3], opened[11]})
        alive = []
        for descriptor in range(64):
            try:
                os.fstat(descriptor)
                alive.append(descriptor)
            except OSError:
                pass
        print(alive == [0, 1, 2, opened[3], opened[11]])
    """
    assert run(code) == "True\n"


@POSIX
def test_a_private_process_leaves_no_core_and_keeps_no_foreign_descriptor() -> None:
    code = """if True:
        import os, resource
        from pipeline.isolation.process import make_private
        foreign = os.dup(0)
        make_private()
        try:
            os.fstat(foreign)
        except OSError:
            print(resource.getrlimit(resource.RLIMIT_CORE), [os.fstat(one) is not None for one in range(3)])
    """
    assert run(code) == "(0, 0) [True, True, True]\n"


@LINUX
def test_dying_with_the_parent_leaves_inspection_to_the_lock() -> None:
    code = """if True:
        import ctypes, os
        from pipeline.isolation import process
        dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
        process.die_with_parent(os.getppid())
        before = dumpable()
        process.forbid_inspection()
        print(before, dumpable())
    """
    assert run(code) == "1 0\n"


@LINUX
def test_a_child_dies_with_its_parent() -> None:
    code = """if True:
        import os, time
        from pipeline.isolation.process import die_with_parent, own_token
        parent = os.getpid()
        if os.fork() == 0:
            die_with_parent(parent)
            print(own_token(), flush=True)
        time.sleep(600)
    """
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = parent.stdout.readline().strip()
        assert process.is_running(child)
        parent.send_signal(signal.SIGKILL)
        assert wait_for(lambda: not process.is_running(child))


@LINUX
def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    code = "import os; from pipeline.isolation.process import die_with_parent; die_with_parent(os.getppid() + 1)"
    assert run(f"{code}; print('alive')", expect=1) == ""


def test_memory_is_frozen_for_the_children() -> None:
    code = "import gc; from pipeline.isolation import process as p; p.freeze_memory(); print(gc.get_freeze_count())"
    assert int(run(code)) > 1000

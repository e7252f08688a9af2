"""What code says that runs in a locked process of its own: which of its attempts went well, and how others ended."""

import ctypes
import errno
import json
import socket
import subprocess
from collections.abc import Callable

from pipeline.errors import PipelineError
from pipeline.isolation import seccomp, syscalls
from pipeline.isolation.filters import ALLOW, Policy, Rule, refuse

PR_CAPBSET_DROP = 24
_ARCHITECTURE = syscalls.here()


def tried(action: Callable[[], object]) -> str:
    """`fine`, the name of the system's error, or the code of ours."""
    try:
        action()
    except PipelineError as error:
        return error.code
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    return "fine"


def made(family: int, kind: int = socket.SOCK_STREAM, protocol: int = 0) -> str:
    """What comes of making a socket."""
    return tried(lambda: socket.socket(family, kind, protocol).close())


def called(name: str, *arguments: int) -> str:
    """What comes of a system call that is made past Python."""
    assert _ARCHITECTURE is not None
    library = ctypes.CDLL(None, use_errno=True)
    passed = [ctypes.c_long(one) for one in (_ARCHITECTURE.numbers[name], *arguments)]
    library.syscall.restype = ctypes.c_long
    return "fine" if library.syscall(*passed) >= 0 else errno.errorcode[ctypes.get_errno()]


def started(*command: str) -> str:
    """What comes of starting a program, and with which status it ends when it was not the first."""
    found: list[int] = []
    outcome = tried(lambda: found.append(subprocess.run(command, check=False, timeout=30).returncode))
    return f"exit {found[0]}" if found else outcome


def tell(**found: object) -> None:
    """Print what was found."""
    print(json.dumps(found), flush=True)


def refuse_the_lock() -> None:
    """Make this a process to which the kernel gives no filter, as in some containers."""
    assert _ARCHITECTURE is not None
    seccomp.install(Policy("no lock", (Rule("seccomp", refuse(errno.EPERM)),), ALLOW), _ARCHITECTURE)


def give_up_powers() -> None:
    """Between fork and exec: root without any capability, also in all that it starts."""
    library = ctypes.CDLL(None)
    for capability in range(64):
        library.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)

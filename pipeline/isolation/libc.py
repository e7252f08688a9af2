"""Calls the kernel directly where Python has no function for it. Knows none of the calls itself."""

import ctypes
import os
from functools import cache

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38  # prctl(2)

Argument = int | bytes | None


def syscall(number: int, *arguments: Argument) -> int:
    """Make a system call. Integers are passed as 64 bits, bytes as a pointer to them. Raises OSError."""
    passed = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return _checked(int(_library().syscall(ctypes.c_long(number), *passed)))


def prctl(option: int, value: int) -> None:
    """Change an attribute of this process (prctl(2)). Raises OSError."""
    _checked(int(_library().prctl(option, ctypes.c_ulong(value), 0, 0, 0)))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


@cache
def _library() -> ctypes.CDLL:
    """The C library of this process; only systems that have the calls load it."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library

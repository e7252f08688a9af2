"""Gives this process a filter of system calls, for good. Takes none away and knows no policy of its own."""

import ctypes
import struct

from pipeline.isolation import filters, libc
from pipeline.isolation.filters import Policy
from pipeline.isolation.syscalls import Architecture

_SET_MODE_FILTER, _TSYNC = 1, 1  # seccomp(2): the filter holds for all threads at once
_INSTRUCTION_BYTES = 8


def install(policy: Policy, architecture: Architecture) -> None:
    """Filter every system call of this process, of its threads and of all that it will start. Raises OSError.

    Without the right to gain new ones (no_new_privs, prctl(2)), which the kernel asks for; programs with setuid lose
    theirs too.
    """
    program = filters.compiled(policy, architecture)
    instructions = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog {unsigned short len; struct sock_filter *filter;}, with the padding of a 64-bit process
    header = struct.pack("@HxxxxxxQ", len(program) // _INSTRUCTION_BYTES, ctypes.addressof(instructions))
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    refusing_thread = libc.syscall(architecture.numbers["seccomp"], _SET_MODE_FILTER, _TSYNC, header)
    if refusing_thread:
        raise OSError(0, "a thread of this process has another filter")

"""Ways to a network past Python, past the filter of system calls, or through another program."""

import ctypes
import mmap
import os
import socket
import subprocess
import sys
from pathlib import Path

from pipeline.isolation import libc, syscalls
from pipeline.isolation.attempts.aim import Attempt, Sink, Unavailable, call


def raw_system_call(_sink: Sink) -> None:
    """socket(2) past Python."""
    os.close(call("socket", socket.AF_INET, socket.SOCK_STREAM, 0))


def io_uring(_sink: Sink) -> None:
    """A ring through which the kernel makes calls past a filter of them."""
    os.close(call("io_uring_setup", 4, bytes(120)))


def i386_call(_sink: Sink) -> None:
    """socket(2) by its number for 32-bit programs."""
    if syscalls.here() is not syscalls.X86_64:
        raise Unavailable
    # push rbx; mov eax,359; mov ebx,2; mov ecx,1; xor edx,edx; int 0x80; pop rbx; ret
    code = bytes.fromhex("53b867010000bb02000000b90100000031d2cd805bc3")
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    buffer = (ctypes.c_char * mmap.PAGESIZE).from_buffer(memory)
    result = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(buffer))()
    if result < 0:
        raise OSError(-result, os.strerror(-result))


def x32_call(_sink: Sink) -> None:
    """socket(2) by its number for programs with 32-bit pointers."""
    if syscalls.here() is not syscalls.X86_64:
        raise Unavailable
    try:
        libc.syscall(0x40000000 | 41, socket.AF_INET, socket.SOCK_STREAM, 0)
    except OSError as error:
        if error.errno == 38:
            raise Unavailable from None  # this kernel was built without that ABI
        raise


def child_python(sink: Sink) -> None:
    """Another Python, started for it."""
    code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2).sendall(b'child_python')"
    _program([sys.executable, "-I", "-c", code, str(sink.tcp)])


def child_program(sink: Sink) -> None:
    """A shell with a connection of its own."""
    if not Path("/bin/bash").exists():
        raise Unavailable
    _program(["/bin/bash", "-c", f"echo -n child_program > /dev/tcp/127.0.0.1/{sink.tcp}"])


def _program(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, check=False, timeout=10, cwd="/")  # noqa: S603 - the attempt
    if ended.returncode:
        raise PermissionError(13, "the other program failed")


ALL: tuple[Attempt, ...] = (raw_system_call, io_uring, i386_call, x32_call, child_python, child_program)
SENDING = frozenset({"child_python", "child_program"})

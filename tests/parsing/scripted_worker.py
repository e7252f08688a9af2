"""A parser child that follows a script instead of reading; fork, limits, descriptors and the wire are the product's.

Run as `python scripted_worker.py ENFORCEMENT FD` or `… ENFORCEMENT once`, like pipeline.parsing.worker.
"""

import ctypes
import mmap
import os
import resource
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from unittest import mock

import msgspec

from pipeline.isolation import libc, syscalls
from pipeline.parsing import worker
from pipeline.parsing.protocol import Page, Request
from tests.parsing.script import LIMITS, Probe, Step, says

KINDS = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_NPROC")


def act(file: BinaryIO, request: Request) -> Iterator[bytes]:
    """Follow the script that the document holds."""
    for step in msgspec.json.decode(file.read(), type=list[Step]):
        retried = request.address_space_bytes > LIMITS.memory_mb << 20
        if (step.page and step.page < request.first_page) or (step.once and retried):
            continue
        time.sleep(step.sleep_s)
        taken = mmap.mmap(-1, step.allocate_mb << 20) if step.allocate_mb else None
        if step.probe:
            yield says(Page(1, msgspec.json.encode(probe()).decode())).raw
        if step.raw:
            yield step.raw
        if step.die:
            ctypes.string_at(0)  # it may signal nobody, itself included
        del taken


def probe() -> Probe:
    """Look around: limits, open descriptors, environment, working folder."""
    return Probe(
        {name: limit(getattr(resource, name)) for name in KINDS},
        [descriptor for descriptor in range(256) if _is_open(descriptor)],
        os.fstat(2).st_rdev == Path(os.devnull).stat().st_rdev,
        dict(os.environ),
        str(Path.cwd()),
    )


def limit(kind: int) -> tuple[int, int]:
    """A limit of this process, by getrlimit(2): the C library would ask by prlimit(2), which could set it, too."""
    architecture = syscalls.here()
    if architecture is None:
        return resource.getrlimit(kind)
    answer = ctypes.create_string_buffer(16)
    libc.syscall(architecture.numbers["getrlimit"], kind, ctypes.addressof(answer))
    soft, hard = struct.unpack("=QQ", answer.raw)
    return int(soft), int(hard)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def send(stream: BinaryIO, frame: bytes) -> None:
    """Send bytes as they are."""
    stream.write(frame)
    stream.flush()


if __name__ == "__main__":
    with mock.patch.object(worker, "read", act), mock.patch.object(worker, "write_frame", send):
        worker.main(sys.argv[1:])

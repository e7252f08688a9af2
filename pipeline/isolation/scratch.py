"""Files without a name, for bytes on their way from one process to another. Never on a disk, where the system can."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def scratch_file() -> Iterator[int]:
    """An empty file that only this descriptor leads to: in memory on Linux (memfd_create(2)), else temporary."""
    with _file() as file:
        yield file.fileno()


def _file() -> IO[bytes]:
    if sys.platform != "linux":
        return tempfile.TemporaryFile()
    return os.fdopen(os.memfd_create("member", os.MFD_CLOEXEC), "w+b", buffering=0)

"""Opens one file for reading, proves that it is the one that was scanned, and identifies its bytes. Never writes."""

import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.datatypes import Job
from pipeline.errors import FileUnavailable

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file held open: everything later reads this descriptor, never the path again. `suffix` is a hint only."""

    descriptor: int
    suffix: str
    size_bytes: int
    _signature: tuple[int, int, int]

    def sha256(self) -> str:
        """Hash of the bytes, which identifies the document. Raises FileUnavailable when reading fails."""
        digest = hashlib.sha256()
        try:
            os.lseek(self.descriptor, 0, os.SEEK_SET)
            while block := os.read(self.descriptor, _READ_BYTES):
                digest.update(block)
        except OSError:
            raise FileUnavailable("file_unreadable", "The file could not be read to its end.") from None
        return digest.hexdigest()

    def check_unchanged(self) -> None:
        """Raise FileUnavailable when the file was written to since it was opened."""
        if _signature(os.fstat(self.descriptor)) != self._signature:
            raise FileUnavailable("file_changed", "The file changed while it was read.")


@contextmanager
def opened(job: Job) -> Iterator[OpenFile]:
    """Hold the job's file open. Raises FileUnavailable: `file_gone`, `file_unreadable` or `file_changed`."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, name, 0)  # no link is followed, no FIFO waited for, no child inherits
    try:
        descriptor = os.open(job.path, flags)
    except (FileNotFoundError, NotADirectoryError):
        raise FileUnavailable("file_gone", "The file is gone.") from None
    except OSError:
        raise FileUnavailable("file_unreadable", "The file may not be opened by this user.") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileUnavailable("file_gone", "It is no regular file any more.")
        suffix = os.path.splitext(os.fsdecode(job.path))[1].lower()  # noqa: PTH122 - a suffix of bytes of any kind
        yield OpenFile(descriptor, suffix.encode("ascii", "replace").decode(), status.st_size, _signature(status))
    finally:
        os.close(descriptor)


def _signature(status: os.stat_result) -> tuple[int, int, int]:
    changed = 0 if sys.platform == "win32" else status.st_ctime_ns
    return status.st_size, status.st_mtime_ns, changed

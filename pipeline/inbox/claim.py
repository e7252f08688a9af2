"""Opens one file for reading, refuses what may not be trusted, and identifies its bytes. Never writes."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.datatypes import Job
from pipeline.errors import FileUnavailable
from pipeline.inbox.roots import Roots
from pipeline.isolation import beneath

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file held open: everything later reads this descriptor, never the path again. `name` is a hint only."""

    descriptor: int
    name: str
    size_bytes: int
    _signature: tuple[int, int, int]

    def sha256(self) -> str:
        """Hash of the bytes, which identifies the document. Raises FileUnavailable when reading fails."""
        digest = hashlib.sha256()
        left = self.size_bytes
        try:
            os.lseek(self.descriptor, 0, os.SEEK_SET)
            while block := os.read(self.descriptor, _READ_BYTES):
                digest.update(block)
                left -= len(block)
                if left < 0:  # somebody who writes faster than we read would keep us here for ever
                    raise _changed()
        except OSError:
            raise FileUnavailable("file_unreadable", "The file could not be read to its end.") from None
        return digest.hexdigest()

    def check_unchanged(self) -> None:
        """Raise FileUnavailable when the file was written to since it was opened."""
        if _signature(os.fstat(self.descriptor)) != self._signature:
            raise _changed()


@contextmanager
def opened(job: Job, roots: Roots) -> Iterator[OpenFile]:
    """Hold the job's file open. Raises FileUnavailable like beneath.open_file(), and for what it finds itself.

    `foreign_hard_link`: somebody may have linked the file of another user into a shared inbox, to have it read.
    `file_changed`: its size is no longer the one that was scanned, on which the limit of size was decided.
    """
    place = roots.place(job.path)
    descriptor = beneath.open_file(place.root, place.below)
    try:
        status = os.fstat(descriptor)
        if _is_foreign_link(status, place.root):
            raise FileUnavailable("foreign_hard_link", "It is a hard link to a file of another user.")
        if status.st_size != job.size_bytes:
            raise _changed()
        name = os.path.basename(job.path).decode("utf-8", "replace")  # noqa: PTH119 - bytes
        yield OpenFile(descriptor, name, status.st_size, _signature(status))
    finally:
        os.close(descriptor)


def _is_foreign_link(status: os.stat_result, root: bytes) -> bool:
    """Whether the file has another name somewhere, and neither we nor the folder's owner own it."""
    if sys.platform == "win32" or status.st_nlink <= 1 or status.st_uid == os.geteuid():
        return False
    try:
        return status.st_uid != os.stat(root).st_uid  # noqa: PTH116 - bytes
    except OSError:
        return True  # the folder left meanwhile: nobody vouches for the file


def _changed() -> FileUnavailable:
    return FileUnavailable("file_changed", "The file changed since it was scanned.")


def _signature(status: os.stat_result) -> tuple[int, int, int]:
    changed = 0 if sys.platform == "win32" else status.st_ctime_ns
    return status.st_size, status.st_mtime_ns, changed

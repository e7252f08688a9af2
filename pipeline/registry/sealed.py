"""Hands a model file to onnxruntime so that what is loaded is what was verified. Writes to no disk, keeps no copy.

onnxruntime keeps the bytes that it is given for as long as the session lives; a file it reads and lets go. The file
is therefore a sealed one in memory (memfd_create(2), F_ADD_SEALS in fcntl(2)), which nobody can change after the
check, and which is gone once it is read. Where there is none (macOS, Windows), bytes are handed over.
"""

import hashlib
import mmap
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.registry import inspection, weights
from pipeline.registry.manifest import FileEntry

_DESCRIPTORS = Path("/proc/self/fd")
_READ_BYTES = 256 << 10


@contextmanager
def verified_model(folder: Path, entry: FileEntry) -> Iterator[str | bytes]:
    """What onnxruntime is to load, verified and looked into: a path that holds while the context does, or bytes.

    Raises ModelError.
    """
    if sys.platform != "linux" or not _DESCRIPTORS.is_dir():
        content = weights.verified(folder, entry)
        inspection.check(content)
        yield content
        return
    descriptor = os.memfd_create("model", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        size = _copy_verified(folder / entry.path, entry.sha256, descriptor)
        _seal(descriptor)
        inspection.check(mmap.mmap(descriptor, size, prot=mmap.PROT_READ) if size else b"")
        yield str(_DESCRIPTORS / str(descriptor))
    finally:
        os.close(descriptor)


def _copy_verified(path: Path, sha256: str, target: int) -> int:
    """Copy the file, hashing what is written, and return its size in bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        # Buffered, since one write(2) may take only a part: at most 2 GiB, and less where memory runs out.
        with open(target, "wb", closefd=False) as copy:
            for block in _blocks(path):
                digest.update(block)
                size += copy.write(block)
    except OSError:
        raise ModelError("model_unloadable", "There is not enough memory for a verified copy of the model.") from None
    if digest.hexdigest() != sha256:
        raise weights.tampered(path)
    return size


def _blocks(path: Path) -> Iterator[memoryview]:
    """The content of the file; what was handed out before is written over. Raises ModelError."""
    block = memoryview(bytearray(_READ_BYTES))
    try:
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(block):
                yield block[:count]
    except OSError:
        raise weights.missing(path) from None


def _seal(descriptor: int) -> None:
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    try:
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except OSError:
        raise ModelError("model_unloadable", "The verified model cannot be sealed in memory.") from None

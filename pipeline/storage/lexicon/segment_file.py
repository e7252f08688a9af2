"""Keeps a segment in a file of its own: written whole or not at all, checked by its hash, mapped into memory.

A header in JSON names the arrays with their lengths; they follow one after the other, each at a multiple of 64 bytes.
"""

import hashlib
import json
import mmap
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.storage.lexicon.segment import Segment

_MAGIC = b"SEALEDWO"
_HEADER_LENGTH = struct.Struct(">I")
_MAX_HEADER_BYTES = 4096
_ALIGNMENT = 64
_BLOCK_BYTES = 1 << 20
_TYPES = {
    "chunks": np.int64, "documents": np.uint32, "document_ids": np.int64, "vocabulary": np.uint8, "bounds": np.uint32,
    "offsets": np.int64, "slots": np.uint32, "impacts": np.uint8,
}  # fmt: skip


def write(segment: Segment, file: Path) -> str:
    """Write a segment, mode 0600, in place of what was there; returns the sha256 of the file. Raises OSError."""
    arrays = {name: np.ascontiguousarray(getattr(segment, name), kind) for name, kind in _TYPES.items()}
    header = json.dumps({name: len(array) for name, array in arrays.items()}).encode()
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    digest = hashlib.sha256()
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path

            def put(content: "bytes | memoryview[int]") -> None:
                stream.write(content)
                digest.update(content)

            put(_MAGIC + _HEADER_LENGTH.pack(len(header)) + header)
            for array in arrays.values():
                put(bytes(-stream.tell() % _ALIGNMENT))
                put(array.view(np.uint8).data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def read(file: Path, sha256: str) -> Segment:
    """Map a segment of which this is the hash. Raises OSError, and ValueError when it is not as it was written."""
    with file.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
        if digest.hexdigest() != sha256:
            raise ValueError("damaged")
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    start = len(_MAGIC) + _HEADER_LENGTH.size
    if mapped[: len(_MAGIC)] != _MAGIC or len(mapped) < start:
        raise ValueError("not a segment")
    (length,) = _HEADER_LENGTH.unpack(mapped[len(_MAGIC) : start])
    if length > _MAX_HEADER_BYTES:
        raise ValueError("not a segment")
    lengths: dict[str, int] = json.loads(mapped[start : start + length])
    place = start + length
    arrays: dict[str, Any] = {}
    for name, kind in _TYPES.items():
        place += -place % _ALIGNMENT
        arrays[name] = np.frombuffer(mapped, kind, lengths[name], place)
        place += arrays[name].nbytes
    return Segment(**arrays)

"""The parts of a ZIP package such as a DOCX, inflated while they are read, within limits. Nothing is ever unpacked.

A part that is damaged gives what comes before the damage; where the package's directory is lost, parts are found by
their own headers (zip_recovery.py).
"""

import posixpath
import re
import zlib
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.readers.zip_directory import content_start, directory_of
from pipeline.parsing.readers.zip_entries import ENCRYPTED, UNKNOWN, Entry
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Blocks, Inflate, blocks_of, unpacked

MAX_PART_BYTES = 512 << 20
MAX_PACKAGE_BYTES = 1 << 30  # of all parts that are read, together: some seconds of inflating
_SMALL_PART_BYTES = 16 << 20  # relations, manifests: what is held in memory at once
_STORED, _DEFLATED = 0, 8  # ISO/IEC 29500-2 and ODF 1.3 part 2 allow no other methods
_DIGITS = re.compile(r"(\d{1,9})")
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


class Part:
    """One part's bytes, once, in order. `code` is set where they end too early: READER_LIMIT or STRUCTURE_REPAIRED."""

    def __init__(self, blocks: Blocks) -> None:
        self.code: Code | None = None
        self._blocks = blocks
        self._ready = b""

    def read(self, size: int, /) -> bytes:
        """The next bytes, `size` at most and at least one; none at the end."""
        if not self._ready:
            try:
                self._ready = next(self._blocks, b"")
            except ReadingEnded as end:
                self.code = Code.READER_LIMIT if end.code is Code.READER_LIMIT else Code.STRUCTURE_REPAIRED
        given, self._ready = self._ready[:size], self._ready[size:]
        return given


class Package:
    """A package that is read part by part. `code` is STRUCTURE_REPAIRED where its directory is lost or incomplete."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises ReadingEnded(STRUCTURE_DAMAGED) where not one part is found."""
        self._file = file
        self._left = MAX_PACKAGE_BYTES
        directory = directory_of(file)
        self.code = directory.code
        self._entries: dict[str, Entry] = {}
        for entry in directory.entries:
            if not entry.is_folder:
                self._entries.setdefault(entry.name, entry)
        self._known = {_canonical(name): name for name in reversed(self._entries)}

    @property
    def names(self) -> list[str]:
        """The names of all parts, in the order of the package."""
        return list(self._entries)

    def find(self, name: str) -> str | None:
        """The name under which a part is stored: `\\`, a `/` in front, escapes and case make no difference."""
        return name if name in self._entries else self._known.get(_canonical(name))

    def open(self, name: str) -> Part | None:
        """The part with this name."""
        found = self.find(name)
        return None if found is None else Part(self.blocks(found))

    def read(self, name: str, most_bytes: int = _SMALL_PART_BYTES) -> bytes:
        """All of a small part, or what of it is sound and within `most_bytes`; nothing if there is no such part."""
        part = self.open(name)
        pieces: list[bytes] = []
        while part is not None and most_bytes > 0 and (piece := part.read(most_bytes)):
            pieces.append(piece)
            most_bytes -= len(piece)
        return b"".join(pieces)

    def is_encrypted(self, name: str) -> bool:
        """Whether the part with this name is there, and encrypted as files in archives are."""
        found = self.find(name)
        return found is not None and bool(self._entries[found].flags & ENCRYPTED)

    def blocks(self, stored_name: str) -> Blocks:
        """The content of a part, block by block. Raises ReadingEnded where it is broken, encrypted or too large."""
        part_left = MAX_PART_BYTES
        for block in _content(self._file, self._entries[stored_name]):
            part_left -= len(block)
            self._left -= len(block)
            if part_left < 0 or self._left < 0:
                raise ReadingEnded(Code.READER_LIMIT)
            yield block


def resolved(folder: str, target: str) -> str:
    """The name of a part that is named as seen from the folder of another; a `/` in front means the root."""
    target = target.replace("\\", "/")
    return posixpath.normpath("/" + target if target.startswith("/") else f"/{folder}/{target}").lstrip("/")


def natural(name: str) -> list[tuple[int, str]]:
    """A key to sort names by, for which `slide10` stands behind `slide9`."""
    return [(int(step), "") if at % 2 else (0, step) for at, step in enumerate(_DIGITS.split(name))]


def _canonical(name: str) -> str:
    return resolved("", _ESCAPED.sub(_unescaped, name)).lower()


def _unescaped(run: re.Match[str]) -> str:
    return bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace")


def _content(file: BinaryIO, entry: Entry) -> Blocks:
    """The bytes of a part. Raises ReadingEnded where they are not those that were put in, as far as that shows."""
    if entry.code is not None:
        raise ReadingEnded(entry.code)
    if entry.flags & ENCRYPTED:
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
    if entry.method not in (_STORED, _DEFLATED):
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    packed = blocks_of(file, content_start(file, entry), entry.packed_size)
    crc = 0
    for block in packed if entry.method == _STORED else unpacked(packed, Inflate(-zlib.MAX_WBITS)):
        crc = zlib.crc32(block, crc)
        yield block
    if entry.crc not in (crc, UNKNOWN):
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)

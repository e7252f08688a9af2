"""What lies in a ZIP archive: its entries, and where in the file each one is. Unpacks nothing.

The directory at the end decides; an archive that lost it is gone through from entry to entry (zip_recovery.py).
"""

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.readers.zip_entries import (
    CENTRAL_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_ENTRIES,
    Entry,
    extra_of,
    is_folder,
)
from pipeline.parsing.readers.zip_recovery import recovered
from pipeline.parsing.reading import ReadingEnded

_MAX_DIRECTORY_BYTES = 64 << 20  # MAX_ENTRIES with long names
_END = struct.Struct("<4s4H2LH")  # end of central directory
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_COMMENT_BYTES = 0xFFFF
_LOOKED_AT = 1000  # entries, to see whether a directory holds
_UNIX = 3  # "version made by": the attributes are those of Unix


@dataclass(frozen=True, slots=True)
class Directory:
    """All entries, in order. `code` says what is wrong with the archive as a whole."""

    entries: tuple[Entry, ...]
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """The record that says where the directory lies; its own place is where the directory should end."""

    place: int
    disk: int
    count: int
    size: int
    offset: int


def directory_of(file: BinaryIO) -> Directory:
    """The entries of an archive. Raises ReadingEnded(STRUCTURE_DAMAGED) where not one is found."""
    found = _directory(file)
    if found is None or not _holds(file, found.entries):
        found = Directory(tuple(recovered(file)), Code.STRUCTURE_REPAIRED)
        if not found.entries:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    if len(found.entries) > MAX_ENTRIES:
        found = Directory(found.entries[:MAX_ENTRIES], Code.READER_LIMIT)
    return _without_overlaps(found)


def content_start(file: BinaryIO, entry: Entry) -> int:
    """Where an entry's packed bytes begin. Raises ReadingEnded(STRUCTURE_DAMAGED) where they are not all there."""
    length = file.seek(0, 2)
    file.seek(max(0, entry.start))
    header = file.read(LOCAL.size)
    if entry.start < 0 or len(header) < LOCAL.size or not header.startswith(LOCAL_SIGNATURE):
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    *_, name_length, extra_length = LOCAL.unpack(header)
    start = entry.start + LOCAL.size + int(name_length) + int(extra_length)
    if start + entry.packed_size > length:
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    return start


def _directory(file: BinaryIO) -> Directory | None:
    """The entries that the directory names; None where there is no directory, or none that holds."""
    end = _end(file)
    if end is None or end.size > min(end.place, _MAX_DIRECTORY_BYTES):
        return None
    # What stands before the archive, such as a program that unpacks it, moves all offsets.
    for start in (end.place - end.size, end.offset):
        file.seek(start)
        central = file.read(end.size)
        entries = tuple(_entries(central, start - end.offset, end.disk))
        if entries or not end.count:
            complete = len(entries) > MAX_ENTRIES or len(entries) & 0xFFFF == end.count & 0xFFFF
            return Directory(entries, None if complete else Code.STRUCTURE_REPAIRED)
    return None


def _holds(file: BinaryIO, entries: tuple[Entry, ...]) -> bool:
    """Whether most of the entries lie where the directory says."""
    expected = [entry for entry in entries if entry.code is not Code.STRUCTURE_DAMAGED][:_LOOKED_AT]
    return 2 * sum(_is_at(file, entry.start) for entry in expected) >= len(expected)


def _is_at(file: BinaryIO, place: int) -> bool:
    file.seek(max(0, place))
    return place >= 0 and file.read(len(LOCAL_SIGNATURE)) == LOCAL_SIGNATURE


def _end(file: BinaryIO) -> _End | None:
    length = file.seek(0, 2)
    file.seek(max(0, length - _COMMENT_BYTES - _END.size))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06", 0, max(0, len(tail) - _END.size + 4))
    if at < 0:
        return None
    _, disk, _, _, count, size, offset, _ = _END.unpack_from(tail, at)
    end = _End(length - len(tail) + at, disk, count, size, offset)
    return _end_64(file, end.place) or end


def _end_64(file: BinaryIO, below: int) -> _End | None:
    """The record of ZIP64 that stands before the other, if there is one."""
    if below < _LOCATOR_64.size + _END_64.size:
        return None
    file.seek(below - _LOCATOR_64.size)
    signature, _, declared, _ = _LOCATOR_64.unpack(file.read(_LOCATOR_64.size))
    if signature != b"PK\x06\x07":
        return None
    for place in (below - _LOCATOR_64.size - _END_64.size, declared):
        if place < below:
            file.seek(place)
            record = file.read(_END_64.size)
            if len(record) == _END_64.size and record.startswith(b"PK\x06\x06"):
                _, _, _, _, disk, _, _, count, size, offset = _END_64.unpack(record)
                return _End(place, disk, count, size, offset)
    return None


def _entries(central: bytes, moved: int, disk: int) -> Iterator[Entry]:
    """The entries that a directory names, one more than MAX_ENTRIES at most. `moved` is added to their offsets."""
    at = count = 0
    while at + _CENTRAL.size <= len(central) and central.startswith(CENTRAL_SIGNATURE, at) and count <= MAX_ENTRIES:
        fields = _CENTRAL.unpack_from(central, at)
        _, made_by, _, flags, method, time, _, crc, packed_size, size, *lengths, of_disk, _, attributes, start = fields
        name_end = at + _CENTRAL.size + lengths[0]
        extra_end = name_end + lengths[1]
        raw_name = central[at + _CENTRAL.size : name_end]
        extra = extra_of(central[name_end:extra_end])
        size, packed_size, start, of_disk = extra.widened(size, packed_size, start, of_disk)
        code = Code.STRUCTURE_DAMAGED if of_disk != disk else None  # it lies in another file of a split archive
        if made_by >> 8 == _UNIX and stat.S_ISLNK(attributes >> 16):
            code = Code.SYMBOLIC_LINK
        yield Entry(
            extra.name(raw_name, flags), flags, method, crc, packed_size, size, start + moved, time,
            is_folder(raw_name), code, extra.aes,
        )  # fmt: skip
        at = extra_end + lengths[2]
        count += 1


def _without_overlaps(found: Directory) -> Directory:
    """Entries that share bytes are how a small file unpacks to anything (Fifield, WOOT 2019): none of those is read."""
    order = sorted(range(len(found.entries)), key=lambda index: found.entries[index].start)
    overlapping: set[int] = set()
    end, holder = -1, -1
    for index in order:
        entry = found.entries[index]
        if entry.is_folder or entry.code is Code.STRUCTURE_DAMAGED:  # of another file, where it lies elsewhere
            continue
        if entry.start < end:
            overlapping |= {index, holder}
        if (own_end := entry.start + LOCAL.size + entry.packed_size) > end:
            end, holder = own_end, index
    if not overlapping:
        return found
    entries = tuple(
        replace(entry, code=Code.READER_LIMIT) if index in overlapping else entry
        for index, entry in enumerate(found.entries)
    )
    return Directory(entries, found.code or Code.READER_LIMIT)

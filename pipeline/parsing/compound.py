"""OLE compound files (MS-CFB): the streams and storages in one, by name. A chain that runs in a circle has an end."""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.reading import ReadingEnded

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Of the header: shifts of sector and mini sector; first sectors of directory, mini FAT (with its length) and DIFAT.
_HEADER = struct.Struct("<30xHH14xI8xIII4x")
_HEADER_BYTES = 512
_ENTRY = struct.Struct("<64sHBxIII16s20xIQ")  # name, its length, kind, left, right, child, class, first sector, size
_MINI_STREAM_BELOW = 4096  # bytes: smaller streams lie in the mini stream (MS-CFB 2.2)
_LAST_SECTOR = 0xFFFFFFFA  # MS-CFB 2.1: greater numbers are marks, such as the end of a chain
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_SECTOR_SHIFTS = (9, 12)
_SMALL_SECTOR = 512
_RUN_SECTORS = 2048  # read at once where they lie side by side
_MAX_ENTRIES = 250_000  # of the directory: a mail with ten thousand attachments has half as many


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    left: int
    right: int
    child: int
    clsid: bytes
    start: int
    size: int


@dataclass(slots=True)
class Storage:
    """A folder in a compound file. Names are found without regard to case, as the format has it."""

    name: str
    clsid: bytes
    _sectors: "_Sectors"
    _streams: dict[str, _Entry] = field(default_factory=dict)
    _storages: dict[str, "Storage"] = field(default_factory=dict)

    def has(self, stream: str) -> bool:
        """Whether such a stream lies here."""
        return stream.lower() in self._streams

    def size(self, stream: str) -> int:
        """Its size in bytes, 0 where there is none; less may be there where the file is damaged, and never more."""
        entry = self._streams.get(stream.lower())
        return self._sectors.size_of(entry) if entry else 0

    def stream(self, name: str) -> bytes:
        """The bytes of a stream, as far as they are there; none where there is no such stream."""
        entry = self._streams.get(name.lower())
        return self._sectors.content(entry) if entry else b""

    def aside(self, name: str) -> bytes:
        """As stream(), for what is no part of the text: `is_whole` does not ask for it."""
        was_whole = self._sectors.is_whole
        content = self.stream(name)
        self._sectors.is_whole = was_whole
        return content

    @property
    def is_whole(self) -> bool:
        """Whether each stream of the file that was read so far, here or elsewhere, was as long as it is said to be."""
        return self._sectors.is_whole

    @property
    def file_bytes(self) -> int:
        """The size of the whole file."""
        return self._sectors.file_bytes

    def storage(self, name: str) -> "Storage | None":
        """The storage of that name in this one."""
        return self._storages.get(name.lower())

    def streams(self) -> Iterator[str]:
        """The names of all streams here."""
        return (entry.name for entry in self._streams.values())

    def storages(self) -> Iterator["Storage"]:
        """All storages here."""
        return iter(self._storages.values())


def opened(file: BinaryIO) -> Storage:
    """The root storage of an open file, which must stay open while it is used.

    Raises ReadingEnded: STRUCTURE_DAMAGED, or READER_LIMIT where it holds more than any document does.
    """
    sectors = _Sectors(file)
    directory = sectors.chain(sectors.directory_start, (_MAX_ENTRIES + 1) * _ENTRY.size)
    if len(directory) > _MAX_ENTRIES * _ENTRY.size:
        raise ReadingEnded(Code.READER_LIMIT)
    if len(directory) < _ENTRY.size:
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    first = _entry(directory, 0)
    if first.kind != _ROOT:
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    sectors.mini_stream_is(first)
    root = Storage("", first.clsid, sectors)
    used = {0}
    waiting = [(root, first.child)]
    while waiting:  # each entry belongs to one storage at most, so that a tree that bites its tail ends
        storage, number = waiting.pop()
        if number in used or (number + 1) * _ENTRY.size > len(directory):
            continue
        used.add(number)
        entry = _entry(directory, number)
        waiting += [(storage, entry.left), (storage, entry.right)]
        if entry.kind == _STREAM:
            storage._streams.setdefault(entry.name.lower(), entry)
        elif entry.kind == _STORAGE:
            inner = storage._storages.setdefault(entry.name.lower(), Storage(entry.name, entry.clsid, sectors))
            waiting.append((inner, entry.child))
    return root


def _entry(directory: bytes, number: int) -> _Entry:
    name, name_bytes, *others = _ENTRY.unpack_from(directory, number * _ENTRY.size)
    return _Entry(name[: max(0, min(name_bytes, 64) - 2)].decode("utf-16-le", "replace"), *others)


class _Sectors:
    """The sectors of a file, and the chains that they form."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.file_bytes = file.seek(0, 2)
        file.seek(0)
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(SIGNATURE):
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        shift, mini_shift, directory, mini_fat, mini_fat_sectors, difat = _HEADER.unpack_from(header)
        if shift not in _SECTOR_SHIFTS or mini_shift >= shift:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        self.directory_start = directory
        self.is_whole = True
        self._sector_bytes = 1 << shift
        self._mini_bytes = 1 << mini_shift
        self._count = -(-self.file_bytes // self._sector_bytes) - 1
        self._fat = self._read_fat(_words(header[_HEADER.size :]), difat)
        self._mini_fat_at = mini_fat, mini_fat_sectors * self._sector_bytes
        self._mini_fat: array[int] = array("I")
        self._mini_stream = b""
        self._mini_entry: _Entry | None = None

    def mini_stream_is(self, entry: _Entry) -> None:
        """Take what `entry` leads to for the stream that the small streams lie in; it is read when it is needed."""
        self._mini_entry = entry

    def size_of(self, entry: _Entry) -> int:
        """The size of a stream in bytes, at most that of the file."""
        return min(self._declared(entry), self.file_bytes)

    def content(self, entry: _Entry) -> bytes:
        """The bytes of a stream."""
        size = self.size_of(entry)
        found = self.chain(entry.start, size) if size >= _MINI_STREAM_BELOW else self._in_mini_stream(entry, size)
        self.is_whole = self.is_whole and len(found) == self._declared(entry)
        return found

    def _declared(self, entry: _Entry) -> int:
        """In files with small sectors the upper half of the field means nothing."""
        return entry.size if self._sector_bytes > _SMALL_SECTOR else entry.size & 0xFFFFFFFF

    def _in_mini_stream(self, entry: _Entry, size: int) -> bytes:
        if self._mini_entry is not None:
            self._mini_stream = self.chain(self._mini_entry.start, self.size_of(self._mini_entry))
            self._mini_fat = _words(self.chain(*self._mini_fat_at))
            self._mini_entry = None
        length = self._mini_bytes
        numbers = _follow(self._mini_fat, entry.start, -(-size // length))
        return b"".join(self._mini_stream[number * length : (number + 1) * length] for number in numbers)[:size]

    def chain(self, start: int, most_bytes: int) -> bytes:
        """What lies in the sectors from `start` on; sectors that are not in the file are left out."""
        numbers = list(_follow(self._fat, start, min(self._count, -(-most_bytes // self._sector_bytes))))
        found = bytearray()
        at = 0
        while at < len(numbers):
            end = at + 1
            while end < len(numbers) and end - at < _RUN_SECTORS and numbers[end] == numbers[end - 1] + 1:
                end += 1
            self._file.seek((numbers[at] + 1) * self._sector_bytes)
            found += self._file.read((end - at) * self._sector_bytes)
            at = end
        del found[most_bytes:]
        return bytes(found)

    def _read_fat(self, numbers: "array[int]", difat: int) -> "array[int]":
        """The table that names the sector behind each sector. Its own sectors are listed in header and DIFAT."""
        seen: set[int] = set()
        while difat < self._count and difat not in seen:
            seen.add(difat)
            listed = self._sector_words(difat)
            difat = listed.pop()
            numbers.extend(listed)
        fat: array[int] = array("I")
        for number in numbers:
            if number > _LAST_SECTOR or len(fat) > self._count:
                break
            fat.extend(self._sector_words(number))
        return fat

    def _sector_words(self, number: int) -> "array[int]":
        """A sector of numbers. One that the file was cut off before leads nowhere."""
        self._file.seek((number + 1) * self._sector_bytes)
        return _words(self._file.read(self._sector_bytes).ljust(self._sector_bytes, b"\xff"))


def _words(content: bytes) -> "array[int]":
    words = array("I", content[: len(content) // 4 * 4])
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _follow(fat: "array[int]", start: int, most: int) -> Iterator[int]:
    """The numbers in one chain, at most so many: a chain that runs in a circle ends there."""
    number = start
    for _ in range(most):
        if number >= len(fat):
            return
        yield number
        number = fat[number]

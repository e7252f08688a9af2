"""The properties of Outlook's items as they lie in compound files (MS-OXMSG). Knows no mails.

oxmsg was tried first: it holds the whole file in memory, cannot read items within items, and gives up where one
property is missing or in an encoding that Python lacks.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from pipeline.parsing.compound import Storage
from pipeline.parsing.readers.code_pages import encoding_of, of_language
from pipeline.parsing.readers.legacy_encodings import guess

PROPERTIES = "__properties_version1.0"
NAMES = "__nameid_version1.0"
_ENTRY = struct.Struct("<HHI8s")
_UNICODE, _STRING, _BINARY, _OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
_TIME, _NUMBER, _SHORT, _BOOLEAN = 0x0040, 0x0003, 0x0002, 0x000B
_MESSAGE_CODE_PAGE, _INTERNET_CODE_PAGE, _LANGUAGE = 0x3FFD, 0x3FDE, 0x3FF1
_MOST_BYTES = 1 << 20  # of a list of properties: an item may have 65,536
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NAMED_FROM = 0x8000
_GUID_STREAM, _NAME_STREAM = "__substg1.0_00020102", "__substg1.0_00030102"
_NAME_ENTRY = struct.Struct("<IHH")
_FIRST_GUID = 3  # of those in the stream; smaller ones mean fixed sets
_GUID_BYTES = 16


class Header(IntEnum):
    """How many bytes stand before the properties of each kind of item (2.4.1)."""

    MESSAGE = 32
    MESSAGE_WITHIN = 24
    OTHER = 8


@dataclass(frozen=True, slots=True)
class Names:
    """The properties that have names, by the last part of the set's identifier and their number in the set."""

    numbers: dict[tuple[int, int], int]

    def number(self, name: tuple[int, int]) -> int:
        """The number under which a property lies in this file; 0 where it is not in it."""
        return self.numbers.get(name, 0)


class Properties:
    """The properties of one item."""

    def __init__(self, storage: Storage, header: Header) -> None:
        self._storage = storage
        stream = storage.stream(PROPERTIES)[header : header + _MOST_BYTES]
        whole = stream[: len(stream) // _ENTRY.size * _ENTRY.size]
        self._fixed = {number: (kind, value) for kind, number, _, value in _ENTRY.iter_unpack(whole)}

    def text(self, number: int) -> str:
        """A text; empty where there is none."""
        if self._storage.has(_stream(number, _UNICODE)):
            text = self._storage.stream(_stream(number, _UNICODE)).decode("utf-16-le", "replace")
        else:
            text = self._decoded(self._storage.stream(_stream(number, _STRING)))
        return text.partition("\x00")[0]

    def line(self, number: int) -> str:
        """A text on one line."""
        return " ".join(self.text(number).split())

    def content(self, number: int) -> bytes:
        """Bytes; none where there are none."""
        return self._storage.stream(_stream(number, _BINARY))

    def size(self, number: int) -> int:
        """How many bytes these are."""
        return self._storage.size(_stream(number, _BINARY))

    def has_content(self, number: int) -> bool:
        """Whether there are bytes, be they none."""
        return self._storage.has(_stream(number, _BINARY))

    def item(self, number: int) -> Storage | None:
        """A whole item that lies within this one."""
        return self._storage.storage(_stream(number, _OBJECT))

    def number(self, number: int) -> int:
        """A number or a yes (1); 0 where there is none."""
        kind, value = self._fixed.get(number, (0, b""))
        length = {_NUMBER: 4, _SHORT: 2, _BOOLEAN: 1}.get(kind, 0)
        return int.from_bytes(value[:length], "little")

    def time(self, number: int) -> datetime | None:
        """A point in time, in UTC."""
        kind, value = self._fixed.get(number, (0, b""))
        if kind != _TIME:
            return None
        try:
            return _EPOCH + timedelta(microseconds=int.from_bytes(value, "little") // 10)
        except OverflowError:
            return None

    def _decoded(self, text: bytes) -> str:
        """Bytes in the code page of the item, or of its language; not every item says the truth."""
        language = self.number(_LANGUAGE)
        message, internet = (encoding_of(self.number(one)) for one in (_MESSAGE_CODE_PAGE, _INTERNET_CODE_PAGE))
        for encoding in (message, "utf-8", of_language(language) if language else None, internet):
            if encoding is not None:
                try:
                    return text.decode(encoding)
                except UnicodeDecodeError:
                    continue
        return text.decode(guess(text) or "cp1252", "replace")


def names_of(root: Storage) -> Names:
    """The names of all properties in a file that have some (2.2.3)."""
    storage = root.storage(NAMES)
    return Names(dict(_named(storage)) if storage else {})


def _named(storage: Storage) -> Iterator[tuple[tuple[int, int], int]]:
    guids, entries = storage.stream(_GUID_STREAM), storage.stream(_NAME_STREAM)[:_MOST_BYTES]
    for name, kind, index in _NAME_ENTRY.iter_unpack(entries[: len(entries) // _NAME_ENTRY.size * _NAME_ENTRY.size]):
        at = ((kind >> 1) - _FIRST_GUID) * _GUID_BYTES
        if not kind & 1 and 0 <= at < len(guids):  # the others are named by words
            yield (int.from_bytes(guids[at : at + 4], "little"), name), _NAMED_FROM + index


def _stream(number: int, kind: int) -> str:
    return f"__substg1.0_{number:04X}{kind:04X}"

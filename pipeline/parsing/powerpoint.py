"""The records of a PowerPoint 97-2003 document (MS-PPT), and where its newest objects lie. Reads no text."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = struct.Struct("<HHI")
_CURRENT_USER = struct.Struct("<16xI")  # where the last edit lies
_BEFORE_AT = 8  # bytes into an edit: where the one before lies
_EDIT = struct.Struct("<8xIII")  # where the edit before lies, where its directory lies, the number of the document
_ENTRY = struct.Struct("<I")
_USER_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_SESSION_AFTER = 28  # bytes of an edit: the field is there only where the document is or was encrypted (2.3.3)
_NUMBER_BITS = 20  # of a directory's entry: the first number; the rest is how many follow


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a stream: its content lies from `start` to `end`, which are never beyond what holds it."""

    kind: int
    instance: int
    container: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the objects of a document begin, by number, in its newest state; `document` is the one to start from."""

    offsets: dict[int, int]
    document: int
    session: int  # the number of the object that says how it is encrypted, 0 where it is not
    session_at: int  # where that number stands


def record_at(stream: bytes, at: int, end: int | None = None) -> Record | None:
    """The record that begins there, None where none can."""
    end = len(stream) if end is None else end
    if not 0 <= at <= end - _HEADER.size:
        return None
    head, kind, length = _HEADER.unpack_from(stream, at)
    start = at + _HEADER.size
    return Record(kind, head >> 4, head & 0xF == 0xF, start, min(end, start + length))


def records(stream: bytes, start: int, end: int) -> Iterator[Record]:
    """The records side by side between two places."""
    while (record := record_at(stream, start, end)) is not None:
        yield record
        start = record.end


def directory(stream: bytes, current_user: bytes) -> Directory | None:
    """The directory, put together from all edits, the newest first (MS-PPT 2.1.2). None where no edit can be found."""
    offsets: dict[int, int] = {}
    newest: tuple[int, int, int] | None = None
    for edit in _edits(stream, current_user):
        _, entries_at, document = _EDIT.unpack_from(stream, edit.start)
        if newest is None:
            session_at = edit.start + _SESSION_AFTER
            newest = document, int.from_bytes(stream[session_at : edit.end][:4], "little"), session_at
        _take(stream, entries_at, offsets)
    return Directory(offsets, *newest) if newest else None


def _edits(stream: bytes, current_user: bytes) -> Iterator[Record]:
    """The edits, the newest first: each says where the one before lies. If that leads nowhere, all that are found."""
    seen: set[int] = set()
    at = _CURRENT_USER.unpack_from(current_user)[0] if len(current_user) >= _CURRENT_USER.size else 0
    while (edit := _edit_at(stream, at)) is not None and at not in seen:
        seen.add(at)
        yield edit
        (at,) = _ENTRY.unpack_from(stream, edit.start + _BEFORE_AT)
        if at == 0:
            return
    found = [record.start - _HEADER.size for record in records(stream, 0, len(stream)) if record.kind == _USER_EDIT]
    for place in reversed(found):
        if place not in seen and (edit := _edit_at(stream, place)) is not None:
            yield edit


def _edit_at(stream: bytes, at: int) -> Record | None:
    edit = record_at(stream, at)
    is_one = edit is not None and edit.kind == _USER_EDIT and edit.end - edit.start >= _EDIT.size
    return edit if is_one else None


def _take(stream: bytes, at: int, offsets: dict[int, int]) -> None:
    """Add what one directory record lists, but for what a newer one does."""
    listed = record_at(stream, at)
    if listed is None or listed.kind != _DIRECTORY:
        return
    at, end = listed.start, listed.end - _ENTRY.size
    while at <= end:
        (entry,) = _ENTRY.unpack_from(stream, at)
        number, count = entry & (1 << _NUMBER_BITS) - 1, entry >> _NUMBER_BITS
        for place in range(at + _ENTRY.size, min(at + (count + 1) * _ENTRY.size, end + _ENTRY.size), _ENTRY.size):
            if place <= end:
                offsets.setdefault(number, *_ENTRY.unpack_from(stream, place))
            number += 1
        at += (count + 1) * _ENTRY.size

"""Numbers, errors and records as binary workbooks store them; names as in MS-XLSB and MS-XLS."""

import struct
from collections.abc import Iterator

from pipeline.parsing.readers.sheet_tags import Source

_LONGEST_RECORD = 1 << 20  # bytes; a cell's text takes 64 KiB
_READ_BYTES = 1 << 20
_MOST_HEADER = 6  # bytes of a record's type and size
_NO_STRING = 0xFFFFFFFF
_DOUBLE = struct.Struct("<d")
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip


def records(source: Source) -> Iterator[tuple[int, bytes]]:
    """The records of a part of an XLSB: type and content. What is longer than any cell is passed over."""
    kept = b""
    skipped = 0  # bytes of a long record that are still to come
    while block := source.read(_READ_BYTES):
        if skipped >= len(block):
            skipped -= len(block)
            continue
        kept, skipped = kept + block[skipped:], 0
        at = 0
        while len(kept) - at >= _MOST_HEADER:
            kind, size, start = _header(kept, at)
            if start + size > len(kept) and size <= _LONGEST_RECORD:
                break
            if size <= _LONGEST_RECORD:
                yield kind, kept[start : start + size]
            at = start + size
        skipped = max(0, at - len(kept))
        kept = kept[at:]
    at = 0
    while at < len(kept):  # what is shorter than the longest header
        kind, size, start = _header(kept.ljust(at + _MOST_HEADER, b"\0"), at)
        if start + size <= len(kept):
            yield kind, kept[start : start + size]
        at = start + size


def wide_string(content: bytes, at: int) -> tuple[str, int]:
    """A string behind its length in characters, as far as it is there, and where it ends."""
    length = int.from_bytes(content[at : at + 4], "little")
    if length == _NO_STRING:
        return "", at + 4
    end = at + 4 + 2 * length
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def rk_number(rk: int) -> float:
    """A number in 30 bits: an integer or the upper part of a double, perhaps a hundred times as large."""
    if rk & 2:
        value = float((rk >> 2) - (1 << 30 if rk & 0x80000000 else 0))
    else:
        (value,) = _DOUBLE.unpack(bytes(4) + (rk & 0xFFFFFFFC).to_bytes(4, "little"))
    return value / 100 if rk & 1 else value


def truth(value: int) -> str:
    """A logical value as it is shown."""
    return "TRUE" if value else "FALSE"


def error_text(code: int) -> str:
    """An error as it is shown."""
    return _ERRORS.get(code, "#ERROR!")


def _header(content: bytes, at: int) -> tuple[int, int, int]:
    """Type and size of a record, and where its content starts. Both in groups of 7 bits, the lowest first."""
    kind = content[at]
    at += 1
    if kind & 0x80:
        kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
        at += 1
    size = shift = 0
    for _ in range(4):
        byte = content[at]
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
    return kind, size, at

"""What the formatting of a Word document says about its text (MS-DOC 2.8, 2.9): rows, symbols, what was deleted."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.parsing.readers.doc_structure import Structure

_PAGE_BYTES = 512  # of formatted pages: where runs end, and behind them how they look (2.9.22, 2.9.33)
_CHARACTERS, _PARAGRAPHS = 12, 13  # the tables that list these pages
_FONTS, _FONT_NAME_AT = 15, 39
_PAGE_NUMBER_BITS = 22
_PARAGRAPH_BYTES = 13  # of an entry for a paragraph; one for characters has one
_OPERAND_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # by the upper three bits of a property's code (2.2.5.1)
_LONG_TABLE = 0xD608  # its operand has a length of two bytes, others of one
_ELSEWHERE = (0x6645, 0x6646)  # the properties lie in the Data stream: those of wide tables
_ROW_END, _INNER_CELL_END, _INNER_ROW_END = 0x2417, 0x244B, 0x244C
_DELETED, _SYMBOL, _FONT = 0x0800, 0x6A09, 0x4A4F

_ON = (b"\x01", b"\x81")  # the latter: other than its style has it

Run = tuple[int, int, int]  # from byte to byte of the document, and what is said of it


@dataclass(slots=True)
class Formatting:
    """What is needed of it. Places are bytes of the document; ends are those behind the mark of a row or inner cell.

    Said of a run in `in_font` is the number of the font; of one in `symbols` that too, and the character above 16 bits.
    """

    fonts: list[str] = field(default_factory=list)
    row_ends: list[int] = field(default_factory=list)
    cell_ends: list[int] = field(default_factory=list)
    deleted: list[Run] = field(default_factory=list)
    in_font: list[Run] = field(default_factory=list)
    symbols: list[Run] = field(default_factory=list)


def formatting_of(structure: Structure, data: bytes) -> Formatting:
    """What is needed of a document's formatting; `data` is its Data stream. What is broken is passed over."""
    found = Formatting(list(_names(structure.table(_FONTS))))
    for _, end, entry, page in _runs(structure.document, structure.table(_PARAGRAPHS), _PARAGRAPH_BYTES):
        start = 2 * entry
        length = 2 * page[start] - 1 if page[start] else 2 * page[min(start + 1, _PAGE_BYTES - 1)]
        start += 1 if page[start] else 2
        properties = page[start + 2 : start + length] if entry else b""  # behind the number of the style
        on = {code for code, value in _properties(properties, data) if value in _ON}
        if on & {_ROW_END, _INNER_ROW_END}:
            found.row_ends.append(end)
        elif _INNER_CELL_END in on:
            found.cell_ends.append(end)
    for start, end, entry, page in _runs(structure.document, structure.table(_CHARACTERS), 1):
        properties = page[2 * entry + 1 : 2 * entry + 1 + page[2 * entry]] if entry else b""
        for code, value in _properties(properties, b""):
            said = int.from_bytes(value, "little")
            if code == _DELETED and value in _ON:
                found.deleted.append((start, end, 0))
            elif code == _FONT:
                found.in_font.append((start, end, said))
            elif code == _SYMBOL:
                found.symbols.append((start, end, said))
    return found


def _names(table: bytes) -> Iterator[str]:
    """The names of the fonts, by number (MS-DOC 2.9.289, 2.9.81)."""
    at = 4
    while at < len(table):
        name = table[at + 1 + _FONT_NAME_AT : at + 1 + table[at]]
        yield name.decode("utf-16-le", "replace").partition("\x00")[0]
        at += 1 + table[at]


def _runs(document: bytes, listed: bytes, entry_bytes: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Each run of the formatted pages that a table lists, where its properties lie in the page, and the page."""
    count = max(0, (len(listed) - 4) // 8)
    numbers = struct.unpack_from(f"<{count}I", listed, 4 * (count + 1)) if count else ()
    seen: set[int] = set()
    for entry in numbers:
        number = entry & (1 << _PAGE_NUMBER_BITS) - 1
        page = document[number * _PAGE_BYTES : (number + 1) * _PAGE_BYTES]
        if number in seen or len(page) < _PAGE_BYTES:
            continue
        seen.add(number)
        runs = page[-1]
        entries_at = 4 * (runs + 1)
        if entries_at + runs * entry_bytes >= _PAGE_BYTES:
            continue
        bounds = struct.unpack_from(f"<{runs + 1}I", page)
        for at in range(runs):
            yield bounds[at], bounds[at + 1], page[entries_at + at * entry_bytes], page


def _properties(properties: bytes, data: bytes) -> Iterator[tuple[int, bytes]]:
    """The code of each property, and its value."""
    at = 0
    while at + 3 <= len(properties):
        (code,) = struct.unpack_from("<H", properties, at)
        at += 2
        if code in _ELSEWHERE and data and at + 4 <= len(properties):
            (place,) = struct.unpack_from("<I", properties, at)
            size = int.from_bytes(data[place : place + 2], "little")
            properties, data, at = data[place + 2 : place + 2 + size], b"", 0
            continue
        if code == _LONG_TABLE:
            length = 1 + int.from_bytes(properties[at : at + 2], "little")
        else:
            length = _OPERAND_BYTES.get(code >> 13) or 1 + properties[at]
        yield code, properties[at : at + length]
        at += length

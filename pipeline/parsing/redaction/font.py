"""A font without shapes, for text that is selected and found but not seen: its file, and what its numbers mean. Pure.

As text recognition lays text over scans. Formats: TrueType (Apple), ToUnicode maps (ISO 32000-1, 9.10.3).
"""

import struct
from collections.abc import Iterable

UNITS = 1000  # of the font to its size
ADVANCE = 500  # of each character, in these units
ASCENT, DESCENT = 800, -200
_MOST = 65_000  # characters in one document; what comes behind them is shown as unknown
_UNKNOWN = "\ufffd"
_ROWS = 100  # of one block of a map: the most that readers must take
_CMAP_HEAD = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_CMAP_FOOT = b"""endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class Numbers:
    """The numbers of characters in the order in which they were first written, from 1."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    def hexadecimal(self, text: str) -> bytes:
        """The text as a string of two bytes a character."""
        return b"".join(b"%04X" % self._number(character) for character in text)

    def map(self) -> bytes:
        """The ToUnicode map of all that was written."""
        rows = [b"<%04X> <%b>\n" % (number, _utf16(character)) for character, number in self._of.items()]
        blocks = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
        parts = [b"%d beginbfchar\n%bendbfchar\n" % (len(block), b"".join(block)) for block in blocks]
        return _CMAP_HEAD + b"".join(parts) + _CMAP_FOOT

    @property
    def count(self) -> int:
        """How many different characters were written."""
        return len(self._of)

    def _number(self, character: str) -> int:
        known = self._of if len(self._of) < _MOST or character in self._of else {_UNKNOWN: 0}
        return known.setdefault(character, len(self._of) + 1) if known is self._of else 0


def font_file() -> bytes:
    """A TrueType file with two glyphs, both empty."""
    tables = {
        b"glyf": b"\0\0",
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            0x10000,
            0x10000,
            0,
            0x5F0F3CF5,
            3,
            UNITS,
            0,
            0,
            0,
            DESCENT,
            ADVANCE,
            ASCENT,
            0,
            8,
            2,
            0,
            0,
        ),
        b"hhea": struct.pack(">IhhhHhhhhhh8xhH", 0x10000, ASCENT, DESCENT, 0, ADVANCE, 0, 0, 0, 1, 0, 0, 0, 1),
        b"hmtx": struct.pack(">Hhh", ADVANCE, 0, 0),
        b"loca": bytes(6),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, 0, 0, 0, 0, 1, *[0] * 8),
    }
    file = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64)
    place = len(file) + 16 * len(tables)
    for name, table in tables.items():
        file += struct.pack(">4sIII", name, _checksum(table), place, len(table))
        place += len(_padded(table))
    return file + b"".join(map(_padded, tables.values()))


def _utf16(character: str) -> bytes:
    return character.encode("utf-16-be", "replace").hex().upper().encode()


def _padded(table: bytes) -> bytes:
    return table + bytes(-len(table) % 4)


def _checksum(table: bytes) -> int:
    padded = _padded(table)
    words: Iterable[int] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF

"""Writes small Word documents for tests (MS-DOC): text in pieces, notes, headers, boxes; formatting that matters."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.ole_writer import Folder, compound_file

# Properties of paragraphs and of characters.
ROW_END = struct.pack("<HB", 0x2417, 1)
INNER_CELL_END = struct.pack("<HB", 0x244B, 1)
INNER_ROW_END = struct.pack("<HB", 0x244C, 1)
DELETED = struct.pack("<HB", 0x0800, 0x81)
TEXT_AT = 2048  # where the text begins in its stream, behind the header
SEPARATORS = ("",) * 6  # stories before the headers
_PAGE = 512
_TABLES = 93  # that the header of Word 97 lists
_FOOTNOTES, _COMMENTS, _ENDNOTES = 2, 4, 46
_HEADERS, _CHARACTER_RUNS, _PARAGRAPH_RUNS, _FONTS, _PIECES, _AUTHORS = 11, 12, 13, 15, 33, 36

Run = tuple[int, int, bytes]  # from one character to another, over all parts, and the properties


def symbol(font: int, code: int) -> bytes:
    """The property of a character that stands for one of a font for signs."""
    return struct.pack("<HHH", 0x6A09, font, code)


def in_font(font: int) -> bytes:
    """The property of characters in a font of their own."""
    return struct.pack("<HH", 0x4A4F, font)


@dataclass(frozen=True)
class Word:
    """What stands in a document. Notes come with the place in the main text that they belong to.

    `widths` are bytes a character, of as many pieces of equal length.
    """

    main: str
    footnotes: Sequence[tuple[int, str]] = ()
    comments: Sequence[tuple[int, int, str]] = ()  # with the number of the author
    endnotes: Sequence[tuple[int, str]] = ()
    headers: Sequence[str] = ()
    boxes: str = ""
    authors: Sequence[str] = ()
    fonts: Sequence[str] = ()
    widths: Sequence[int] = (1,)
    paragraphs: Sequence[Run] = ()
    runs: Sequence[Run] = ()
    elsewhere: bytes = b""  # the Data stream
    flags: int = 0
    beside: Folder = field(default_factory=dict)  # what else lies in the file

    def file(self) -> bytes:
        """The whole file."""
        return compound_file({**self.streams(), **self.beside})

    def streams(self) -> dict[str, bytes]:
        """Its streams."""
        headers = [*SEPARATORS, *self.headers] if self.headers else []
        notes = {
            _FOOTNOTES: [(at, b"\x01\x00", text) for at, text in self.footnotes],
            _COMMENTS: [(at, bytes(20) + struct.pack("<H8x", who), text) for at, who, text in self.comments],
            _ENDNOTES: [(at, b"\x01\x00", text) for at, text in self.endnotes],
        }
        stories = {number: [text for *_, text in found] for number, found in notes.items()}
        parts = [
            self.main, _joined(stories[_FOOTNOTES]), _joined(headers), "", _joined(stories[_COMMENTS]),
            _joined(stories[_ENDNOTES]), self.boxes, "",
        ]  # fmt: skip
        text = "".join(parts) + ("\r" if any(parts[1:]) else "")
        stream, pieces = _in_pieces(text, self.widths)
        tables = {_PIECES: _piece_table(pieces), _FONTS: _font_table(self.fonts)}
        tables[_AUTHORS] = b"".join(struct.pack("<H", len(name)) + name.encode("utf-16-le") for name in self.authors)
        if headers:
            tables[_HEADERS] = _bounds(headers)
        for number, found in notes.items():
            if found:
                places = struct.pack(f"<{len(found) + 1}I", *(at for at, *_ in found), len(self.main))
                tables[number] = places + b"".join(entry for _, entry, _ in found)
                tables[number + 1] = _bounds(stories[number]) + bytes(4)
        for number, entry_bytes, runs in ((_PARAGRAPH_RUNS, 13, self.paragraphs), (_CHARACTER_RUNS, 1, self.runs)):
            if runs:
                stream += bytes(-len(stream) % _PAGE)
                tables[number] = struct.pack("<3I", 0, 0xFFFF, len(stream) // _PAGE)
                stream += _page([(_byte(pieces, a), _byte(pieces, b), what) for a, b, what in runs], entry_bytes)
        header, table = _header([len(part) for part in parts], tables, self.flags)
        stream[: len(header)] = header
        return {"WordDocument": bytes(stream), "0Table": table, **({"Data": self.elsewhere} if self.elsewhere else {})}


def old_word(text: bytes, language: int = 0x0409, footnotes: bytes = b"", version: int = 104) -> bytes:
    """A document of Word 6 or 95, whose characters are bytes."""
    everything = text + footnotes
    header = struct.pack("<HH2xH2xH12xII", 0xA5DC, version, language, 0, 768, 768 + len(everything)).ljust(
        0x34, b"\x00"
    )
    header += struct.pack("<8I", len(text), len(footnotes), 0, 0, 0, 0, 0, 0)
    return compound_file({"WordDocument": header.ljust(768, b"\x00") + everything})


def _header(lengths: Sequence[int], tables: dict[int, bytes], flags: int) -> tuple[bytes, bytes]:
    """The header of the main stream, and the stream of tables that it lists."""
    header = struct.pack("<HH6xH20x", 0xA5EC, 0xC1, flags)
    header += struct.pack("<H28xH12x8I44xH", 14, 22, *lengths, _TABLES)
    table = bytes(4)
    for number in range(_TABLES):
        content = tables.get(number, b"")
        header += struct.pack("<II", len(table), len(content))
        table += content
    return header, table


def _in_pieces(text: str, widths: Sequence[int]) -> tuple[bytearray, list[tuple[int, int, int, int]]]:
    """The stream with the text in it; of each piece its first character, its last, its place and its width."""
    stream = bytearray(TEXT_AT)
    pieces = []
    for number, width in enumerate(widths):
        first, end = (len(text) * at // len(widths) for at in (number, number + 1))
        pieces.append((first, end, len(stream), width))
        stream += text[first:end].encode("cp1252" if width == 1 else "utf-16-le")
        stream += bytes(len(stream) % 2)
    return stream, pieces


def _piece_table(pieces: Sequence[tuple[int, int, int, int]]) -> bytes:
    listed = struct.pack(f"<{len(pieces) + 1}I", *(first for first, *_ in pieces), pieces[-1][1])
    for _, _, place, width in pieces:
        listed += struct.pack("<HIH", 0, place if width == 2 else place * 2 | 0x40000000, 0)
    return b"\x01" + struct.pack("<H", 3) + b"abc" + b"\x02" + struct.pack("<I", len(listed)) + listed


def _byte(pieces: Sequence[tuple[int, int, int, int]], character: int) -> int:
    """Where a character lies in the stream; of the end of a piece, where that ends."""
    first, _, place, width = next(piece for piece in pieces if piece[0] <= character <= piece[1])
    return place + (character - first) * width


def _page(runs: Sequence[tuple[int, int, bytes]], entry_bytes: int) -> bytes:
    """Formatted runs, those between them without properties."""
    bounds, entries = [0], list[bytes]()
    page = bytearray(_PAGE)
    free = _PAGE - 1
    for start, end, properties in runs:
        if start != bounds[-1]:
            bounds.append(start)
            entries.append(bytes(entry_bytes))
        content = bytes([len(properties)]) + properties
        if entry_bytes > 1:  # of a paragraph: its length in words, and the number of its style
            content = bytes([(len(properties) + 3) // 2]) + b"\x00\x00" + properties + b"\x00"
        free = (free - len(content)) // 2 * 2
        page[free : free + len(content)] = content
        bounds.append(end)
        entries.append(bytes([free // 2]) + bytes(entry_bytes - 1))
    listed = struct.pack(f"<{len(bounds)}I", *bounds) + b"".join(entries)
    page[: len(listed)] = listed
    page[-1] = len(entries)
    return bytes(page)


def _bounds(stories: Sequence[str]) -> bytes:
    """Where each of the stories begins, and where the last one ends."""
    at, found = 0, [0]
    for story in stories:
        at += len(story) + 1 if story else 0
        found.append(at)
    return struct.pack(f"<{len(found)}I", *found)


def _joined(stories: Iterable[str]) -> str:
    return "".join(f"{story}\r" for story in stories if story)


def _font_table(names: Sequence[str]) -> bytes:
    table = struct.pack("<HH", len(names), 0)
    for name in names:
        entry = bytes(39) + f"{name}\x00".encode("utf-16-le")
        table += bytes([len(entry)]) + entry
    return table

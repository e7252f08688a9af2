"""Where the text of a Word document lies (MS-DOC): its parts, and the pieces of the file that make them up."""

import struct
from array import array
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from pipeline.outcomes import Code
from pipeline.parsing.compound import Storage
from pipeline.parsing.readers.code_pages import of_language
from pipeline.parsing.reading import ReadingEnded

_BASE = struct.Struct("<HH2xH2xH12xII")  # identity, version, language, flags, where text begins and ends if undivided
_IDENTITIES = (0xA5EC, 0xA5DC)
_OLDEST, _WORD_97 = 101, 0xC1  # versions: Word 6.0, and the first with today's structure
_COMPLEX, _SECOND_TABLE = 0x0004, 0x0200
_BASE_97, _BASE_6 = 32, 0x34  # bytes before what follows it
_PIECE = struct.Struct("<2xI2x")
_COMPRESSED = 0x40000000  # bit of a piece's place: one byte a character
_CLX_97, _CLX_6 = 33, 0x160  # the piece table: a number among the tables; a place in the old header
_PIECES, _PROPERTIES = 2, 1  # marks in it
_MAX_PIECES = 500_000  # of one document: Word begins a new one at each change between two full saves
_LENGTHS_97 = (3, 4, 5, 7, 8, 9, 10)  # of the parts, among the numbers of the header (2.5.4)
_LENGTHS_6 = (0, 1, 2, 4, 5, 6, 7)


class Part(IntEnum):
    """The parts of the text, in the order in which they follow each other."""

    MAIN = 0
    FOOTNOTES = 1
    HEADERS = 2
    COMMENTS = 3
    ENDNOTES = 4
    TEXT_BOXES = 5
    HEADER_TEXT_BOXES = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters from `first` to `end` lie from the byte `at` on, each in `width` bytes."""

    first: int
    end: int
    at: int
    width: int


@dataclass(frozen=True, slots=True)
class Structure:
    """One document, opened. `code_page` is set where characters are bytes, as in Word 6 and 95."""

    document: bytes
    tables: bytes
    pieces: tuple[Piece, ...]
    lengths: tuple[int, ...]
    code_page: str | None
    _tables_at: int

    def span(self, part: Part) -> tuple[int, int]:
        """The first character of a part, and the one behind it."""
        first = sum(self.lengths[:part])
        return first, first + self.lengths[part]

    def table(self, number: int) -> bytes:
        """One of the tables that the header names by number (MS-DOC 2.5.6); nothing where there is none."""
        at = self._tables_at + 8 * number
        if self.code_page is not None or at + 8 > len(self.document):
            return b""
        start, length = struct.unpack_from("<II", self.document, at)
        return self.tables[start : start + length]


def structure_of(root: Storage) -> Structure:
    """What the document's header and piece table say. Raises ReadingEnded, and struct.error for a broken header."""
    document = root.stream("WordDocument")
    identity, version, language, flags, begin, end = _BASE.unpack_from(document)
    if identity not in _IDENTITIES or version < _OLDEST:
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    if version < _WORD_97:
        lengths = struct.unpack_from("<8I", document, _BASE_6)
        start, size = struct.unpack_from("<II", document, _CLX_6)
        clx = document[start : start + size] if flags & _COMPLEX else b""
        tables, tables_at, numbers, code_page = document, 0, _LENGTHS_6, of_language(language)
    else:
        (words,) = struct.unpack_from("<H", document, _BASE_97)
        numbers_at = _BASE_97 + 2 + 2 * words
        (count,) = struct.unpack_from("<H", document, numbers_at)
        lengths = struct.unpack_from(f"<{count}I", document, numbers_at + 2)
        tables_at = numbers_at + 2 + 4 * count + 2
        names = ("1Table", "0Table") if flags & _SECOND_TABLE else ("0Table", "1Table")
        tables = root.stream(next((name for name in names if root.has(name)), names[0]))
        numbers, code_page = _LENGTHS_97, None
        start, size = struct.unpack_from("<II", document, tables_at + 8 * _CLX_97)
        clx = tables[start : start + size]
    pieces = _pieces(clx, narrow=code_page is not None) or (Piece(0, max(0, end - begin), begin, 1),)
    return Structure(document, tables, pieces, tuple(lengths[at] for at in numbers), code_page, tables_at)


def _pieces(clx: bytes, *, narrow: bool) -> tuple[Piece, ...]:
    """The pieces that a piece table lists, in order; those that make no sense are left out."""
    at = 0
    while at + 3 <= len(clx) and clx[at] == _PROPERTIES:
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if clx[at : at + 1] != bytes([_PIECES]):
        return ()
    listed = clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]
    count = (len(listed) - 4) // (4 + _PIECE.size)
    if count < 1:
        return ()
    if count > _MAX_PIECES:
        raise ReadingEnded(Code.READER_LIMIT)
    bounds = struct.unpack_from(f"<{count + 1}I", listed)
    pieces: list[Piece] = []
    for number, (first, end) in enumerate(pairwise(bounds)):
        (place,) = _PIECE.unpack_from(listed, 4 * (count + 1) + number * _PIECE.size)
        if first < end and (not pieces or first >= pieces[-1].end):
            compressed = bool(place & _COMPRESSED)
            place &= _COMPRESSED - 1
            pieces.append(Piece(first, end, place // 2 if compressed else place, 1 if compressed or narrow else 2))
    return tuple(pieces)


def characters(structure: Structure) -> tuple["array[int]", bool]:
    """All characters as UTF-16, or as bytes where there is a code page, and whether all were there.

    Raises ReadingEnded(READER_LIMIT) for more of them than the file has bytes.
    """
    document = structure.document
    found: array[int] = array("H")
    whole = True
    for piece in structure.pieces:
        if piece.first > len(found):
            whole = False
            found.frombytes(bytes(2 * min(piece.first - len(found), len(document))))
        content = document[piece.at : piece.at + (piece.end - piece.first) * piece.width]
        if piece.width == 1:
            text = content.decode("latin-1" if structure.code_page else "cp1252", "replace")
            content = text.encode("utf-16-le")
        found.frombytes(content[: len(content) // 2 * 2])
        if len(found) > len(document):
            raise ReadingEnded(Code.READER_LIMIT)
    whole = whole and len(found) >= sum(structure.lengths)
    return found, whole


def decoded(characters: "array[int]") -> str:
    """Characters as a string. Halves of a pair stay two, so that places can be compared."""
    return array("I", characters).tobytes().decode("utf-32-le", "surrogatepass")

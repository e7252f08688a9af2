"""Records of Excel workbooks before 2007 (BIFF 2 to 8): strings in each of their forms, shared strings, styles.

Types of records and their fields: MS-XLS; of the versions before 8, OpenOffice.org's Documentation of the Excel Format.
"""

import codecs
import struct
from collections.abc import Iterator, Sequence

from pipeline.parsing.readers.sheet_values import Kind, kind_of

BOF = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
EOF, CONTINUE, FILE_PASS = 0x000A, 0x003C, 0x002F
_CODE_PAGE, _SINCE_1904 = 0x0042, 0x0022
_FORMATS, _STYLES = frozenset({0x001E, 0x041E}), frozenset({0x0043, 0x0243, 0x0443, 0x00E0})
_HEADER, _STRING = struct.Struct("<HH"), struct.Struct("<HB")
_WIDE, _RICH, _PHONETIC = 1, 8, 4  # flags of a string
_MACINTOSH = (10000, 0x8000)
_OTHERWISE = "cp1252"

Record = tuple[int, bytes]


def records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place on; the last one may be cut off."""
    while at + _HEADER.size <= len(stream):
        kind, size = _HEADER.unpack_from(stream, at)
        at += _HEADER.size
        yield kind, stream[at : at + size]
        at += size


class Globals:
    """What the records before the cells say of all of them: version, code page, calendar, styles, shared strings."""

    def __init__(self, version: int) -> None:
        self.version = version  # 2, 3, 4, 5 (which is 7, too) or 8
        self.since_1904 = False
        self.strings: Sequence[str] = ()
        self._encoding = _OTHERWISE
        self._codes: dict[int, str] = {}
        self._numbers: list[int] = []  # of the format of each style
        self._kinds: dict[int, Kind] = {}

    def take(self, kind: int, content: bytes) -> None:
        """A record that may say something of all cells; others do no harm."""
        if kind == _CODE_PAGE:
            self._encoding = _encoding_of(_short(content, 0))
        elif kind == _SINCE_1904:
            self.since_1904 = bool(_short(content, 0))
        elif kind in _FORMATS:
            at = 2 if kind == 0x041E else 0
            number = _short(content, 0) if self.version >= 5 else len(self._codes)
            self._codes[number] = self.string(content, at, wide_length=self.version == 8)[0]
        elif kind in _STYLES:
            self._numbers.append(_short(content, 2) if self.version >= 5 else content[1] if len(content) > 1 else 0)

    def kind_of(self, style: int) -> Kind:
        """What numbers in this style mean."""
        number = self._numbers[style] if style < len(self._numbers) else 0
        return self.kind_of_format(number)

    def kind_of_format(self, number: int) -> Kind:
        """What numbers in this format mean."""
        if number not in self._kinds:
            self._kinds[number] = kind_of(number, self._codes.get(number))
        return self._kinds[number]

    def string(self, content: bytes, at: int, *, wide_length: bool = True) -> tuple[str, int]:
        """A string behind its length, which takes one byte or two; as far as it is there, and where it ends."""
        length = _short(content, at) if wide_length else content[at] if at < len(content) else 0
        at += 2 if wide_length else 1
        if self.version < 8:
            return content[at : at + length].decode(self._encoding, "replace"), at + length
        return unicode_string(content, at, length)


def unicode_string(content: bytes, at: int, length: int) -> tuple[str, int]:
    """A string of BIFF 8 behind its length, as far as it is there, and where it ends."""
    flags = content[at] if at < len(content) else 0
    start = at + 1 + 2 * bool(flags & _RICH) + 4 * bool(flags & _PHONETIC)
    end = start + length * (2 if flags & _WIDE else 1)
    return decoded(widened(content[start:end], flags)), end


def widened(characters: bytes, flags: int) -> bytes:
    """Characters as UTF-16, of which the flags before them say that one half may have been left out."""
    return characters if flags & _WIDE else characters.decode("latin-1").encode("utf-16-le")


def decoded(characters: bytes) -> str:
    """Text from UTF-16."""
    return characters.decode("utf-16-le", "replace")


def shared_strings(pieces: Sequence[bytes]) -> Iterator[str]:
    """The strings of the table of shared ones, from its record and those that continue it, each cut anywhere."""
    reader = _Pieces(pieces)
    reader.skip(8)  # how many there are
    while not reader.ended:
        string = reader.plain_string()
        yield _shared_string(reader) if string is None else string


def _shared_string(reader: "_Pieces") -> str:
    """A string that has more than characters, or is cut."""
    length, flags = reader.number(2), reader.number(1)
    extra = 4 * reader.number(2) if flags & _RICH else 0
    extra += reader.number(4) if flags & _PHONETIC else 0
    characters = bytearray()
    while len(characters) < 2 * length:
        if not reader.left:  # the characters go on in the next record, which begins with flags of its own
            if reader.ended:
                break
            flags = reader.number(1)
        width = 2 if flags & _WIDE else 1
        count = max(1, min(reader.left // width, length - len(characters) // 2))
        characters += widened(reader.take(count * width), flags)
    reader.skip(extra)
    return decoded(bytes(characters))


class _Pieces:
    """Bytes that are spread over several records."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._piece = self._at = 0

    @property
    def left(self) -> int:
        """How many bytes are left in the piece that is being read."""
        return len(self._pieces[self._piece]) - self._at if self._piece < len(self._pieces) else 0

    @property
    def ended(self) -> bool:
        """Whether nothing is left; else some of the current piece is."""
        while not self.left and self._piece < len(self._pieces):
            self._piece, self._at = self._piece + 1, 0
        return self._piece >= len(self._pieces)

    def plain_string(self) -> str | None:
        """The next string where it lies in one piece and has characters only, as most do."""
        piece = self._pieces[self._piece]
        if len(piece) - self._at < _STRING.size:
            return None
        length, flags = _STRING.unpack_from(piece, self._at)
        start = self._at + _STRING.size
        end = start + (2 * length if flags & _WIDE else length)
        if end > len(piece) or flags & (_RICH | _PHONETIC):
            return None
        self._at = end
        return piece[start:end].decode("utf-16-le" if flags & _WIDE else "latin-1", "replace")

    def take(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        taken = b""
        while len(taken) < size and not self.ended:
            piece = self._pieces[self._piece][self._at : self._at + size - len(taken)]
            taken += piece
            self._at += len(piece)
        return taken

    def number(self, size: int) -> int:
        """A number in so many bytes."""
        return int.from_bytes(self.take(size), "little")

    def skip(self, size: int) -> None:
        """Pass over so many bytes."""
        while size > 0 and not self.ended:
            passed = min(size, self.left)
            self._at += passed
            size -= passed


def _short(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 2], "little")


def _encoding_of(code_page: int) -> str:
    if code_page in _MACINTOSH:
        return "mac-roman"
    try:
        return codecs.lookup(f"cp{code_page}").name
    except LookupError:
        return _OTHERWISE

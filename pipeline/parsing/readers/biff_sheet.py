"""One sheet of an Excel workbook before 2007: its cells in order, then comments, boxes and headings. No formulas."""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline.outcomes import Code
from pipeline.parsing.readers.biff import BOF, CONTINUE, EOF, Globals, Record, decoded, widened
from pipeline.parsing.readers.office_text import commented
from pipeline.parsing.readers.sheet_binary import error_text, rk_number, truth
from pipeline.parsing.readers.sheet_lines import SheetLines
from pipeline.parsing.readers.sheet_package import heading
from pipeline.parsing.readers.sheet_values import Kind, valued

_DOUBLE = struct.Struct("<d")
_PLACE = struct.Struct("<HH")  # row and column
_RK = struct.Struct("<HI")  # style and number
_EARLY_FORMAT_BITS = 0x3F  # of the second byte of a cell's attributes in BIFF 2
_NO_NUMBER = b"\xff\xff"  # in the upper bytes of a formula's result
_STRING_RESULT, _TRUTH_RESULT, _ERROR_RESULT = 0, 1, 2
_SERIES_TEXT = 0x100D
_PICTURE = 8  # a kind of object
_COMMON, _EMBEDDED = 0x15, 0x09  # parts of an object's description; the second is there where a program made it
_GOES_ON = 0xFFFF  # the row of a note that goes on from the one before
_MAX_OBJECTS = 100_000


@dataclass(slots=True)
class _Object:
    """A box, a picture or a comment on the sheet."""

    is_picture: bool
    text: str = ""


@dataclass(slots=True)
class _Pending:
    """A string that goes on in the records behind its own."""

    give: Callable[[str], None]
    left: int  # characters
    characters: bytearray = field(default_factory=bytearray)


class Sheet:
    """Follows the records of one sheet and writes what they say."""

    def __init__(self, workbook: Globals, lines: SheetLines) -> None:
        self._workbook = workbook
        self._lines = lines
        self._value_at = 7 if workbook.version == 2 else 6  # behind row, column, and attributes or style
        self._place = (0, 0)
        self._pending: _Pending | None = None
        self._objects: dict[int, _Object] = {}
        self._last: _Object | None = None
        self._authors: dict[int, str] = {}
        self._notes: list[str] = []
        self._headings: list[str] = []

    def follow(self, records: Iterable[Record]) -> Code | None:
        """All records up to the sheet's end; returns what was wrong. Raises struct.error where one is too short."""
        depth = 0
        for kind, content in records:
            if kind in BOF:
                depth += 1
            elif kind == EOF:
                depth -= 1
                if depth <= 0:
                    return self._end()
            elif kind == _SERIES_TEXT:  # charts lie within the sheet
                self._headings.append(self._workbook.string(content, 2, wide_length=False)[0])
            elif depth == 1:
                self._take(kind, content)
            if self._lines.full:
                return None
        self._end()
        return Code.PAGES_FAILED

    def _take(self, kind: int, content: bytes) -> None:
        if self._pending is not None:
            if kind == CONTINUE and self._pending.left > 0:
                self._continue(self._pending, content)
                return
            self._give_pending()
        if self._workbook.version < 5:
            self._workbook.take(kind, content)
        handler = _HANDLERS.get(kind)
        if handler is not None and content:
            handler(self, content)

    def _put(self, content: bytes, text: str) -> None:
        row, column = _PLACE.unpack_from(content)
        self._lines.cell(row, column, text)

    def _kind(self, content: bytes) -> Kind:
        if self._workbook.version == 2:
            return self._workbook.kind_of_format(content[5] & _EARLY_FORMAT_BITS)
        return self._workbook.kind_of(_short(content, 4))

    def _valued(self, value: float, kind: Kind) -> str:
        return valued(value, kind, since_1904=self._workbook.since_1904)

    def _take_number(self, content: bytes) -> None:
        (value,) = _DOUBLE.unpack_from(content, self._value_at)
        self._put(content, self._valued(value, self._kind(content)))

    def _take_integer(self, content: bytes) -> None:
        self._put(content, self._valued(float(_short(content, self._value_at)), self._kind(content)))

    def _take_rk(self, content: bytes) -> None:
        style, number = _RK.unpack_from(content, 4)
        self._put(content, self._valued(rk_number(number), self._workbook.kind_of(style)))

    def _take_rks(self, content: bytes) -> None:
        row, column = _PLACE.unpack_from(content)
        for at in range(4, len(content) - _RK.size - 1, _RK.size):
            style, number = _RK.unpack_from(content, at)
            self._lines.cell(row, column, self._valued(rk_number(number), self._workbook.kind_of(style)))
            column += 1

    def _take_shared(self, content: bytes) -> None:
        number = int.from_bytes(content[6:10], "little")
        self._put(content, self._workbook.strings[number] if number < len(self._workbook.strings) else "")

    def _take_label(self, content: bytes) -> None:
        self._put(content, self._workbook.string(content, self._value_at, wide_length=self._workbook.version > 2)[0])

    def _take_truth(self, content: bytes) -> None:
        value, is_error = struct.unpack_from("<BB", content, self._value_at)
        self._put(content, error_text(value) if is_error else truth(value))

    def _take_formula(self, content: bytes) -> None:
        result = content[self._value_at : self._value_at + 8]
        if result[6:] != _NO_NUMBER:
            self._take_number(content)
        elif result[0] == _STRING_RESULT:
            self._place = _PLACE.unpack_from(content)
        elif result[0] in (_TRUTH_RESULT, _ERROR_RESULT):
            self._put(content, truth(result[2]) if result[0] == _TRUTH_RESULT else error_text(result[2]))

    def _take_result(self, content: bytes) -> None:
        """The string that a formula has given, of which the record stands before."""
        row, column = self._place
        if self._workbook.version < 8:
            text = self._workbook.string(content, 0, wide_length=self._workbook.version > 2)[0]
            self._lines.cell(row, column, text)
            return
        self._pending = _Pending(lambda text: self._lines.cell(row, column, text), _short(content, 0))
        self._continue(self._pending, content[2:])

    def _take_object(self, content: bytes) -> None:
        if len(self._objects) >= _MAX_OBJECTS or self._workbook.version < 8:
            return
        found = _Object(is_picture=_short(content, 4) == _PICTURE)
        number = _short(content, 6)
        at = 0
        while at + 4 <= len(content):
            part, size = _PLACE.unpack_from(content, at)
            found.is_picture &= part != _EMBEDDED
            at += 4 + size
        if _short(content, 0) == _COMMON:
            self._last = self._objects[number] = found

    def _take_box(self, content: bytes) -> None:
        found = self._last
        if found is None:
            return

        def give(text: str) -> None:
            found.text = text

        self._pending = _Pending(give, _short(content, 10))

    def _take_note(self, content: bytes) -> None:
        if self._workbook.version == 8:
            self._authors[_short(content, 6)] = self._workbook.string(content, 8)[0]
            return
        text = self._workbook.string(content, 4)[0]
        if _short(content, 0) == _GOES_ON and self._notes:
            self._notes[-1] += text
        else:
            self._notes.append(text)

    def _take_heading(self, content: bytes) -> None:
        text = self._workbook.string(content, 0, wide_length=self._workbook.version == 8)[0]
        self._headings.append(heading(text))

    def _continue(self, pending: _Pending, content: bytes) -> None:
        flags = content[0] if content else 0
        characters = widened(content[1 : 1 + pending.left * (2 if flags & 1 else 1)], flags)
        pending.characters += characters
        pending.left -= max(1, len(characters) // 2)

    def _give_pending(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.give(decoded(bytes(pending.characters)))

    def _end(self) -> Code | None:
        self._give_pending()
        for note in self._notes:
            self._lines.line(commented("", " ".join(note.split())))
        for number, found in self._objects.items():
            text = " ".join(found.text.split())
            self._lines.line(commented(self._authors[number], text) if number in self._authors else text)
        for text in dict.fromkeys(self._headings):
            self._lines.line(text)
        pictures = any(found.is_picture for found in self._objects.values())
        return Code.PAGES_WITHOUT_TEXT if pictures and not self._lines.has_text else None


def _short(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 2], "little")


_HANDLERS: dict[int, Callable[[Sheet, bytes], None]] = {
    0x0002: Sheet._take_integer,
    0x0003: Sheet._take_number,
    0x0203: Sheet._take_number,
    0x027E: Sheet._take_rk,
    0x00BD: Sheet._take_rks,
    0x00FD: Sheet._take_shared,
    0x0004: Sheet._take_label,
    0x0204: Sheet._take_label,
    0x00D6: Sheet._take_label,
    0x0005: Sheet._take_truth,
    0x0205: Sheet._take_truth,
    0x0006: Sheet._take_formula,
    0x0206: Sheet._take_formula,
    0x0406: Sheet._take_formula,
    0x0007: Sheet._take_result,
    0x0207: Sheet._take_result,
    0x0014: Sheet._take_heading,
    0x0015: Sheet._take_heading,
    0x001C: Sheet._take_note,
    0x005D: Sheet._take_object,
    0x01B6: Sheet._take_box,
}

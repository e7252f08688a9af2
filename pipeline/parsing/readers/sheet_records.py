"""The parts of an XLSB workbook: its strings, styles and comments, and the cells of a sheet, read as they come.

Types of records: MS-XLSB 2.3.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence

from pipeline.parsing.readers.office_text import commented
from pipeline.parsing.readers.sheet_binary import error_text, rk_number, truth, wide_string
from pipeline.parsing.readers.sheet_package import heading
from pipeline.parsing.readers.sheet_values import Kind, kind_of, valued

Record = tuple[int, bytes]

_ROW, _BLANK, _RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = range(8)
_FORMULA_STRING, _FORMULA_REAL, _FORMULA_BOOL, _FORMULA_ERROR = 8, 9, 10, 11
_SHORT = range(12, 19)  # as 1 to 7, each in the column behind the last
_RICH_STRING = 62
_CELLS = frozenset({*range(1, 12), _RICH_STRING})
_SHARED_ITEM, _FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES = 19, 44, 47, 617, 618
_HEADINGS, _HEADING_COUNT = 479, 6
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637
_MAX_STYLES = 70_000  # Excel has 65,490


def strings_of(records: Iterable[Record]) -> Iterator[str]:
    """The shared strings in order."""
    return (wide_string(content, 1)[0] for kind, content in records if kind == _SHARED_ITEM)


def kinds_of(records: Iterable[Record]) -> list[Kind]:
    """What the numbers in each style of cells mean."""
    codes: dict[int, str] = {}
    kinds: list[Kind] = []
    is_cells = False
    for kind, content in records:
        if kind in (_BEGIN_STYLES, _END_STYLES):
            is_cells = kind == _BEGIN_STYLES
        elif kind == _FORMAT and len(codes) < _MAX_STYLES:
            codes[_short(content, 0)] = wide_string(content, 2)[0]
        elif kind == _STYLE and is_cells and len(kinds) < _MAX_STYLES:
            number = _short(content, 2)
            kinds.append(kind_of(number, codes.get(number)))
    return kinds


def comments_of(records: Iterable[Record]) -> Iterator[str]:
    """The comments on a sheet, with their authors."""
    authors: list[str] = []
    author = ""
    for kind, content in records:
        if kind == _AUTHOR:
            authors.append(wide_string(content, 0)[0])
        elif kind == _COMMENT:
            number = int.from_bytes(content[:4], "little")
            author = authors[number] if number < len(authors) else ""
        elif kind == _COMMENT_TEXT:
            yield commented(author, " ".join(wide_string(content, 1)[0].split()))


class Cells:
    """The cells of one sheet that hold something: row and column, from 0, and their text. Iterated over once."""

    def __init__(
        self, records: Iterable[Record], strings: Sequence[str], kinds: Sequence[Kind], *, since_1904: bool
    ) -> None:
        self.headings: list[str] = []  # of the printed pages
        self._records = records
        self._strings = strings
        self._kinds = kinds
        self._since_1904 = since_1904

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        row = column = -1
        for kind, content in self._records:
            if kind in _SHORT:
                column += 1
                yield row, column, self._text(kind - _SHORT.start + _BLANK, content, 4)
            elif kind in _CELLS:
                column = int.from_bytes(content[:4], "little")
                yield row, column, self._text(kind, content, 8)
            elif kind == _ROW:
                row, column = int.from_bytes(content[:4], "little"), -1
            elif kind == _HEADINGS:
                at = 2
                for _ in range(_HEADING_COUNT):
                    text, at = wide_string(content, at)
                    self.headings.append(heading(text))

    def _text(self, kind: int, content: bytes, at: int) -> str:
        """What a cell shows; `at` is where its value starts, behind the number of its style. Raises struct.error."""
        if kind in (_STRING, _FORMULA_STRING, _RICH_STRING):
            return wide_string(content, at + (kind == _RICH_STRING))[0]
        if kind == _SHARED:
            number = int.from_bytes(content[at : at + 4], "little")
            return self._strings[number] if number < len(self._strings) else ""
        if kind in (_BOOL, _FORMULA_BOOL):
            return truth(content[at])
        if kind in (_ERROR, _FORMULA_ERROR):
            return error_text(content[at])
        return "" if kind == _BLANK else self._number(kind, content, at)

    def _number(self, kind: int, content: bytes, at: int) -> str:
        if kind == _RK:
            value = rk_number(int.from_bytes(content[at : at + 4], "little"))
        else:
            (value,) = struct.unpack_from("<d", content, at)
        style = int.from_bytes(content[at - 4 : at - 1], "little")
        meaning = self._kinds[style] if style < len(self._kinds) else Kind.NUMBER
        return valued(value, meaning, since_1904=self._since_1904)


def _short(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 2], "little")

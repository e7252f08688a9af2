"""The cells of a sheet as lines of text: a tab between cells, gaps drawn together. Holds what was written, no table."""

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Page, Request
from pipeline.parsing.reading import ReadingEnded

_MOST_GAP = 8  # tabs for the empty cells between two: they align rows, up to where they only cost
_MAX_EXHAUSTED = 2  # sheets that used up their time: after so many the rest of the document is not tried


class Named(Protocol):
    """A sheet."""

    @property
    def name(self) -> str:
        """As its tab shows it."""


Sheet = TypeVar("Sheet", bound=Named)


class SheetLines:
    """The text of one sheet. Cells come row by row; where their places are out of order, in the order they come."""

    def __init__(self, name: str, max_characters: int) -> None:
        self.has_text = False  # beside the name
        self.full = False  # there is more than is wanted
        self._left = max_characters - len(name)
        self._out = io.StringIO()
        self._out.write(name)
        self._row = self._column = -1

    @property
    def text(self) -> str:
        """All of it."""
        return self._out.getvalue()

    def cell(self, row: int, column: int, text: str) -> None:
        """What stands in a cell; rows and columns from 0."""
        if not text.isprintable() or text[:1] == " " or text[-1:] == " ":
            text = " ".join(text.split()) if "\n" in text or "\t" in text or "\r" in text else text.strip()
        if not text:
            return
        if row != self._row or not self.has_text:
            apart = self.has_text and row != self._row + 1
            self._write("\n\n" if apart else "\n" if self._out.tell() else "")
            self._row, self._column = row, 0
            self.has_text = True
        elif column <= self._column:
            self._write("\t")
        self._write("\t" * min(column - self._column, _MOST_GAP) + text)
        self._column = column

    def line(self, text: str) -> None:
        """What stands on the sheet outside its cells: a comment, a box, a heading of the printed page."""
        text = text.strip()
        if text:
            self._write(("\n" if self._out.tell() else "") + text)
            self.has_text, self._row = True, -2

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._left -= len(text)
        if self._left < 0:
            self.full = True


def read_sheets(
    sheets: Sequence[Sheet], write: Callable[[Sheet, SheetLines], Code | None], request: Request
) -> Iterator[Page]:
    """The pages from request.first_page on. One that takes too long keeps what was read of it, and says so."""
    exhausted = 0
    for number, sheet in enumerate(sheets[request.first_page - 1 :], request.first_page):
        lines = SheetLines(sheet.name, request.max_text_bytes)
        code: Code | None
        try:
            with at_most(request.page_cpu_s):
                code = write(sheet, lines)
        except Exhausted:
            exhausted += 1
            code = Code.READER_LIMIT
        except (ValueError, LookupError, struct.error):  # what a broken sheet can lead to
            code = Code.PAGES_FAILED
        yield Page(number, lines.text, code)
        if exhausted >= _MAX_EXHAUSTED:
            raise ReadingEnded(Code.READER_LIMIT)

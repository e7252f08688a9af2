"""Follows the markup of an OpenDocument spreadsheet, sheet by sheet, and writes its cells and what lies beside them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.parsing.markup import Event, Start
from pipeline.parsing.readers.office_text import commented
from pipeline.parsing.readers.sheet_lines import SheetLines
from pipeline.parsing.readers.sheet_values import written_number

_MOST_REPEATED = 100  # cells or rows that are said to come again and again are written so often
_MOST_SPACES = 100  # that one element may stand for
_MAX_COLUMNS, _MAX_ROWS = 1 << 14, 1 << 20
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
_PARAGRAPHS = frozenset({"text:p", "text:h"})
_BOXES = frozenset({"draw:frame", "draw:custom-shape", "draw:rect", "draw:ellipse", "draw:caption", "table:shapes"})
_ASIDE = frozenset({"table:tracked-changes", "table:dde-links", "table:content-validations", "office:forms"})
_ANNOTATION, _CREATOR, _BREAK, _TAB, _SPACES = (
    "office:annotation",
    "dc:creator",
    "text:line-break",
    "text:tab",
    "text:s",
)
TABLE, ROW, OBJECT, IMAGE = "table:table", "table:table-row", "draw:object", "draw:image"
WANTED = frozenset(
    {
        *_CELLS, *_PARAGRAPHS, *_BOXES, *_ASIDE, _ANNOTATION, _CREATOR, _BREAK, _TAB, _SPACES, TABLE, ROW, OBJECT,
        IMAGE,
    }
)  # fmt: skip
COUNTED = frozenset({TABLE, *_ASIDE, *_BOXES, _ANNOTATION})  # enough to tell a sheet from a table in something else


class Nesting:
    """Tells the sheets from tables within others, in changes that were tracked, or in boxes."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def begins_sheet(self, event: Event) -> bool:
        """Whether a sheet begins with this event; to be asked of each in turn."""
        if isinstance(event, str) or event.tag not in COUNTED:
            return False
        if isinstance(event, Start):
            self._open.append(event.tag)
            return self._open == [TABLE]
        if self._open:
            self._open.pop()
        return False

    @property
    def in_sheet(self) -> bool:
        """Whether a sheet is open."""
        return bool(self._open) and self._open[0] == TABLE


@dataclass(slots=True)
class _Cell:
    """The cell that is open."""

    start: Start
    column: int
    paragraphs: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it shows; dates as they are stored, which is ISO 8601."""
        shown = " ".join(paragraph for paragraph in self.paragraphs if paragraph)
        kind = self.start.get("value-type")
        if kind == "date":
            return (self.start.get("date-value") or shown).replace("T", " ")
        if shown or kind is None:
            return shown
        if kind == "boolean":
            return (self.start.get("boolean-value") or "").upper()
        return self.start.get("string-value") or written_number(self.start.get("value") or "")


class SheetStory:
    """One sheet under construction."""

    def __init__(self, lines: SheetLines, objects: Callable[[str], str]) -> None:
        """`objects` gives the text of an embedded chart by its address in the package."""
        self.has_pictures = False
        self._lines = lines
        self._objects = objects
        self._row = self._rows = 0  # the row that is open, and how often it comes
        self._column = 0
        self._cells: list[tuple[int, int, str]] = []  # of the open row: column, how often, text
        self._cell: _Cell | None = None
        self._boxes = 0
        self._annotation: list[str] | None = None
        self._author = ""
        self._is_author = False
        self._paragraph: list[str] | None = None
        self._beside: list[str] = []

    def follow(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, str):
            if self._is_author:
                self._author += event
            elif self._paragraph is not None:
                self._paragraph.append(event)
        elif isinstance(event, Start):
            self._start(event)
        else:
            self._end(event.tag)

    def end(self) -> None:
        """Give what lies beside the cells."""
        for text in self._beside:
            self._lines.line(text)

    def _start(self, start: Start) -> None:
        tag = start.tag
        if tag in _CELLS:
            self._cell = _Cell(start, self._column)
        elif tag in _PARAGRAPHS:
            self._paragraph = []
        elif tag == ROW:
            self._rows, self._column = _count(start.get("number-rows-repeated"), _MAX_ROWS), 0
        elif tag == _ANNOTATION:
            self._annotation, self._author = [], ""
        elif tag == _CREATOR:
            self._is_author = self._annotation is not None
        elif tag in _BOXES:
            self._boxes += 1
        elif tag == IMAGE:
            self.has_pictures |= "ObjectReplacements" not in (start.get("href") or "")
        elif tag == OBJECT:
            self._beside.append(self._objects(start.get("href") or ""))
        elif self._paragraph is not None:
            spaces = _count(start.get("c"), _MOST_SPACES) if tag == _SPACES else 1
            self._paragraph.append(" " * spaces)

    def _end(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._end_paragraph()
        elif tag in _CELLS:
            self._end_cell()
        elif tag == ROW:
            self._end_row()
        elif tag == _CREATOR:
            self._is_author = False
        elif tag == _ANNOTATION and self._annotation is not None:
            self._beside.append(commented(self._author, " ".join(self._annotation)))
            self._annotation = None
        elif tag in _BOXES:
            self._boxes = max(0, self._boxes - 1)

    def _end_paragraph(self) -> None:
        text = " ".join("".join(self._paragraph or ()).split())
        self._paragraph = None
        if self._annotation is not None:
            self._annotation.append(text)
        elif self._boxes or self._cell is None:
            self._beside.append(text)
        else:
            self._cell.paragraphs.append(text)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        repeated = _count(self._cell.start.get("number-columns-repeated"), _MAX_COLUMNS)
        text = self._cell.text
        if text:
            self._cells.append((self._column, min(repeated, _MOST_REPEATED), text))
        self._column += repeated
        self._cell = None

    def _end_row(self) -> None:
        for row in range(self._row, self._row + min(self._rows, _MOST_REPEATED)):
            for column, repeated, text in self._cells:
                for place in range(column, column + repeated):
                    self._lines.cell(row, place, text)
                if self._lines.full:
                    break
        self._row += self._rows
        self._cells.clear()


def _count(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() and len(text) < 10 else 1

"""XLSB, a workbook in binary parts: a page per sheet with the values of its cells, comments, charts and boxes."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.embedded_parts import documents, taken_out
from pipeline.parsing.readers.ooxml import Ooxml
from pipeline.parsing.readers.sheet_binary import records, wide_string
from pipeline.parsing.readers.sheet_lines import SheetLines, read_sheets
from pipeline.parsing.readers.sheet_package import MAX_SHEETS, Sheet, beside_cells, kept, sheets_of, targets
from pipeline.parsing.readers.sheet_records import Cells, Record, comments_of, kinds_of, strings_of
from pipeline.parsing.readers.sheet_values import Kind
from pipeline.parsing.reading import ReadingEnded

_MAIN_PART = "xl/workbook.bin"
_WORKBOOK, _BUNDLED_SHEET = 153, 156  # types of records (MS-XLSB 2.3)


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The sheets in order, hidden ones too."""
    try:
        with at_most(request.page_cpu_s):
            workbook = _Workbook(file)
            members = len(workbook.members())
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("xlsb", len(workbook.sheets), members, workbook.office.saved())
    yield from read_sheets(workbook.sheets, workbook.write, request)
    workbook.office.end()


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents that are embedded in it."""
    workbook = _Workbook(file)
    yield from taken_out(workbook.office.package, workbook.members(), request)


class _Workbook:
    """An open workbook. Its strings and styles are read when the first sheet asks for them."""

    def __init__(self, file: BinaryIO) -> None:
        self.office = Ooxml(file)
        main = self.office.main_part(_MAIN_PART)
        if main is None:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        self._main = main
        self._since_1904 = False
        named: list[tuple[str, str]] = []
        for kind, content in self._records(main):
            if kind == _BUNDLED_SHEET and len(named) < MAX_SHEETS:
                named.append(_name_and_relation(content))
            elif kind == _WORKBOOK:
                self._since_1904 = bool(content[:1] and content[0] & 1)
        self.sheets = sheets_of(self.office, main, named)
        self._strings: list[str] | None = None
        self._kinds: list[Kind] = []

    def members(self) -> list[str]:
        """The parts that are documents of their own."""
        return documents(self.office.package, self.office.embedded())

    def write(self, sheet: Sheet, lines: SheetLines) -> Code | None:
        """One sheet; returns what was wrong with it."""
        part = self.office.package.open(sheet.part) if sheet.part else None
        if part is None:
            return Code.PAGES_FAILED
        cells = Cells(records(part), self._shared(), self._kinds, since_1904=self._since_1904)
        for row, column, text in cells:
            lines.cell(row, column, text)
            if lines.full:
                return None
        for heading in cells.headings:
            lines.line(heading)
        for name in targets(self.office, sheet.part, "comments"):
            for comment in comments_of(self._records(name)):
                lines.line(comment)
        return beside_cells(self.office, sheet.part, part, lines)

    def _shared(self) -> list[str]:
        if self._strings is None:
            for styles in self.office.related(self._main, "styles"):
                self._kinds = kinds_of(self._records(styles))
            names = self.office.related(self._main, "sharedStrings")
            self._strings = kept(self.office, (one for name in names for one in strings_of(self._records(name))))
        return self._strings

    def _records(self, name: str) -> Iterator[Record]:
        part = self.office.package.open(name)
        if part is not None:
            yield from records(part)
            if part.code is not None:
                self.office.note(part.code)


def _name_and_relation(content: bytes) -> tuple[str, str]:
    """What names a sheet, and where it lies. Before it stand two numbers; three, where an early version wrote it."""
    for at in (8, 12):
        relation, between = wide_string(content, at)
        name, end = wide_string(content, between)
        if end == len(content):
            return name, relation
    return "", ""

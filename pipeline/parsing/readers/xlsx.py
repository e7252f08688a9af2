"""XLSX and its like: a page per sheet with the values of its cells, comments, charts and boxes. No formula is run."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.markup import Start
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.embedded_parts import documents, taken_out
from pipeline.parsing.readers.ooxml import Ooxml, relation_id
from pipeline.parsing.readers.sheet_lines import SheetLines, read_sheets
from pipeline.parsing.readers.sheet_package import MAX_SHEETS, Sheet, add_comments, beside_cells, kept, local, sheets_of
from pipeline.parsing.readers.sheet_values import Kind
from pipeline.parsing.readers.sheet_xml import Cells, kinds_of, strings_of
from pipeline.parsing.reading import ReadingEnded

_MAIN_PART = "xl/workbook.xml"


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The sheets in order, hidden ones too."""
    try:
        with at_most(request.page_cpu_s):
            workbook = _Workbook(file)
            members = len(workbook.members())
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("xlsx", len(workbook.sheets), members, workbook.office.saved())
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
        if self.office.package.is_encrypted(main):
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
        self._main = main
        self._since_1904 = False
        named: list[tuple[str, str]] = []
        for event in self.office.events(main):
            if isinstance(event, Start) and local(event.tag) == "sheet" and len(named) < MAX_SHEETS:
                named.append((event.get("name") or "", relation_id(event)))
            elif isinstance(event, Start) and local(event.tag) == "workbookPr":
                self._since_1904 = event.get("date1904") in ("1", "true")
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
        cells = Cells(part, self._shared(), self._kinds, since_1904=self._since_1904)
        for row, column, text in cells:
            lines.cell(row, column, text)
            if lines.full:
                return None
        for heading in cells.headings:
            lines.line(heading)
        add_comments(self.office, sheet.part, lines)
        return beside_cells(self.office, sheet.part, part, lines)

    def _shared(self) -> list[str]:
        if self._strings is None:
            for styles in self.office.related(self._main, "styles"):
                self._kinds = kinds_of(self.office.events(styles))
            self._strings = kept(self.office, self._all_strings())
        return self._strings

    def _all_strings(self) -> Iterator[str]:
        for name in self.office.related(self._main, "sharedStrings"):
            part = self.office.package.open(name)
            if part is not None:
                yield from strings_of(part)
                if part.code is not None:
                    self.office.note(part.code)

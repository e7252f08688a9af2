"""OpenDocument spreadsheets: a page per sheet with what its cells show, comments, boxes and charts. No formulas."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.markup import Event, Start
from pipeline.parsing.parts import Package, resolved
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import odf_encryption
from pipeline.parsing.readers.embedded_parts import documents, taken_out
from pipeline.parsing.readers.office_package import OPENDOCUMENT_SAVED, OfficePackage
from pipeline.parsing.readers.sheet_lines import SheetLines
from pipeline.parsing.readers.sheet_opendocument import COUNTED, WANTED, Nesting, SheetStory
from pipeline.parsing.reading import ReadingEnded

_PREFIXES = {
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
    "http://purl.org/dc/elements/1.1/": "dc",
    # OpenOffice.org 1, before the standard
    "http://openoffice.org/2000/office": "office",
    "http://openoffice.org/2000/text": "text",
    "http://openoffice.org/2000/table": "table",
    "http://openoffice.org/2000/drawing": "draw",
}
_BODY = "content.xml"
_EMBEDDED = re.compile(r"Object \d{1,6}")  # a file of another program; charts lie in folders of that name
_MAX_SHEETS = 20_000


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The sheets in order, hidden ones too."""
    try:
        with at_most(request.page_cpu_s):
            workbook = _Workbook(file, request)
            names = workbook.names()
            members = len(workbook.members())
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("ods", len(names), members, workbook.office.dated(*OPENDOCUMENT_SAVED))
    events = workbook.events()
    for number in range(1, len(names) + 1):
        lines = SheetLines(names[number - 1], request.max_text_bytes)
        try:
            with at_most(request.page_cpu_s):
                code = workbook.write(events, lines)
        except Exhausted:
            if number >= request.first_page:
                yield Page(number, lines.text, Code.READER_LIMIT)
            raise ReadingEnded(Code.READER_LIMIT) from None
        if number >= request.first_page:
            yield Page(number, lines.text, code)
    workbook.office.end()


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents of other programs that are embedded in it."""
    workbook = _Workbook(file, request)
    yield from taken_out(workbook.office.package, workbook.members(), request)


class _Workbook:
    """An open spreadsheet. Its sheets lie in one part, so that they are read in one go."""

    def __init__(self, file: BinaryIO, request: Request) -> None:
        self.office = OfficePackage(Package(odf_encryption.opened(file, request.passwords)), _PREFIXES)
        if self.office.package.find(_BODY) is None:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)

    def names(self) -> list[str]:
        """The names of all sheets."""
        nesting = Nesting()
        found: list[str] = []
        for event in self.office.events(_BODY, COUNTED):
            if nesting.begins_sheet(event) and isinstance(event, Start):
                found.append(event.get("name") or "")
                if len(found) >= _MAX_SHEETS:
                    self.office.note(Code.READER_LIMIT)
                    break
        return found

    def members(self) -> list[str]:
        """The parts that are documents of their own."""
        return documents(self.office.package, (name for name in self.office.package.names if _EMBEDDED.fullmatch(name)))

    def events(self) -> Iterator[Event]:
        """The markup of all sheets."""
        return self.office.events(_BODY, WANTED)

    def write(self, events: Iterator[Event], lines: SheetLines) -> Code | None:
        """The next sheet; returns what was wrong with it."""
        nesting = Nesting()
        story = SheetStory(lines, self._chart)
        for event in events:
            was_in_sheet = nesting.in_sheet
            nesting.begins_sheet(event)
            if nesting.in_sheet and not lines.full:
                story.follow(event)
            elif was_in_sheet and not nesting.in_sheet:
                break
        story.end()
        return Code.PAGES_WITHOUT_TEXT if story.has_pictures and not lines.has_text else None

    def _chart(self, address: str) -> str:
        """The titles, legends and categories of a chart, a line each."""
        lines: dict[str, None] = {}
        text: list[str] | None = None
        for event in self.office.events(f"{resolved('', address)}/{_BODY}", frozenset({"text:p"})):
            if not isinstance(event, str):
                lines.setdefault(" ".join("".join(text or ()).split()))
                text = [] if isinstance(event, Start) else None
            elif text is not None:
                text.append(event)
        return "\n".join(line for line in lines if any(character.isalpha() for character in line))

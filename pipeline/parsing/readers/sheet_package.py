"""What workbooks in packages (XLSX, XLSB) have in common: comments, charts, boxes and pictures beside the cells."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.outcomes import Code
from pipeline.parsing.markup import Start
from pipeline.parsing.parts import Part
from pipeline.parsing.readers.office_text import commented
from pipeline.parsing.readers.ooxml import Ooxml, drawing_text
from pipeline.parsing.readers.sheet_lines import SheetLines

MAX_SHEETS = 20_000  # as many as a document may have pages
_STRING_CHARACTERS = 64 << 20  # of all shared strings: twice what one document may give
# Codes in the headings of printed pages: parts, fonts, sizes, colours, counters (ECMA-376 part 1, 18.3.1.46).
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d{1,3}|[A-JL-Zb-z])')
_SHEET_KINDS = frozenset({"worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"})
_DRAWN = frozenset({"chart", "chartEx", "diagramData"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, hidden or not. `part` is empty where what the workbook names is not there."""

    name: str
    part: str


def sheets_of(office: Ooxml, workbook: str, named: list[tuple[str, str]]) -> list[Sheet]:
    """The sheets, from their names and the ids of their relations; without any, those that lie in the package."""
    relations = office.relations(workbook)
    found = [Sheet(name, relations[one].target if one in relations else "") for name, one in named]
    if not named:
        found = [Sheet("", one.target) for one in relations.values() if one.kind in _SHEET_KINDS and one.target]
    parts = {one.part: one for one in reversed(found)}
    return [one for one in found if not one.part or parts[one.part] is one]  # no two sheets are one


def targets(office: Ooxml, part: str, kind: str) -> list[str]:
    """The parts of one kind that another refers to, by its own relations: others of that kind belong to others."""
    return [one.target for one in office.relations(part).values() if one.kind == kind and one.target]


def local(tag: str) -> str:
    """An element's name without its name space."""
    return tag.rpartition("}")[2].rpartition(":")[2]


def add_comments(office: Ooxml, sheet: str, lines: SheetLines) -> None:
    """The comments on a sheet of an XLSX, with their authors, behind its cells."""
    for part in targets(office, sheet, "comments"):
        authors: list[str] = []
        author = text = ""
        is_author = is_text = is_reading = False
        for event in office.events(part):
            if isinstance(event, str):
                if is_author:
                    authors[-1] += event
                elif is_text and not is_reading:
                    text += event
                continue
            name = local(event.tag)
            begins = isinstance(event, Start)
            if name == "author":
                is_author = begins
                authors += [""] if begins else []
            elif name == "t":
                is_text = begins
            elif name == "rPh":
                is_reading = begins
            elif name == "comment" and isinstance(event, Start):
                number = event.get("authorId") or ""
                known = number.isdecimal() and len(number) < 9 and int(number) < len(authors)
                author, text = authors[int(number)] if known else "", ""
            elif name == "comment":
                lines.line(commented(author, " ".join(text.split())))
            if lines.full:
                return


def beside_cells(office: Ooxml, sheet: str, part: Part, lines: SheetLines) -> Code | None:
    """The text in boxes, charts and diagrams on a sheet; returns what of the sheet was not read."""
    pictures = False
    for drawing in targets(office, sheet, "drawing"):
        lines.line(drawing_text(office.events(drawing)))
        for one in office.relations(drawing).values():
            pictures |= one.kind == "image"
            if one.kind in _DRAWN and one.target:
                lines.line(drawing_text(office.events(one.target)))
    if part.code is not None:
        return Code.READER_LIMIT if part.code is Code.READER_LIMIT else Code.PAGES_FAILED
    return Code.PAGES_WITHOUT_TEXT if pictures and not lines.has_text else None


def kept(office: Ooxml, strings: Iterable[str]) -> list[str]:
    """The shared strings of a workbook, as many as may be held."""
    found: list[str] = []
    size = 0
    for string in strings:
        found.append(string)
        size += len(string)
        if size > _STRING_CHARACTERS:
            office.note(Code.READER_LIMIT)
            break
    return found


def heading(text: str) -> str:
    """A header or footer of the printed pages without the codes in it."""
    return " ".join(_CODE.sub(" ", text).replace("&&", "&").split())

"""The parts of an XLSX workbook: its strings, its styles, and the cells of a sheet, read as they come. No formulas."""

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.parsing.markup import Event, Start
from pipeline.parsing.readers.sheet_package import heading, local
from pipeline.parsing.readers.sheet_tags import Source, chunks, unescaped
from pipeline.parsing.readers.sheet_values import Kind, kind_of, valued, written_number

_MAX_STYLES = 70_000  # Excel has 65,490
# A string and a cell as most programs write it, else any tag and the text behind it.
_STRING = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>|<([^<>]*)>?([^<]*)')
_MARK = re.compile(
    r'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d{1,6})")?(?: t="(\w{1,9})")?><v>([^<]*)</v></c>|<([^<>]*)>?([^<]*)'
)
# What is looked for in the tag of another.
_ATTRIBUTE = re.compile(r"\s(?:\w+:)?([rst])\s*=\s*[\"']([^\"']*)[\"']")
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ROW = re.compile(r"\sr\s*=\s*[\"'](\d{1,7})[\"']")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a character that XML cannot hold (ECMA-376 part 1, 22.9.2.19)
_HEADINGS = tuple(f"{pages}{part}" for pages in ("odd", "even", "first") for part in ("Header", "Footer"))


def strings_of(source: Source) -> Iterator[str]:
    """The shared strings in order; of each as much as its parts give, without how it is read aloud."""
    parts: list[str] = []
    is_aside = False
    for chunk in chunks(source):
        for found in _STRING.finditer(chunk):
            string, tag, text = found.groups()
            if string is not None:
                yield plain(string)
            elif tag == "t" or tag.startswith(("t ", "t\n")):
                parts += () if is_aside else (text,)
            elif tag in ("/si", "si/"):
                yield plain("".join(parts))
                parts.clear()
            elif tag.startswith(("rPh", "/rPh")):
                is_aside = tag[0] != "/"


def plain(text: str) -> str:
    """A string with the characters that it stands for."""
    text = unescaped(text)
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def kinds_of(events: Iterable[Event]) -> list[Kind]:
    """What the numbers in each style of cells mean, from the events of the styles."""
    codes: dict[int, str] = {}
    kinds: list[Kind] = []
    is_cells = False
    for event in events:
        if isinstance(event, str):
            continue
        name = local(event.tag)
        if name == "cellXfs":
            is_cells = isinstance(event, Start)
        elif isinstance(event, Start) and name == "numFmt" and len(codes) < _MAX_STYLES:
            codes[_number(event.get("numFmtId"))] = event.get("formatCode") or ""
        elif isinstance(event, Start) and name == "xf" and is_cells and len(kinds) < _MAX_STYLES:
            number = _number(event.get("numFmtId"))
            kinds.append(kind_of(number, codes.get(number)))
    return kinds


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


class Cells:
    """The cells of one sheet that hold something: row and column, from 0, and their text. Iterated over once."""

    def __init__(self, source: Source, strings: Sequence[str], kinds: Sequence[Kind], *, since_1904: bool) -> None:
        self.headings: list[str] = []  # of the printed pages
        self._source = source
        self._strings = strings
        self._kinds = kinds
        self._since_1904 = since_1904
        self._columns: dict[str, int] = {}  # by the letters that name them
        self._row = self._column = -1
        # Of the cell that is open, where it is written otherwise than most.
        self._style, self._type, self._value = 0, "", ""
        self._inline: list[str] = []
        self._is_aside = False

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        for chunk in chunks(self._source):
            for found in _MARK.finditer(chunk):
                letters, row, style, kind, value, tag, text = found.groups()
                if letters:
                    self._row, self._column = int(row) - 1, self._columns.get(letters) or self._column_of(letters)
                    content = self._content(kind, value, int(style) if style else 0)
                elif tag == "/c":
                    content = self._content(self._type, self._value, self._style) or plain("".join(self._inline))
                else:
                    self._follow(tag, text)
                    continue
                if content:
                    yield self._row, self._column, content

    def _follow(self, tag: str, text: str) -> None:
        name = tag.split(maxsplit=1)[0] if tag.strip() else ""
        if name == "v":
            self._value = text
        elif name == "t":
            self._inline += () if self._is_aside else (text,)
        elif name == "c":
            self._start_cell(tag)
        elif name in ("row", "row/"):
            row = _ROW.search(tag)
            self._row = int(row[1]) - 1 if row else self._row + 1
            self._column = -1
        elif name in ("rPh", "/rPh"):
            self._is_aside = name == "rPh"
        elif name in _HEADINGS:
            self.headings.append(heading(unescaped(text)))

    def _start_cell(self, tag: str) -> None:
        attributes = dict(_ATTRIBUTE.findall(tag))
        self._style, self._type = _number(attributes.get("s")), attributes.get("t", "")
        place = _PLACE.fullmatch(attributes.get("r", ""))
        if place:
            self._row, self._column = int(place[2]) - 1, self._column_of(place[1].upper())
        else:
            self._column += 1
        self._value = ""
        self._inline.clear()

    def _content(self, kind: str | None, value: str, style: int) -> str:
        if kind == "s":
            number = int(value) if value.isdecimal() and len(value) < 9 else -1
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if not kind or kind == "n":
            meaning = self._kinds[style] if style < len(self._kinds) else Kind.NUMBER
            return written_number(value) if meaning is Kind.NUMBER else self._moment(value, meaning)
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, value)
        return value.replace("T", " ") if kind == "d" else plain(value)

    def _moment(self, value: str, meaning: Kind) -> str:
        try:
            return valued(float(value), meaning, since_1904=self._since_1904)
        except ValueError:
            return value

    def _column_of(self, letters: str) -> int:
        column = 0
        for letter in letters:
            column = 26 * column + ord(letter) - 64
        self._columns[letters] = column - 1
        return column - 1

"""Excel workbooks before 2007, BIFF 2 to BIFF 8: a page per sheet with the values of its cells, comments and boxes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import compound, ole_objects
from pipeline.parsing.compound import SIGNATURE, Storage
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import ole_date
from pipeline.parsing.readers.biff import BOF, CONTINUE, EOF, FILE_PASS, Globals, records, shared_strings
from pipeline.parsing.readers.biff_sheet import Sheet
from pipeline.parsing.readers.sheet_lines import SheetLines, read_sheets
from pipeline.parsing.reading import ReadingEnded, in_pieces

_STREAMS = ("Workbook", "Book")
_BOUND_SHEET, _SHARED, _SHEET_NAME = 0x0085, 0x00FC, 0x008F
_MODULE = 6  # a sheet of program text
_VERSIONS = {0x0009: 2, 0x0209: 3, 0x0409: 4}
_BIFF_8 = 0x0600
_SHEET_SUBSTREAMS = (0x0010, 0x0020, 0x0040)  # cells, a chart, macros
_MAX_STRINGS = 4_000_000
_MAX_SHEETS = 20_000


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The sheets in order, hidden ones too."""
    try:
        with at_most(request.page_cpu_s):
            workbook = _Workbook(file)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    root = workbook.root
    yield Opened("xls", len(workbook.sheets), len(_objects(root)), "" if root is None else ole_date.saved(root))
    yield from read_sheets(workbook.sheets, workbook.write, request)
    if workbook.code is not None:
        raise ReadingEnded(workbook.code)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents that are embedded in it."""
    for number, storage in enumerate(_objects(_Workbook(file).root), 1):
        if number >= request.first_page:
            found = ole_objects.taken_out(storage, number)
            yield Member(number, found.name, found.code)
            if found.code is None:
                yield from in_pieces(found.content)


def _objects(root: Storage | None) -> list[Storage]:
    storages = sorted(root.storages(), key=lambda storage: storage.name) if root else []
    return [one for one in storages if one.name.upper().startswith("MBD") and ole_objects.is_document(one)]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the stream a sheet begins."""

    name: str
    start: int


class _Workbook:
    """An open workbook: what holds for all of its sheets is read, the sheets are not."""

    def __init__(self, file: BinaryIO) -> None:
        self.root: Storage | None = None
        self.code: Code | None = None
        self.sheets: list[_Place] = []
        head = file.read(len(SIGNATURE))
        file.seek(0)
        if head == SIGNATURE:
            self.root = compound.opened(file)
            self._stream = next((self.root.stream(name) for name in _STREAMS if self.root.has(name)), b"")
        else:
            self._stream = file.read()
        kind = int.from_bytes(self._stream[:2], "little")
        if kind not in BOF:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        version = int.from_bytes(self._stream[4:6], "little")
        self._globals = Globals(_VERSIONS.get(kind, 8 if version == _BIFF_8 else 5))
        if self._globals.version < 5:
            self._find_sheets()
        else:
            self._read_globals()
        if not self.sheets:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)

    def write(self, place: _Place, lines: SheetLines) -> Code | None:
        """One sheet; returns what was wrong with it."""
        if int.from_bytes(self._stream[place.start : place.start + 2], "little") not in BOF:
            return Code.PAGES_FAILED
        return Sheet(self._globals, lines).follow(records(self._stream, place.start))

    def _read_globals(self) -> None:
        shared: list[bytes] = []
        starts: set[int] = set()
        is_shared = False
        for kind, content in records(self._stream, 0):
            is_shared = kind == _SHARED or (is_shared and kind == CONTINUE)
            if is_shared:
                shared.append(content)
            elif kind == _BOUND_SHEET and len(content) > 6 and len(self.sheets) < _MAX_SHEETS:
                name, _ = self._globals.string(content, 6, wide_length=False)
                start = int.from_bytes(content[:4], "little")
                if content[5] != _MODULE and start not in starts:  # no two sheets are one
                    self.sheets.append(_Place(name, start))
                    starts.add(start)
            elif kind == FILE_PASS:  # those in packages were opened before, if a password fits
                raise ReadingEnded(Code.PASSWORD_NEEDED)
            elif kind == EOF:
                break
            else:
                self._globals.take(kind, content)
        else:
            self.code = Code.STRUCTURE_REPAIRED
        self._globals.strings = list(islice(shared_strings(shared), _MAX_STRINGS))
        if len(self._globals.strings) == _MAX_STRINGS:
            self.code = Code.READER_LIMIT

    def _find_sheets(self) -> None:
        """The sheets of a file without a list of them: one, or several behind each other."""
        name = ""
        at = depth = 0
        for kind, content in records(self._stream, 0):
            if kind in BOF:
                depth += 1
                if int.from_bytes(content[2:4], "little") in _SHEET_SUBSTREAMS and len(self.sheets) < _MAX_SHEETS:
                    self.sheets.append(_Place(name, at))
                    name = ""
            elif kind == _SHEET_NAME:
                name = self._globals.string(content, 4, wide_length=False)[0]
            elif kind == FILE_PASS:
                raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
            elif not self.sheets:
                self._globals.take(kind, content)
            at += 4 + len(content)

"""Workbooks of a few cells in each format, made by the tests: XML parts, binary parts, and the records of BIFF."""

import struct
from collections.abc import Mapping, Sequence

import pytest

from pipeline.parsing.effort import Exhausted
from pipeline.parsing.readers.sheet_lines import SheetLines
from tests.ole_writer import compound_file
from tests.parsing.readers.odf_packages import NAME_SPACES
from tests.parsing.readers.packages import package, relations

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def sheet_part(rows: str, behind: str = "") -> str:
    """A sheet of an XLSX: its rows, and what stands behind them."""
    return f'<worksheet xmlns="{_MAIN}" xmlns:r="{_R}"><sheetData>{rows}</sheetData>{behind}</worksheet>'


def xlsx(
    sheets: Mapping[str, str],
    strings: Sequence[str] = (),
    styles: str = "",
    parts: Mapping[str, str | bytes] | None = None,
    properties: str = "",
) -> bytes:
    """A workbook: its sheets by name (whole parts), shared strings (the content of each `si`), styles, other parts."""
    named = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(sheets, 1)
    )
    body = f"{properties}<sheets>{named}</sheets>"
    targets = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
    targets += [("rIdS", "sharedStrings", "sharedStrings.xml"), ("rIdT", "styles", "styles.xml")]
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_R}">{body}</workbook>',
            "xl/_rels/workbook.xml.rels": relations(*targets),
            **{f"xl/worksheets/sheet{number}.xml": part for number, part in enumerate(sheets.values(), 1)},
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{"".join(f"<si>{string}</si>" for string in strings)}</sst>',
            "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>',
            **(parts or {}),
        }
    )


def ods(tables: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """An OpenDocument spreadsheet with these tables."""
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = f"<office:document-content{NAME_SPACES}>{body}</office:document-content>"
    return package({"mimetype": ODS, "content.xml": content, **(parts or {})})


def record(kind: int, content: bytes = b"") -> bytes:
    """A record of an XLSB part."""
    size = len(content)
    groups = [size >> shift & 0x7F for shift in range(0, 28, 7)]
    while len(groups) > 1 and not groups[-1]:
        groups.pop()
    return (
        (bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7]))
        + bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])
        + content
    )


def wide(text: str) -> bytes:
    """A string of an XLSB part."""
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def xlsb(
    sheets: Mapping[str, bytes],
    strings: Sequence[str] = (),
    formats: Sequence[str] = (),
    parts: Mapping[str, str | bytes] | None = None,
    flags: int = 0,
) -> bytes:
    """A workbook in binary parts: its sheets by name (records), shared strings, and a style for each format."""
    bundle = b"".join(
        record(156, struct.pack("<II", 0, number) + wide(f"rId{number}") + wide(name))
        for number, name in enumerate(sheets, 1)
    )
    targets = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.bin") for number in range(1, len(sheets) + 1)]
    targets += [("rIdS", "sharedStrings", "sharedStrings.bin"), ("rIdT", "styles", "styles.bin")]
    styles = b"".join(record(44, struct.pack("<H", 164 + at) + wide(code)) for at, code in enumerate(formats))
    styles += record(617) + record(47, bytes(16))
    styles += b"".join(record(47, struct.pack("<HH12x", 0, 164 + at)) for at in range(len(formats))) + record(618)
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.bin")),
            "xl/workbook.bin": record(131) + record(153, struct.pack("<III", flags, 0, 0)) + bundle + record(132),
            "xl/_rels/workbook.bin.rels": relations(*targets),
            **{f"xl/worksheets/sheet{number}.bin": part for number, part in enumerate(sheets.values(), 1)},
            "xl/sharedStrings.bin": b"".join(record(19, b"\0" + wide(string)) for string in strings),
            "xl/styles.bin": styles,
            **(parts or {}),
        }
    )


def row(number: int) -> bytes:
    """A row of an XLSB sheet begins."""
    return record(0, struct.pack("<I", number) + bytes(21))


def cell(kind: int, column: int, value: bytes, style: int = 0) -> bytes:
    """A cell of an XLSB sheet."""
    return record(kind, struct.pack("<II", column, style) + value)


def biff(kind: int, content: bytes = b"") -> bytes:
    """A record of BIFF."""
    return struct.pack("<HH", kind, len(content)) + content


def text8(text: str, *, is_wide: bool = True, short: bool = False) -> bytes:
    """A string of BIFF 8 behind its length in two bytes, or one."""
    length = struct.pack("<B" if short else "<H", len(text))
    return length + (b"\x01" + text.encode("utf-16-le") if is_wide else b"\x00" + text.encode("latin-1"))


def text5(text: str, *, encoding: str = "cp1252", short: bool = False) -> bytes:
    """A string before BIFF 8 behind its length in two bytes, or one."""
    content = text.encode(encoding)
    return struct.pack("<B" if short else "<H", len(content)) + content


BEGIN, END = (
    {8: biff(0x0809, struct.pack("<HH12x", 0x0600, 5)), 5: biff(0x0809, struct.pack("<HHI", 0x0500, 5, 0))},
    biff(10),
)
SHEET = {8: biff(0x0809, struct.pack("<HH12x", 0x0600, 16)), 5: biff(0x0809, struct.pack("<HHI", 0x0500, 16, 0))}


def book(sheets: Mapping[str, bytes], before: bytes = b"", version: int = 8) -> bytes:
    """The stream of a workbook: what holds for all sheets (`before`), the list of sheets, and the sheets (records)."""
    names = [text8(name, short=True) if version == 8 else text5(name, short=True) for name in sheets]
    listed = sum(4 + 6 + len(name) for name in names)
    start = len(BEGIN[version]) + len(before) + listed + len(END)
    entries = b""
    for name, content in zip(names, sheets.values(), strict=True):
        entries += biff(0x85, struct.pack("<IH", start, 0) + name)
        start += len(SHEET[version]) + len(content) + len(END)
    return BEGIN[version] + before + entries + END + b"".join(SHEET[version] + one + END for one in sheets.values())


def xls(sheets: Mapping[str, bytes], before: bytes = b"", version: int = 8) -> bytes:
    """A workbook in an OLE package."""
    return compound_file({"Workbook" if version == 8 else "Book": book(sheets, before, version)})


def at(row: int, column: int, style: int = 0) -> bytes:
    """How the record of a cell begins, since BIFF 3."""
    return struct.pack("<HHH", row, column, style)


def shared(strings: Sequence[str]) -> bytes:
    """The table of shared strings of BIFF 8."""
    return biff(0xFC, struct.pack("<II", len(strings), len(strings)) + b"".join(map(text8, strings)))


def exhaust_after(cells: int, patch: pytest.MonkeyPatch) -> None:
    """Let the time of a page be used up once so many cells were read."""
    write = SheetLines.cell
    left = cells

    def counted(lines: SheetLines, row: int, column: int, text: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Exhausted
        write(lines, row, column, text)

    patch.setattr(SheetLines, "cell", counted)

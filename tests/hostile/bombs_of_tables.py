"""Bombs that are workbooks, tables in text, JSON or XML: far cells, endless rows, depth without end, laughter."""

import random
import struct

from tests.hostile.bombs import INDEXED, PARTIAL, TOO_LARGE, Bomb, bomb
from tests.parsing.readers.workbooks import at, biff, cell, ods, record, row, shared, sheet_part, wide, xls, xlsb, xlsx

ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'


def far_cells() -> bytes:
    return xlsx({"S": sheet_part(ONE + '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')})


def wide_rows() -> bytes:
    rows = (f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="XFD{n}"><v>2</v></c></row>' for n in range(1, 100_000))
    return xlsx({"S": sheet_part("".join(rows))})


def one_string_in_many_cells() -> bytes:
    words = "".join(random.Random(1).choices("abcdefgh ", k=100_000))
    rows = (f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 50_000))
    return xlsx({"S": sheet_part("".join(rows))}, [f"<t>{words}</t>"])


def many_strings() -> bytes:
    return xlsx({"S": sheet_part(ONE)}, [f"<t>string number {number}</t>" for number in range(1_000_000)])


def many_sheets() -> bytes:
    return xlsx(dict.fromkeys((f"Sheet {number}" for number in range(3000)), sheet_part(ONE)))


def laughing_sheet() -> bytes:
    return xlsx({"S": LAUGHS.decode() + sheet_part('<row r="1"><c r="A1" t="str"><v>&l9;</v></c></row>')})


def sheets_that_are_one() -> bytes:
    """The list names one sheet 20,000 times."""
    entry = biff(0x85, struct.pack("<IH", 0, 0) + b"\1\0S")
    start = 20 + 20_000 * len(entry) + 4
    entries = biff(0x85, struct.pack("<IH", start, 0) + b"\1\0S") * 20_000
    cells = b"".join(biff(0x0203, at(number, 0) + struct.pack("<d", number)) for number in range(20_000))
    begin = biff(0x0809, struct.pack("<HH12x", 0x0600, 5)), biff(0x0809, struct.pack("<HH12x", 0x0600, 16))
    return begin[0] + entries + biff(10) + begin[1] + cells + biff(10)


def filled_by_repetition() -> bytes:
    cells = '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'
    return ods(
        f'<table:table><table:table-row table:number-rows-repeated="1048576">{cells}</table:table-row></table:table>'
    )


def one_shared_string() -> bytes:
    cells = b"".join(biff(0xFD, at(number, 0) + bytes(4)) for number in range(65_536))
    return xls({"S": cells}, shared(["x" * 4000]))


def long_entity() -> bytes:
    return b"<!DOCTYPE r [<!ENTITY a '%s'>]><r>%s</r>" % (b"b" * 90, b"&a;" * 5_000_000)


def endless_rows() -> bytes:
    return xlsx({"S": sheet_part(ONE + "<row/>" * 9_000_000)})


def far_binary_cell() -> bytes:
    return xlsb({"S": row(1_048_575) + cell(6, 16_383, wide("far"))})


def entity(declared: bytes) -> bytes:
    return b"<!DOCTYPE r [%s]><r>text &a;</r>" % declared


LAUGHS = b"<!DOCTYPE r [<!ENTITY l0 'lol'>%s]>" % b"".join(
    b"<!ENTITY l%d '%s'>" % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
)

TABLES: tuple[Bomb, ...] = (
    bomb("a cell at each end of the sheet", far_cells, INDEXED, suffix=".xlsx"),
    bomb("rows as wide as can be", wide_rows, INDEXED, suffix=".xlsx"),
    bomb("one string in 50,000 cells", one_string_in_many_cells, PARTIAL, suffix=".xlsx"),
    bomb("a million strings", many_strings, INDEXED, suffix=".xlsx"),
    bomb("3,000 sheets", many_sheets, INDEXED, suffix=".xlsx"),
    bomb(
        "rows that unpack without end",
        endless_rows,
        PARTIAL,
        suffix=".xlsx",
    ),
    bomb(
        "a comment that does not end in a sheet",
        lambda: xlsx({"S": sheet_part(ONE + "<!-- " * 100_000)}),
        INDEXED,
        PARTIAL,
        suffix=".xlsx",
    ),
    bomb("a sheet that laughs", laughing_sheet, INDEXED, suffix=".xlsx"),
    bomb(
        "a far cell in binary",
        far_binary_cell,
        INDEXED,
        suffix=".xlsb",
    ),
    bomb(
        "a record of 256 MB",
        lambda: xlsb({"S": row(0) + cell(6, 0, wide("x")) + b"\6\xff\xff\xff\x7f"}),
        INDEXED,
        suffix=".xlsb",
    ),
    bomb("two million empty records", lambda: xlsb({"S": record(99) * 50_000}), INDEXED, suffix=".xlsb"),
    bomb("sheets that are one", sheets_that_are_one, INDEXED, suffix=".xls"),
    bomb(
        "strings without characters",
        lambda: xls({"S": b""}, biff(0xFC, bytes(8)) + biff(0x3C, bytes(8190)) * 1000),
        INDEXED,
        TOO_LARGE,
        suffix=".xls",
    ),
    bomb("a shared string in 65,536 cells", one_shared_string, PARTIAL, suffix=".xls"),
    bomb("a sheet filled by repetition", filled_by_repetition, INDEXED, suffix=".ods"),
    bomb("a million tables", lambda: ods("<table:table table:name='T'/>" * 100_000), PARTIAL, INDEXED, suffix=".ods"),
    bomb("one line of 50 MB in a table", lambda: b"cell," * 10_000_000, PARTIAL, suffix=".csv"),
    bomb("100,000 columns", lambda: (b"c," * 100_000 + b"\n") * 20, INDEXED, suffix=".csv"),
    bomb("a quote that is never closed", lambda: b"a,b\n" * 100 + b'"' + b"x,y\n" * 3_000_000, INDEXED, suffix=".csv"),
    bomb("quotes and nothing else", lambda: b"a,b\n" + b'"' * 20_000_000, INDEXED, suffix=".csv"),
    bomb("rows of next to nothing", lambda: b"a,b\n" * 8_000_000, INDEXED, suffix=".csv"),
    bomb("brackets", lambda: b"[" * 10_000_000, INDEXED, suffix=".json"),
    bomb("brackets that are closed", lambda: b"[" * 100_000 + b"1" + b"]" * 100_000, INDEXED, suffix=".json"),
    bomb("ten million empty lists", lambda: b"[" + b"[]," * 10_000_000 + b"1]", INDEXED, suffix=".json"),
    bomb("a number of 30 million digits", lambda: b"1" * 30_000_000, INDEXED, suffix=".json"),
    bomb(
        "a long key before a million values",
        lambda: b'{"' + b"k" * 100_000 + b'":[' + b'{"a":1},' * 900_000 + b"1]}",
        PARTIAL,
        suffix=".json",
    ),
    bomb("a billion laughs", lambda: LAUGHS + b"<r>text &l9;</r>", PARTIAL, suffix=".xml"),
    bomb("a long entity many times", long_entity, PARTIAL, suffix=".xml"),
    bomb(
        "entities in a circle",
        lambda: entity(b"<!ENTITY a '&b;'><!ENTITY b '&a;'>"),
        PARTIAL,
        suffix=".xml",
    ),
    bomb(
        "an entity that is a file",
        lambda: entity(b"<!ENTITY a SYSTEM 'file:///dev/zero'>"),
        INDEXED,
        suffix=".xml",
    ),
    bomb("eight million elements in each other", lambda: b"<a>" * 8_000_000, PARTIAL, TOO_LARGE, suffix=".xml"),
    bomb("document types", lambda: b"<!DOCTYPE [ >" * 1_000_000 + b"]<r>text</r>", INDEXED, suffix=".xml"),
    bomb("attributes that do not end", lambda: b'<a b="' * 3_000_000 + b"text", INDEXED, PARTIAL, suffix=".xml"),
)

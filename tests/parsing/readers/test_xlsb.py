"""XLSB: the values of cells from binary records, whatever their lengths claim."""

import random
import struct
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from pipeline.parsing.readers.sheet_binary import rk_number
from tests.parsing.contract import ParserContract
from tests.parsing.readers.packages import part, relations
from tests.parsing.readers.workbooks import cell, exhaust_after, record, row, wide, xlsb
from tests.parsing.support import CAREFUL, REQUEST, end, frames, members, pages, texts

SHARED, REAL, RK, TRUTH, ERROR, STRING, BLANK, RICH = 7, 5, 2, 4, 3, 6, 1, 62


def real(value: float) -> bytes:
    return struct.pack("<d", value)


class TestXlsb(ParserContract):
    format = "xlsb"
    suffix = ".xlsb"
    golden: ClassVar[tuple[str, ...]] = (
        "Lease\nDue\tRent & costs\n2024-03-05\t1234.5\t\tTRUE\t#N/A",
        "Übersicht\nfirst",
    )
    sample = xlsb(
        {
            "Lease": record(129) + record(145)
            + row(0) + cell(SHARED, 0, b"\0\0\0\0") + cell(SHARED, 1, b"\1\0\0\0")
            + row(1) + cell(REAL, 0, real(45356), 1) + cell(REAL, 1, real(1234.5000000000002)) + cell(BLANK, 2, b"")
            + cell(TRUTH, 3, b"\1") + cell(ERROR, 4, b"\x2a") + record(146) + record(130),
            "Übersicht": row(0) + cell(STRING, 0, wide("first")),
        },
        ["Due", "Rent & costs"],
        ["dd.mm.yyyy"],
    )  # fmt: skip


def read(records: bytes, flags: int = 0) -> str:
    book = xlsb({"S": records}, ["shared"], ["yyyy", "0.00"], flags=flags)
    return texts(frames(book, ".xlsb"))[0].removeprefix("S").strip()


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (RK, struct.pack("<i", 42 << 2 | 2), "42"),
        (RK, struct.pack("<i", -42 << 2 | 2), "-42"),
        (RK, struct.pack("<i", 1234 << 2 | 3), "12.34"),
        (RK, real(0.5)[4:], "0.5"),
        (REAL, real(0.1), "0.1"),
        (TRUTH, b"\0", "FALSE"),
        (ERROR, b"\x07", "#DIV/0!"),
        (ERROR, b"\x99", "#ERROR!"),
        (STRING, wide("caf\u00e9 \U0001f600"), "caf\u00e9 \U0001f600"),
        (RICH, b"\0" + wide("rich") + bytes(8), "rich"),
        (SHARED, b"\0\0\0\0", "shared"),
        (SHARED, b"\1\0\0\0", ""),
        (8, wide("formula") + bytes(20), "formula"),
        (9, real(7) + bytes(20), "7"),
        (10, b"\1" + bytes(20), "TRUE"),
        (11, b"\x17" + bytes(20), "#REF!"),
        (STRING, b"\xff\xff\xff\xff", ""),
        (STRING, b"\x05\0\0\0a\0b\0", "ab"),
    ],
)
def test_what_a_cell_shows(kind: int, value: bytes, text: str) -> None:
    assert read(row(0) + cell(kind, 0, value)) == text


def test_cells_in_short_form_follow_each_other() -> None:
    style = struct.pack("<I", 0)
    cells = record(16, style + real(1)) + record(17, style + wide("two")) + record(12, style)
    cells += record(18, style + b"\0\0\0\0")
    assert read(row(0) + cell(REAL, 1, real(0)) + cells) == "0\t1\ttwo\t\tshared"


def test_styles_say_which_numbers_are_dates() -> None:
    cells = cell(REAL, 0, real(45356), 1) + cell(REAL, 1, real(45356), 2) + cell(REAL, 2, real(45356), 99)
    assert read(row(0) + cells) == "2024-03-05\t45356\t45356"
    assert read(row(0) + cell(REAL, 0, real(43894), 1), flags=1) == "2024-03-05"


def test_a_far_cell_costs_nothing() -> None:
    cells = row(0) + cell(REAL, 0, real(1)) + row(1_048_575) + cell(REAL, 16_383, real(2))
    assert read(cells) == "1\n\n" + "\t" * 8 + "2"


def test_names_of_sheets_are_read_as_the_first_version_wrote_them() -> None:
    bundle = record(156, bytes(8) + struct.pack("<I", 1) + wide("rId1") + wide("Early"))
    book = xlsb({"S": row(0) + cell(REAL, 0, real(1))}, parts={"xl/workbook.bin": bundle})
    assert texts(frames(book, ".xlsb")) == ["Early\n1"]


def test_headings_and_comments_stand_behind_the_cells() -> None:
    headings = record(479, b"\0\0" + wide("&LSecret &P") + b"\xff\xff\xff\xff" * 5)
    comments = record(628) + record(632, wide("Ann")) + record(635, struct.pack("<I", 0) + bytes(32))
    comments += record(637, b"\0" + wide("Check\nthis")) + record(635, struct.pack("<I", 9) + bytes(32))
    comments += record(637, b"\0" + wide("Whose?"))
    book = xlsb({"S": row(0) + cell(REAL, 0, real(1)) + headings}, parts={
        "xl/worksheets/_rels/sheet1.bin.rels": relations(("rId1", "comments", "../comments1.bin")),
        "xl/comments1.bin": comments,
    })  # fmt: skip
    assert texts(frames(book, ".xlsb")) == ["S\n1\nSecret\nComment (Ann): Check this\nComment: Whose?"]


def test_boxes_and_embedded_documents_are_read() -> None:
    book = xlsb({"S": b""}, parts={
        "xl/worksheets/_rels/sheet1.bin.rels": relations(("rId1", "drawing", "../drawings/drawing1.xml")),
        "xl/drawings/drawing1.xml": part("xdr", "<a:p><a:t>In a box</a:t></a:p>"),
        "xl/embeddings/letter.docx": b"PK a letter",
    })  # fmt: skip
    assert frames(book, ".xlsb")[0] == Opened("xlsb", 1, 1)
    assert texts(frames(book, ".xlsb")) == ["S\nIn a box"]
    assert members(book, ".xlsb") == [(Member(1, "letter.docx"), b"PK a letter")]


@pytest.mark.parametrize(
    "records",
    [
        row(0) + cell(REAL, 0, real(1)) + cell(REAL, 1, b"\0\0"),
        row(0) + cell(REAL, 0, real(1)) + record(TRUTH, b"\0\0\0\0"),
    ],
)
def test_a_record_that_is_too_short_costs_the_rest_of_its_sheet(records: bytes) -> None:
    answer = frames(xlsb({"A": records, "B": row(0) + cell(REAL, 0, real(2))}), ".xlsb")
    assert [(page.text, page.code) for page in pages(answer)] == [("A\n1", Code.PAGES_FAILED), ("B\n2", None)]


def test_a_record_longer_than_any_cell_is_passed_over() -> None:
    records = row(0) + cell(STRING, 0, random.Random(1).randbytes(3_000_000)) + cell(REAL, 1, real(1))
    assert read(records) == "1"
    assert read(row(0) + cell(REAL, 0, real(1)) + b"\x06\xff\xff\xff\x7f") == "1"


def test_a_long_shared_string_in_many_cells_does_not_multiply() -> None:
    cells = b"".join(row(number) + cell(SHARED, 0, b"\0\0\0\0") for number in range(2000))
    answer = frames(xlsb({"S": cells}, ["x" * 20_000]), ".xlsb")
    assert end(answer) is Code.TEXT_LIMIT
    assert len(texts(answer)[0]) == REQUEST.max_text_bytes


def test_what_takes_too_long_keeps_what_was_read_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    exhaust_after(2, monkeypatch)
    cells = row(0) + b"".join(cell(REAL, column, real(column)) for column in range(5))
    answer = frames(xlsb({"S": cells, "T": cells, "U": cells}), ".xlsb")
    assert answer[1:] == [
        Page(1, "S\n0\t1", Code.READER_LIMIT), Page(2, "T", Code.READER_LIMIT), Finished(Code.READER_LIMIT),
    ]  # fmt: skip


@CAREFUL
@given(st.integers(-(1 << 29), (1 << 29) - 1))
def test_an_integer_in_thirty_bits_comes_back(number: int) -> None:
    assert rk_number(number << 2 & 0xFFFFFFFF | 2) == number


@CAREFUL
@given(st.binary(max_size=60))
def test_any_bytes_of_a_sheet_end_in_a_page(noise: bytes) -> None:
    answer = frames(xlsb({"S": row(0) + noise}, ["shared"]), ".xlsb")
    assert [page.number for page in pages(answer)] == [1]

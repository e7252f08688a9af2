"""Excel before 2007: cells, comments and boxes from the records of each version, wherever these are cut."""

import struct
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from pipeline.parsing.readers.biff import shared_strings
from tests.ole_writer import compound_file
from tests.parsing.contract import ParserContract
from tests.parsing.readers.workbooks import END, SHEET, at, biff, book, exhaust_after, shared, text5, text8, xls
from tests.parsing.support import CAREFUL, REQUEST, end, frames, members, pages, texts

XFS = b"".join(biff(0xE0, struct.pack("<HH16x", 0, number)) for number in (0, 164, 14))
FORMATS = biff(0x041E, struct.pack("<H", 164) + text8("dd.mm.yyyy hh:mm")) + XFS


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    return biff(0x0203, at(row, column, style) + struct.pack("<d", value))


def formula(row: int, column: int, result: bytes) -> bytes:
    return biff(0x0006, at(row, column) + result + bytes(8))


class TestXls(ParserContract):
    format = "xls"
    suffix = ".xls"
    golden: ClassVar[tuple[str, ...]] = (
        "Lease\nDue\tRent & costs\n2024-03-05 12:00:00\t1234.5\t\tTRUE\t#N/A",
        "Übersicht\nfirst",
    )
    sample = xls(
        {
            "Lease": biff(0xFD, at(0, 0) + b"\0\0\0\0") + biff(0xFD, at(0, 1) + b"\1\0\0\0")
            + number(1, 0, 45356.5, 1) + number(1, 1, 1234.5000000000002)
            + biff(0x205, at(1, 3) + b"\1\0") + biff(0x205, at(1, 4) + b"\x2a\1"),
            "Übersicht": biff(0x204, at(0, 0) + text8("first", is_wide=False)),
        },
        FORMATS + shared(["Due", "Rent & costs"]),
    )  # fmt: skip


def read(records: bytes, before: bytes = b"", version: int = 8) -> str:
    return texts(frames(xls({"S": records}, before, version), ".xls"))[0].removeprefix("S").strip()


@pytest.mark.parametrize(
    ("records", "text"),
    [
        (biff(0x27E, struct.pack("<HHHi", 0, 0, 0, 42 << 2 | 2)), "42"),
        (biff(0xBD, struct.pack("<HHHiHiH", 0, 0, 0, 1 << 2 | 2, 0, 250 << 2 | 3, 1)), "1\t2.5"),
        (biff(0xD6, at(0, 0) + text8("rich") + bytes(8)), "rich"),
        (biff(0x204, at(0, 0) + text8("Grüße €")), "Grüße €"),
        (formula(0, 0, struct.pack("<d", 7)), "7"),
        (formula(0, 0, b"\1\0\1\0\0\0\xff\xff"), "TRUE"),
        (formula(0, 0, b"\2\0\x07\0\0\0\xff\xff"), "#DIV/0!"),
        (formula(0, 0, b"\3\0\0\0\0\0\xff\xff"), ""),
        (formula(0, 0, b"\0\0\0\0\0\0\xff\xff") + biff(0x4BC, bytes(9)) + biff(0x207, text8("said")), "said"),
        (formula(0, 0, b"\0\0\0\0\0\0\xff\xff") + biff(0x207, struct.pack("<H", 6) + b"\1a\0b\0")
         + biff(0x3C, b"\0cd") + biff(0x3C, b"\1e\0f\0"), "abcdef"),
        (biff(0xFD, at(0, 0) + b"\7\0\0\0"), ""),
        (number(0, 0, 1) + number(65535, 255, 2), "1\n\n" + "\t" * 8 + "2"),
    ],
)  # fmt: skip
def test_what_a_cell_shows(records: bytes, text: str) -> None:
    assert read(records) == text


def test_styles_say_which_numbers_are_dates() -> None:
    cells = number(0, 0, 45356.5, 1) + number(0, 1, 45356, 2) + number(0, 2, 45356, 0) + number(0, 3, 45356, 99)
    assert read(cells, FORMATS) == "2024-03-05 12:00:00\t2024-03-05\t45356\t45356"
    assert read(number(0, 0, 43894, 2), FORMATS + biff(0x22, b"\1\0")) == "2024-03-05"


@pytest.mark.parametrize(
    ("page", "text", "encoding"), [(1251, "Договор", "cp1251"), (932, "契約書", "cp932"), (10000, "é", "mac-roman")]
)
def test_before_version_8_text_is_in_a_code_page(page: int, text: str, encoding: str) -> None:
    before = biff(0x42, struct.pack("<H", page)) + biff(0x041E, struct.pack("<H", 164) + text5("yyyy", short=True))
    before += biff(0xE0, struct.pack("<HH12x", 0, 164))
    cells = biff(0x204, at(0, 0) + text5(text, encoding=encoding)) + number(0, 1, 45356)
    cells += formula(1, 0, b"\0\0\0\0\0\0\xff\xff") + biff(0x207, text5(text, encoding=encoding))
    cells += biff(0x1C, struct.pack("<HH", 0, 0) + text5("a ")) + biff(
        0x1C, struct.pack("<HH", 0xFFFF, 0) + text5("note")
    )
    assert read(cells, before, version=5) == f"{text}\t2024-03-05\n{text}\nComment: a note"


def early(version: int) -> bytes:
    """A sheet from before there were workbooks, with a number, a date, a text and a formula."""
    start = {2: 0x0009, 3: 0x0209, 4: 0x0409}[version]
    sheet = biff(start, struct.pack("<HH", 0, 0x10) + bytes(2 if version > 2 else 0))
    if version == 2:
        sheet += biff(0x1E, text5("General", short=True)) + biff(0x1E, text5("yyyy", short=True))
        sheet += biff(0x02, struct.pack("<HH3xH", 0, 0, 7)) + biff(0x03, struct.pack("<HHBBBd", 0, 1, 0, 1, 0, 45356))
        sheet += biff(0x04, struct.pack("<HH3x", 1, 0) + text5("words", short=True))
        sheet += biff(0x06, struct.pack("<HH3x", 1, 1) + b"\0\0\0\0\0\0\xff\xff") + biff(
            0x07, text5("said", short=True)
        )
        return sheet + biff(0x05, struct.pack("<HH3x", 2, 0) + b"\1\0") + END
    kind, xf = (0x1E, 0x0243) if version == 3 else (0x041E, 0x0443)
    lead = b"" if version == 3 else b"\0\0"
    sheet += biff(kind, lead + text5("General", short=True)) + biff(kind, lead + text5("yyyy", short=True))
    sheet += biff(xf, b"\0\0" + bytes(10)) + biff(xf, b"\0\1" + bytes(10))
    sheet += number(0, 0, 7) + number(0, 1, 45356, 1) + biff(0x204, at(1, 0) + text5("words"))
    sheet += biff(0x206 if version == 3 else 0x406, at(1, 1) + b"\0\0\0\0\0\0\xff\xff") + biff(0x207, text5("said"))
    return sheet + biff(0x205, at(2, 0) + b"\1\0") + END


@pytest.mark.parametrize("version", [2, 3, 4])
def test_sheets_from_before_workbooks_are_read(version: int) -> None:
    answer = frames(early(version), ".xls")
    assert answer[0] == Opened("xls", 1)
    assert texts(answer) == ["7\t2024-03-05\nwords\tsaid\nTRUE"]


def test_a_workbook_of_version_4_holds_sheets_behind_each_other() -> None:
    whole = (
        biff(0x0409, struct.pack("<HHH", 0, 0x100, 0))
        + b"".join(biff(0x8F, struct.pack("<I", 0) + text5(name, short=True)) + early(4) for name in ("One", "Two"))
        + END
    )
    assert [page.text.split("\n")[0] for page in pages(frames(whole, ".xls"))] == ["One", "Two"]  # fmt: skip


def test_a_workbook_outside_a_package_is_read() -> None:
    stream = book({"S": biff(0x204, at(0, 0) + text5("words"))}, version=5)
    assert texts(frames(stream, ".xls")) == ["S\nwords"]


def described(kind: int, number_: int, more: bytes = b"") -> bytes:
    """The record of an object on the sheet."""
    return biff(0x5D, struct.pack("<HHHHH12x", 0x15, 0x12, kind, number_, 0) + more + bytes(4))


def boxed(text: str) -> bytes:
    """The text of the object before, in two records."""
    half = len(text) // 2
    head = biff(0x1B6, struct.pack("<HH6xHH4x", 0, 0, len(text), 8))
    return (
        head + biff(0x3C, b"\0" + text[:half].encode("latin-1")) + biff(0x3C, b"\1" + text[half:].encode("utf-16-le"))
    )


def test_comments_boxes_and_headings_stand_behind_the_cells() -> None:
    records = biff(0x14, text8('&L&"Arial"Secret &P', is_wide=False)) + number(0, 0, 1)
    records += described(0x19, 1) + boxed("Check\nthis") + biff(0x3C, bytes(8))
    records += described(0x06, 2) + boxed("In a box") + biff(0x1C, struct.pack("<HHHH", 0, 0, 0, 1) + text8("Ann"))
    assert read(records) == "1\nComment (Ann): Check this\nIn a box\nSecret"


def test_charts_within_a_sheet_give_their_titles() -> None:
    chart = SHEET[8] + biff(0x100D, b"\0\0" + text8("Rents by year", short=True)) + number(0, 0, 99) + END
    assert read(number(0, 0, 1) + chart + number(1, 0, 2)) == "1\n2\nRents by year"


def test_a_sheet_that_shows_only_pictures_says_so() -> None:
    embedded = struct.pack("<HH4x", 9, 4)
    assert [page.code for page in pages(frames(xls({"S": described(8, 1)}), ".xls"))] == [Code.PAGES_WITHOUT_TEXT]
    assert [page.code for page in pages(frames(xls({"S": described(8, 1, embedded)}), ".xls"))] == [None]
    assert [page.code for page in pages(frames(xls({"S": described(8, 1) + number(0, 0, 1)}), ".xls"))] == [None]


def test_embedded_documents_are_members() -> None:
    native = b"\2\0letter.txt\0C:\\letter.txt\0\0\0\3\0" + struct.pack("<I", 3) + b"a:\0"
    native += struct.pack("<I", 9) + b"a letter."
    file = compound_file(
        {"Workbook": book({"S": b""}), "MBD0001": {"\x01Ole10Native": struct.pack("<I", len(native)) + native}}
    )
    assert frames(file, ".xls")[0] == Opened("xls", 1, 1)
    assert members(file, ".xls") == [(Member(1, "letter.txt"), b"a letter.")]


@CAREFUL
@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.booleans(), st.integers(0, 2)),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.integers(1, 40), min_size=1, max_size=30),
)
def test_shared_strings_are_read_wherever_their_table_is_cut(
    strings: list[tuple[str, bool, int]], sizes: list[int]
) -> None:
    """As Excel does it: a cut within the characters repeats their width; elsewhere nothing is repeated."""
    pieces = [bytearray(8)]
    room = iter(sizes)
    left = next(room)

    def turn() -> None:
        nonlocal left
        pieces.append(bytearray())
        left = next(room, 1 << 20)

    wanted = []
    for text, force_wide, runs in strings:
        encoded = text.encode("utf-16-le")
        is_wide = force_wide or any(ord(character) > 255 for character in text)
        units = len(encoded) // 2
        content = encoded if is_wide else text.encode("latin-1")
        width = 2 if is_wide else 1
        if left <= 0:
            turn()
        pieces[-1] += struct.pack("<HB", units, is_wide | 8 * bool(runs)) + (struct.pack("<H", runs) if runs else b"")
        for start in range(0, len(content), width):
            left -= width
            if left <= 0:
                turn()
                pieces[-1].append(is_wide)
            pieces[-1] += content[start : start + width]
        for _ in range(runs):
            left -= 4
            if left <= 0:
                turn()
            pieces[-1] += b"\1\0\2\0"
        wanted.append(text)
    assert list(shared_strings([bytes(piece) for piece in pieces])) == wanted


def test_a_sheet_that_is_nowhere_costs_only_itself() -> None:
    stream = bytearray(book({"A": number(0, 0, 1), "B": number(0, 0, 2)}))
    at_entry = stream.index(struct.pack("<H", 0x85)) + 4
    stream[at_entry : at_entry + 4] = b"\xff\xff\xff\x7f"
    answer = frames(compound_file({"Workbook": bytes(stream)}), ".xls")
    assert [(page.text, page.code) for page in pages(answer)] == [("A", Code.PAGES_FAILED), ("B\n2", None)]


def test_sheets_that_begin_at_one_place_are_one() -> None:
    stream = book({"A": number(0, 0, 1), "B": b"", "C": b""})
    first = stream.index(struct.pack("<H", 0x85)) + 4
    second = stream.index(struct.pack("<H", 0x85), first) + 4
    same = stream[:second] + stream[first : first + 4] + stream[second + 4 :]
    assert texts(frames(compound_file({"Workbook": same}), ".xls")) == ["A\n1", "C"]


def test_a_sheet_without_an_end_says_so() -> None:
    stream = book({"S": number(0, 0, 1)})
    answer = frames(compound_file({"Workbook": stream[: -len(END)]}), ".xls")
    assert [(page.text, page.code) for page in pages(answer)] == [("S\n1", Code.PAGES_FAILED)]


def test_a_record_that_is_too_short_costs_the_rest_of_its_sheet() -> None:
    answer = frames(xls({"A": number(0, 0, 1) + biff(0x203, b"\0\0"), "B": number(0, 0, 2)}), ".xls")
    assert [(page.text, page.code) for page in pages(answer)] == [("A\n1", Code.PAGES_FAILED), ("B\n2", None)]


@pytest.mark.parametrize("stream", [b"", b"\x09\x08", book({}), biff(0x0809, b"\0\6"), b"no workbook at all"])
def test_a_stream_that_is_no_workbook_is_damaged(stream: bytes) -> None:
    assert end(frames(compound_file({"Workbook": stream}), ".xls")) is Code.STRUCTURE_DAMAGED


def test_encrypted_sheets_outside_a_package_are_told() -> None:
    stream = book({"S": number(0, 0, 1)}, before=biff(0x2F, bytes(6)), version=5)
    assert end(frames(stream, ".xls")) is Code.PASSWORD_NEEDED
    assert end(frames(early(4)[:10] + biff(0x2F, bytes(4)) + early(4)[10:], ".xls")) is Code.ENCRYPTION_UNKNOWN


def test_a_long_shared_string_in_many_cells_does_not_multiply() -> None:
    cells = b"".join(biff(0xFD, at(row, 0) + b"\0\0\0\0") for row in range(2000))
    answer = frames(xls({"S": cells}, shared(["x" * 3000])), ".xls")
    assert end(answer) is Code.TEXT_LIMIT
    assert len(texts(answer)[0]) == REQUEST.max_text_bytes


def test_what_takes_too_long_keeps_what_was_read_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    exhaust_after(2, monkeypatch)
    answer = frames(xls({"S": number(0, 0, 1) + number(0, 1, 2) + number(0, 2, 3), "T": b""}), ".xls")
    assert answer[1:] == [Page(1, "S\n1\t2", Code.READER_LIMIT), Page(2, "T"), Finished()]


@CAREFUL
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x203, 0xFD, 0x204, 6, 0x207, 0x5D, 0x1B6, 0x3C, 0x1C, 0xBD, 0x14]), st.binary(max_size=20)
        )
    )
)
def test_any_records_end_in_a_page(noise: list[tuple[int, bytes]]) -> None:
    records = b"".join(biff(kind, content) for kind, content in noise)
    answer = frames(book({"S": records}), ".xls")
    assert [page.number for page in pages(answer)] == [1]

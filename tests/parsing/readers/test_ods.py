"""OpenDocument spreadsheets: what cells show, sheet by sheet; what is said to come a million times comes a few."""

from typing import ClassVar

import pytest

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from tests.parsing.contract import ParserContract
from tests.parsing.readers.odf_packages import NAME_SPACES
from tests.parsing.readers.workbooks import exhaust_after, ods
from tests.parsing.support import end, frames, members, pages, texts


def table(rows: str, name: str = "S") -> str:
    return f'<table:table table:name="{name}">{rows}</table:table>'


def row(cells: str, repeated: str = "1") -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def cell(shown: str, attributes: str = "", paragraphs: bool = True) -> str:
    text = f"<text:p>{shown}</text:p>" if paragraphs else shown
    return f"<table:table-cell {attributes}>{text}</table:table-cell>"


DATE = cell("05.03.24", 'office:value-type="date" office:date-value="2024-03-05"')


class TestOds(ParserContract):
    format = "ods"
    suffix = ".ods"
    golden: ClassVar[tuple[str, ...]] = ("Lease\nDue\tRent & costs\n2024-03-05\t1.234,50 €\t\tWAHR", "Übersicht\nfirst")
    sample = ods(
        table(
            row(cell("Due") + cell("Rent <text:span>&amp; costs</text:span>"))
            + row(DATE + cell("1.234,50 €", 'office:value-type="currency" office:value="1234.5"')
            + "<table:table-cell/>" + cell("WAHR", 'office:value-type="boolean" office:boolean-value="true"')),
            "Lease",
        )
        + table(row(cell("first")), "Übersicht"),
    )  # fmt: skip


def read(rows: str) -> str:
    return texts(frames(ods(table(rows)), ".ods"))[0].removeprefix("S").strip()


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (cell("a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d"), "a b c d"),
        (cell("<text:p>one</text:p><text:p>two</text:p>", paragraphs=False), "one two"),
        (cell("12", 'office:value-type="float" office:value="12.0000000001"'), "12"),
        (cell("", 'office:value-type="float" office:value="12.50"', paragraphs=False), "12.5"),
        (cell("", 'office:value-type="string" office:string-value="words"', paragraphs=False), "words"),
        (cell("", 'office:value-type="boolean" office:boolean-value="false"', paragraphs=False), "FALSE"),
        (cell("12:30", 'office:value-type="date" office:date-value="2024-03-05T12:30:00"'), "2024-03-05 12:30:00"),
        (cell("12:30", 'office:value-type="time" office:time-value="PT12H30M00S"'), "12:30"),
        (cell("x", 'table:number-columns-repeated="3"') + cell("y"), "x\tx\tx\ty"),
        ('<table:table-cell table:number-columns-repeated="4"/>' + cell("far") + cell("next"), "far\tnext"),
        ("<table:covered-table-cell><text:p>covered</text:p></table:covered-table-cell>", "covered"),
        (cell("a &lt; b"), "a < b"),
    ],
)
def test_what_a_cell_shows(cells: str, text: str) -> None:
    assert read(row(cells)) == text


def test_rows_that_are_empty_leave_one_line() -> None:
    assert read(row(cell("1")) + row("<table:table-cell/>", "1000000") + row(cell("2"))) == "1\n\n2"
    assert read(row(cell("same"), "3") + row(cell("end"))) == "same\nsame\nsame\nend"


def test_what_is_said_to_fill_the_sheet_does_not() -> None:
    text = read(row(cell("x", 'table:number-columns-repeated="16384"'), "1048576"))
    assert text == "\n".join(["\t".join(["x"] * 100)] * 100)


@pytest.mark.parametrize("number", ["-1", "", "1e9", "99999999999999999999", "x"])
def test_numbers_that_are_none_count_as_one(number: str) -> None:
    assert read(row(cell("x", f'table:number-columns-repeated="{number}"') + cell("y"), number)) == "x\ty"


def test_comments_and_boxes_stand_behind_the_cells() -> None:
    comment = (
        "<office:annotation><dc:creator>Ann</dc:creator><text:p>Check</text:p><text:p>this</text:p></office:annotation>"
    )
    box = "<draw:custom-shape><text:p>In a <text:span>box</text:span></text:p></draw:custom-shape>"
    cells = f"<table:table-cell>{comment}{box}<text:p>1</text:p></table:table-cell>"
    shapes = (
        "<table:shapes><draw:frame><draw:text-box><text:p>Above</text:p></draw:text-box></draw:frame></table:shapes>"
    )
    assert read(shapes + row(cells)) == "1\nAbove\nComment (Ann): Check this\nIn a box"


def test_charts_give_their_titles() -> None:
    chart = f"<office:chart{NAME_SPACES}><text:p>Rents by year</text:p><text:p>12</text:p></office:chart>"
    rows = row('<table:table-cell><draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></table:table-cell>')
    book = ods(table(rows), {"Object 1/content.xml": chart})
    assert texts(frames(book, ".ods")) == ["S\nRents by year"]


def test_a_sheet_that_shows_only_pictures_says_so() -> None:
    rows = row(
        '<table:table-cell><draw:frame><draw:image xlink:href="Pictures/1.png"/></draw:frame></table:table-cell>'
    )
    assert [page.code for page in pages(frames(ods(table(rows)), ".ods"))] == [Code.PAGES_WITHOUT_TEXT]
    assert [page.code for page in pages(frames(ods(table(rows + row(cell("1")))), ".ods"))] == [None]


def test_tables_in_changes_and_in_boxes_are_no_sheets() -> None:
    changes = f"<table:tracked-changes>{table(row(cell('deleted')), 'T')}</table:tracked-changes>"
    inner = f"<table:table-cell><draw:frame>{table(row(cell('inner')), 'T')}</draw:frame></table:table-cell>"
    answer = frames(ods(changes + table(row(inner)) + table(row(cell("2")), "B")), ".ods")
    assert answer[0] == Opened("ods", 2)
    assert texts(answer) == ["S\ninner", "B\n2"]


def test_embedded_documents_are_members() -> None:
    book = ods(table(""), {"Object 2": b"PK a letter"})
    assert frames(book, ".ods")[0] == Opened("ods", 1, 1)
    assert members(book, ".ods") == [(Member(1, "Object 2"), b"PK a letter")]


def test_a_package_without_a_body_is_damaged() -> None:
    assert end(frames(ods("", {"content.xml": ""}), ".ods")) in (Code.STRUCTURE_DAMAGED, Code.STRUCTURE_REPAIRED)


def test_a_sheet_that_is_cut_off_keeps_its_beginning() -> None:
    rows = row(cell("1")) + row(cell("2"))
    content = f"<office:document-content{NAME_SPACES}><office:body><office:spreadsheet>{table(rows)}"
    answer = frames(ods("", {"content.xml": content[: content.index("2</text")]}), ".ods")
    assert texts(answer) == ["S\n1"]
    assert end(answer) is Code.STRUCTURE_REPAIRED


def test_entities_are_not_followed() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    content = (
        f"{bomb}<office:document-content{NAME_SPACES}><office:body><office:spreadsheet>{table(row(cell('1 &x; 2')))}"
    )
    content += "</office:spreadsheet></office:body></office:document-content>"
    assert "root:" not in texts(frames(ods("", {"content.xml": content}), ".ods"))[0]


def test_what_takes_too_long_keeps_what_was_read_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    exhaust_after(2, monkeypatch)
    answer = frames(ods(table(row(cell("1") + cell("2") + cell("3"))) + table(row(cell("4")), "T")), ".ods")
    assert answer == [Opened("ods", 2), Page(1, "S\n1\t2", Code.READER_LIMIT), Finished(Code.READER_LIMIT)]

"""XLSX: the values of cells, sheet by sheet; far cells, damage and bombs cost no more than what they are."""

from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Member, Opened, Page
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.readers.packages import package, part, relations
from tests.parsing.readers.workbooks import sheet_part, xlsx
from tests.parsing.support import CAREFUL, REQUEST, end, frames, members, pages, texts

FORMATS = (
    '<numFmts><numFmt numFmtId="164" formatCode="dd.mm.yyyy"/>'
    '<numFmt numFmtId="165" formatCode="0.00 &quot;days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="22"/></cellXfs>'
)
LEASE = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    '<row r="2"><c r="A2" s="1"><v>45356</v></c><c r="B2"><f>SUM(1,2)</f><v>1234.5000000000002</v></c>'
    '<c r="D2" t="b"><v>1</v></c><c r="E2" t="e"><v>#N/A</v></c></row>'
)


class TestXlsx(ParserContract):
    format = "xlsx"
    suffix = ".xlsx"
    golden: ClassVar[tuple[str, ...]] = (
        "Lease\nDue\tRent & costs\n2024-03-05\t1234.5\t\tTRUE\t#N/A",
        "Übersicht\nfirst\tsecond",
    )
    sample = xlsx(
        {"Lease": sheet_part(LEASE), "Übersicht": sheet_part('<row><c t="inlineStr"><is><t>first</t></is></c>'
         '<c t="str"><f>A1</f><v>second</v></c></row>')},
        ["<t>Due</t>", "<r><t>Rent </t></r><r><t>&amp; costs</t></r><rPh sb='0' eb='1'><t>aside</t></rPh>"],
        FORMATS,
    )  # fmt: skip


def read(rows: str, **more: str) -> str:
    return texts(frames(xlsx({"S": sheet_part(rows, **more)}, styles=FORMATS), ".xlsx"))[0].removeprefix("S\n")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A1"><v>12.0</v></c>', "12"),
        ('<c r="A1" t="n"><v>0.1</v></c>', "0.1"),
        ('<c r="A1" s="2"><v>3</v></c>', "3"),
        ('<c r="A1" s="3"><v>45356.5</v></c>', "2024-03-05 12:00:00"),
        ('<c r="A1" s="99"><v>45356</v></c>', "45356"),
        ('<c r="A1" t="d"><v>2024-03-05T12:00:00</v></c>', "2024-03-05 12:00:00"),
        ('<c r="A1" t="b"><v>0</v></c>', "FALSE"),
        ('<c r="A1" t="str"><v>a &lt; b_x000D_&#10;c</v></c>', "a < b c"),
        ('<c r="A1" t="s"><v>7</v></c><c r="B1"><v>x</v></c>', "x"),
        ('<c r="A1" t="s"><v>-1</v></c><c r="B1"><v>x</v></c>', "x"),
        ("<c\n  r='A1'\n  t='str'>\n<v>odd</v>\n</c>", "odd"),
        ('<x:c xmlns:x="urn:y" r="A1"><x:v>1</x:v></x:c><c r="B1"><v>2</v></c>', "2"),
        ('<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r></is></c>', "a b"),
        ('<c r="A1" t="inlineStr"><v>value</v></c>', "value"),
        ('<c r="A1" t="str"><v><![CDATA[a<b]]></v></c>', "a<b"),
        ('<c r="A1"/><c r="B1"><v></v></c><c r="C1"><v>3</v></c>', "3"),
    ],
)
def test_what_a_cell_shows(cell: str, text: str) -> None:
    assert read(f'<row r="1">{cell}</row>').strip() == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="5"><c r="A5"><v>5</v></c></row>', "1\n\n5"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="D1"><v>4</v></c></row>', "1\t\t\t4"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>', "1" + "\t" * 8 + "2"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
         "1\n\n" + "\t" * 8 + "2"),
        ('<row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>0</v></c></row>',
         "\t2\t1\n\n0"),
        ("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>", "1\t2\n3"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2" t="str"><v> </v></c></row>', "1"),
    ],
)  # fmt: skip
def test_rows_and_gaps(rows: str, text: str) -> None:
    assert read(rows) == text


def test_a_workbook_that_counts_from_1904_is_read_so() -> None:
    rows = sheet_part('<row r="1"><c r="A1" s="1"><v>43894</v></c></row>')
    book = xlsx({"S": rows}, styles=FORMATS, properties='<workbookPr date1904="1"/>')
    assert texts(frames(book, ".xlsx")) == ["S\n2024-03-05"]


def test_headings_of_the_printed_pages_are_read_without_their_codes() -> None:
    heading = '&amp;L&amp;"Arial,Bold"&amp;12Secret &amp;&amp; sealed&amp;RPage &amp;P'
    behind = f"<headerFooter><oddHeader>{heading}</oddHeader></headerFooter>"
    assert read('<row r="1"><c r="A1"><v>1</v></c></row>', behind=behind) == "1\nSecret & sealed Page"


def test_comments_stand_behind_the_cells_with_their_authors() -> None:
    comments = (
        "<comments><authors><author>Ann</author></authors><commentList>"
        '<comment ref="A1" authorId="0"><text><r><t>Check </t></r><r><t>this</t></r></text></comment>'
        '<comment ref="A2" authorId="9"><text><t>Whose?</t></text></comment></commentList></comments>'
    )
    book = xlsx(
        {"S": sheet_part('<row r="1"><c r="A1"><v>1</v></c></row>')},
        parts={
            "xl/worksheets/_rels/sheet1.xml.rels": relations(("rId1", "comments", "../comments1.xml")),
            "xl/comments1.xml": comments,
        },
    )
    assert texts(frames(book, ".xlsx")) == ["S\n1\nComment (Ann): Check this\nComment: Whose?"]


def drawn(shapes: str, *targets: tuple[str, str, str], cells: str = "") -> bytes:
    """A workbook whose sheet has a drawing."""
    return xlsx(
        {"S": sheet_part(cells)},
        parts={
            "xl/worksheets/_rels/sheet1.xml.rels": relations(("rId1", "drawing", "../drawings/drawing1.xml")),
            "xl/drawings/drawing1.xml": part("xdr", shapes),
            "xl/drawings/_rels/drawing1.xml.rels": relations(*targets),
            "xl/charts/chart1.xml": part(
                "c:chart", "<c:title><a:p><a:r><a:t>Rents by year</a:t></a:r></a:p></c:title>"
            ),
            "xl/media/image1.png": b"png",
        },
    )


def test_boxes_and_charts_are_read() -> None:
    shapes = "<a:p><a:r><a:t>In a </a:t></a:r><a:r><a:t>box</a:t></a:r></a:p>"
    assert texts(frames(drawn(shapes, ("rId1", "chart", "../charts/chart1.xml")), ".xlsx")) == [
        "S\nIn a box\nRents by year"
    ]


def test_a_sheet_that_shows_only_pictures_says_so() -> None:
    picture = ("rId1", "image", "../media/image1.png")
    assert [page.code for page in pages(frames(drawn("", picture), ".xlsx"))] == [Code.PAGES_WITHOUT_TEXT]
    cells = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert [page.code for page in pages(frames(drawn("", picture, cells=cells), ".xlsx"))] == [None]


def test_hidden_sheets_and_charts_on_sheets_of_their_own_are_read() -> None:
    book = xlsx({"Shown": sheet_part(""), "Chart": "<chartsheet/>"}, parts={
        "xl/worksheets/_rels/sheet2.xml.rels": relations(("rId1", "drawing", "../drawings/drawing1.xml")),
        "xl/drawings/drawing1.xml": part("xdr", ""),
        "xl/drawings/_rels/drawing1.xml.rels": relations(("rId1", "chart", "../charts/chart1.xml")),
        "xl/charts/chart1.xml": part("c:chart", "<a:p><a:t>Rents</a:t></a:p>"),
    })  # fmt: skip
    assert texts(frames(book, ".xlsx")) == ["Shown", "Chart\nRents"]


def test_embedded_documents_are_members() -> None:
    book = xlsx({"S": sheet_part("")}, parts={"xl/embeddings/letter.docx": b"PK a letter"})
    assert frames(book, ".xlsx")[0] == Opened("xlsx", 1, 1)
    assert members(book, ".xlsx") == [(Member(1, "letter.docx"), b"PK a letter")]


def test_a_sheet_that_is_missing_costs_only_itself() -> None:
    book = xlsx({"A": sheet_part(LEASE), "B": sheet_part("")}, ["<t>x</t>", "<t>y</t>"], parts={
        "xl/_rels/workbook.xml.rels": relations(("rId1", "worksheet", "worksheets/none.xml"),
            ("rId2", "worksheet", "worksheets/sheet1.xml"), ("rIdS", "sharedStrings", "sharedStrings.xml")),
    })  # fmt: skip
    answer = frames(book, ".xlsx")
    assert [(page.text.split("\n")[0], page.code) for page in pages(answer)] == [("A", Code.PAGES_FAILED), ("B", None)]
    assert end(answer) is None


def test_a_sheet_that_is_cut_off_keeps_its_beginning() -> None:
    whole = xlsx(
        {
            "S": "<worksheet><sheetData>"
            + "".join(
                f'<row r="{row}"><c r="A{row}" t="str"><v>row {row * 7919 % 1000}</v></c></row>'
                for row in range(1, 3000)
            )
        }
    )
    at = whole.index(b"xl/worksheets/sheet1.xml") + 6000
    answer = frames(whole[:at] + bytes(50) + whole[at + 50 :], ".xlsx")
    (page,) = pages(answer)
    assert page.code is Code.PAGES_FAILED
    assert page.text.startswith("S\nrow 919\nrow 838\nrow 757\n")  # fmt: skip


def test_without_the_list_of_sheets_they_are_found() -> None:
    book = xlsx({"A": sheet_part('<row r="1"><c r="A1"><v>1</v></c></row>')}, parts={"xl/workbook.xml": "<workbook/>"})
    assert texts(frames(book, ".xlsx")) == ["1"]


def test_sheets_that_are_one_part_are_one() -> None:
    links = relations(("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "worksheet", "worksheets/sheet1.xml"))
    book = xlsx({"A": sheet_part(""), "B": sheet_part("")}, parts={"xl/_rels/workbook.xml.rels": links})
    assert texts(frames(book, ".xlsx")) == ["A"]


def test_a_package_that_is_no_workbook_is_damaged() -> None:
    assert (
        end(frames(package({"[Content_Types].xml": "<Types/>", "xl/x.xml": "<a/>"}), ".xlsx")) is Code.STRUCTURE_DAMAGED
    )


def test_entities_in_any_part_are_not_followed() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    sheet = bomb + sheet_part('<row r="1"><c r="A1" t="str"><v>1 &b; &x;</v></c></row>')
    assert texts(frames(xlsx({"S": sheet}), ".xlsx")) == ["S\n1 &b; &x;"]


def test_one_long_string_in_many_cells_does_not_multiply() -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 2000))
    book = xlsx({"S": sheet_part(rows)}, [f"<t>{'x' * 20_000}</t>"])
    answer = frames(book, ".xlsx")
    assert end(answer) is Code.TEXT_LIMIT
    assert len(texts(answer)[0]) == REQUEST.max_text_bytes


def test_a_sheet_of_zeros_that_unpacks_without_end_is_given_up() -> None:
    book = xlsx({"S": sheet_part('<row r="1"><c r="A1"><v>1</v></c></row>' + "<row/>" * 2_000_000)})
    assert len(book) < 100_000
    (page,) = pages(frames(book, ".xlsx"))
    assert (page.text, page.code) == ("S\n1", Code.READER_LIMIT)


def test_what_takes_too_long_keeps_what_was_read_and_says_so() -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row / 7}</v></c></row>' for row in range(1, 200_000))
    with clock.running():
        answer = frames(
            xlsx({"S": sheet_part(rows), "T": sheet_part("")}),
            ".xlsx",
            msgspec.structs.replace(REQUEST, page_cpu_s=0.2),
        )
    assert [page.code for page in pages(answer)] == [Code.READER_LIMIT, None]
    assert pages(answer)[0].text.startswith("S\n0.142857143\n0.285714286\n")


@CAREFUL
@given(
    st.lists(
        st.sampled_from(["<row>", "</row>", '<c r="A1">', "<c>", "</c>", "<v>", "</v>", "7", "<is>", "<t>", "<", ">"])
    )
)
def test_any_marks_end_in_a_page(parts: list[str]) -> None:
    answer = frames(xlsx({"S": sheet_part("".join(parts))}), ".xlsx")
    assert [page.number for page in pages(answer)] == [1]
    assert isinstance(pages(answer)[0], Page)

"""DOCX: all that a document says comes out once, in order, on its page; damage and bombs cost what they must."""

from typing import ClassVar

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.compound_writer import Folder, written
from pipeline.parsing.protocol import Opened, Page
from tests.parsing.contract import ParserContract
from tests.parsing.readers.packages import docx, paragraph, part, relations
from tests.parsing.support import MEMBERS, end, frames, members, pages, texts

SHOWN_BREAK = "<w:r><w:lastRenderedPageBreak/></w:r>"


def text(body: str, parts: dict[str, str | bytes] | None = None) -> str:
    """The text of a document that has one page and is read without any complaint."""
    answer = frames(docx(body, parts), ".docx")
    assert [page.code for page in pages(answer)] == [None]
    assert end(answer) is None
    return texts(answer)[0]


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def line(*content: str) -> str:
    """A paragraph of runs."""
    return f"<w:p>{''.join(content)}</w:p>"


def mark(kind: str) -> str:
    return f"<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>"


def field(instruction: str, result: str) -> str:
    return mark("begin") + instruction + mark("separate") + result + mark("end")


def form(control: str) -> str:
    begin = f"<w:r><w:fldChar w:fldCharType='begin'><w:ffData>{control}</w:ffData></w:fldChar></w:r>"
    return begin + mark("end")


def told(instruction: str) -> str:
    return f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"


def table(*rows: tuple[str, ...]) -> str:
    written = "".join(f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in row)}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{written}</w:tbl>"


NOTES = {
    "word/_rels/document.xml.rels": relations(
        ("rId1", "footnotes", "footnotes.xml"),
        ("rId2", "endnotes", "endnotes.xml"),
        ("rId3", "comments", "comments.xml"),
        ("rId4", "header", "header1.xml"),
        ("rId5", "header", "header2.xml"),
        ("rId6", "footer", "footer1.xml"),
        ("rId7", "hyperlink", "https://example.org/"),
    ),
    "word/footnotes.xml": part(
        "w:footnotes",
        '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        f'<w:footnote w:id="1">{paragraph("First note.")}</w:footnote>'
        f'<w:footnote w:id="2">{paragraph("Second note,")}{paragraph("in two lines.")}</w:footnote>',
    ),
    "word/endnotes.xml": part("w:endnotes", f'<w:endnote w:id="1">{paragraph("The end note.")}</w:endnote>'),
    "word/comments.xml": part(
        "w:comments",
        f'<w:comment w:id="0" w:author="Ada Lund" w:initials="AL">{paragraph("Is that so?")}</w:comment>'
        f'<w:comment w:id="7" w:author="Bo Dahl">{paragraph("Nobody refers to this.")}</w:comment>',
    ),
    "word/header1.xml": part("w:hdr", paragraph("Lund &amp; Dahl, Attorneys")),
    "word/header2.xml": part("w:hdr", paragraph("Lund &amp; Dahl, Attorneys")),
    "word/footer1.xml": part("w:ftr", paragraph("Confidential")),
}
NOTED = (
    f'<w:p>{run("A sentence")}<w:r><w:footnoteReference w:id="1"/></w:r>{run(" with notes.")}'
    f'<w:r><w:endnoteReference w:id="1"/></w:r><w:r><w:commentReference w:id="0"/></w:r></w:p>'
    f"<w:p>{SHOWN_BREAK}{run('The second page')}<w:r><w:footnoteReference w:id='2'/></w:r>{run('.')}</w:p>"
)


class TestDocx(ParserContract):
    format = "docx"
    suffix = ".docx"
    golden: ClassVar[tuple[str, ...]] = (
        "Lund & Dahl, Attorneys\n\nA sentence with notes.\n\nFirst note.\nComment (Ada Lund): Is that so?",
        "The second page.\n\nItem\tPrice\nShelf\t12 €\n\n"
        "Second note,\nin two lines.\nThe end note.\nComment (Bo Dahl): Nobody refers to this.\n"
        "Confidential",
    )
    sample = docx(
        NOTED + table((paragraph("Item"), paragraph("Price")), (paragraph("Shelf"), paragraph("12 €"))) + "<w:sectPr/>",
        NOTES,
    )


STOPS = "<w:pPr><w:tabs><w:tab w:val='left' w:pos='9'/></w:tabs></w:pPr>"
FRACTION = "<m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den>"
RUBY = "<w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase>"
LETTERING = "<w:pict><v:shape><v:textpath string='DRAFT'/></v:shape></w:pict>"
PICTURE = "<w:drawing><wp:inline><wp:docPr id='1' name='Picture 1' descr='A lease'/></wp:inline></w:drawing>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (line(run("ten"), run("ant")), "tenant"),
        (paragraph("x") + line(STOPS, run("a"), "<w:r><w:tab/></w:r>", run("b")), "x\na\tb"),
        (line(run("a"), "<w:r><w:ptab/></w:r>", run("b")), "a\tb"),
        (
            line(run("a"), "<w:r><w:br/></w:r>", run("b"), "<w:r><w:br w:type='column'/><w:cr/></w:r>", run("c")),
            "a\nb\n\nc",
        ),
        (line(run("a"), "<w:r><w:noBreakHyphen/></w:r>", run("b"), "<w:r><w:softHyphen/></w:r>", run("c")), "a-bc"),
        (line(run("a"), "<w:r><w:sym w:char='F0FE'/><w:sym w:char='F0FF'/></w:r>", run("b")), "a☑ b"),
        (line("<w:hyperlink r:id='rId9'>", run("link"), "</w:hyperlink>"), "link"),
        (line("<w:fldSimple w:instr='AUTHOR'>", run("Ada"), "</w:fldSimple>"), "Ada"),
        (f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('in a control')}</w:sdtContent></w:sdt>", "in a control"),
        (line("<w:smartTag>", run("Oslo"), "</w:smartTag>"), "Oslo"),
        (line(f"<m:oMathPara><m:oMath><m:f>{FRACTION}</m:f></m:oMath></m:oMathPara>"), "a/b"),
        (line(run("in "), f"<w:r><w:ruby>{RUBY}</w:ruby></w:r>", run(".")), "in 東京(とうきょう)."),
        (paragraph("one\ntwo"), "one two"),
        (f"{paragraph('a')}<w:p/><w:p/>{paragraph('b')}", "a\n\nb"),
        (line(f"<w:r>{LETTERING}</w:r>"), "DRAFT"),
        (line(f"<w:r>{PICTURE}</w:r>"), "Picture: A lease"),
    ],
)
def test_the_text_of(body: str, expected: str) -> None:
    assert text(body) == expected


OPTIONS = "<w:listEntry w:val='North'/><w:listEntry w:val='South'/>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (field(told("PAGEREF x"), run("12")), "a12b"),
        (field(told("IF ") + field(told("MERGEFIELD x"), run("hidden")) + told(" = 1"), run("shown")), "ashownb"),
        (mark("begin") + mark("end") + mark("end") + mark("separate"), "ab"),
        (form(f"<w:ddList><w:result w:val='1'/>{OPTIONS}</w:ddList>"), "aSouthb"),
        (form(f"<w:ddList>{OPTIONS}</w:ddList>"), "aNorthb"),
        (form(f"<w:ddList><w:result w:val='9'/>{OPTIONS}</w:ddList>"), "ab"),
        (form("<w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox>"), "a☒b"),
        (form("<w:checkBox><w:default w:val='0'/></w:checkBox>"), "a☐b"),
        (form("<w:checkBox/>"), "a☐b"),
    ],
)
def test_of_a_field_only_what_it_shows_is_text(body: str, expected: str) -> None:
    assert text(line(run("a"), body, run("b"))) == expected


def test_what_stands_behind_a_field_that_never_ends_is_read() -> None:
    body = line(mark("begin"), run("instruction")) + paragraph("text")
    assert text(body) == "text"


def test_cells_are_separated_by_tabs_and_rows_by_lines() -> None:
    inner = table((paragraph("c"), paragraph("d")))
    rows = table(("<w:p/>", paragraph("a")), (paragraph("b") + paragraph("b2"), inner + "<w:p/>"), ("<w:p/>", "<w:p/>"))
    assert text(paragraph("before") + rows + paragraph("after")) == "before\n\n\ta\nb\nb2\tc\td\n\nafter"


BOX = f"<w:txbxContent>{paragraph('in the box')}</w:txbxContent>"
CHOICE, FALLBACK = f"<mc:Choice Requires='wps'>{BOX}</mc:Choice>", f"<mc:Fallback><w:pict>{BOX}</w:pict></mc:Fallback>"


@pytest.mark.parametrize(
    "box",
    [
        f"<mc:AlternateContent>{CHOICE}{CHOICE}{FALLBACK}</mc:AlternateContent>",
        f"<mc:AlternateContent>{FALLBACK}</mc:AlternateContent>",
        f"<w:pict>{BOX}</w:pict>",
    ],
)
def test_a_box_is_read_once_behind_its_paragraph(box: str) -> None:
    assert text(line(run("a"), f"<w:r>{box}</w:r>", run("b")) + paragraph("c")) == "ab\nin the box\nc"


def test_inserted_text_is_text_and_deleted_text_is_told_apart() -> None:
    body = (
        f"<w:p>{run('The rent is ')}"
        f"<w:del w:id='1' w:author='Ada'><w:r><w:rPr><w:b/></w:rPr><w:delText>50</w:delText></w:r></w:del>"
        f"<w:del w:id='2' w:author='Ada'><w:r><w:delText>0 kr</w:delText></w:r></w:del>"
        f"<w:ins w:id='3' w:author='Bo'>{run('700 kr')}</w:ins>{run('.')}</w:p>"
        f"<w:p><w:pPr><w:rPr><w:del w:id='4' w:author='Bo'/></w:rPr></w:pPr>"
        f"<w:del w:author='Bo'>{run('old form')}</w:del></w:p>"
    )
    assert text(body) == "The rent is 700 kr.\n\nDeleted (Ada): 500 kr\nDeleted (Bo): old form"


def test_deleted_text_without_an_author_is_found() -> None:
    assert text(f"<w:p>{run('a')}<w:r><w:delText>gone</w:delText></w:r>{run('b')}</w:p>") == "ab\n\nDeleted: gone"


def test_text_that_was_moved_stands_where_it_was_moved_to() -> None:
    body = (
        f"<w:p><w:moveFrom w:author='A'>{run('moved')}</w:moveFrom>{run('first ')}</w:p>"
        f"<w:p><w:moveTo w:author='A'>{run('moved')}</w:moveTo></w:p>"
    )
    assert text(body) == "first \nmoved"


def test_former_formatting_is_no_text() -> None:
    body = f"<w:p><w:pPr><w:pPrChange><w:pPr><w:pageBreakBefore/></w:pPr></w:pPrChange></w:pPr>{run('a')}</w:p>"
    assert text(paragraph("b") + body) == "b\na"


@pytest.mark.parametrize(
    "content",
    [
        f"{run('one')}<w:r><w:br w:type='page'/></w:r></w:p><w:p>{SHOWN_BREAK}{run('two')}",
        f"{run('one')}{SHOWN_BREAK}{run('two')}",
        f"{run('one')}</w:p><w:p><w:pPr><w:pageBreakBefore/></w:pPr>{SHOWN_BREAK}{run('two')}",
        f"{run('one')}</w:p><w:p><w:pPr><w:pageBreakBefore w:val='0'/></w:pPr>{SHOWN_BREAK}{run('two')}",
        f"<w:pPr><w:pageBreakBefore/></w:pPr>{SHOWN_BREAK}{run('one')}</w:p><w:p>{SHOWN_BREAK}{run('two')}",
    ],
)
def test_pages_end_where_the_word_processor_or_the_author_ended_them(content: str) -> None:
    assert texts(frames(docx(f"<w:p>{content}</w:p>"), ".docx")) == ["one", "two"]


def test_a_page_of_pictures_says_so() -> None:
    picture = "<w:p><w:r><w:drawing><pic:pic><a:blip r:embed='rId1'/></pic:pic></w:drawing></w:r></w:p>"
    answer = frames(docx(f"{picture}<w:p>{SHOWN_BREAK}{run('text')}</w:p>{picture}"), ".docx")
    assert pages(answer) == [Page(1, "", Code.PAGES_WITHOUT_TEXT), Page(2, "text")]


def test_a_scan_on_letter_paper_is_a_page_of_pictures() -> None:
    scan = "<w:p><w:r><w:pict><v:shape><v:imagedata r:id='rId1'/></v:shape></w:pict></w:r></w:p>"
    answer = frames(docx(scan, NOTES), ".docx")
    assert [(page.text.partition("\n")[0], page.code) for page in pages(answer)] == [
        ("Lund & Dahl, Attorneys", Code.PAGES_WITHOUT_TEXT)
    ]


TITLE = "<a:p><a:r><a:t>Rents </a:t></a:r><a:r><a:t>by town</a:t></a:r></a:p>"
TOWNS = "<c:cat><c:strCache><c:pt><c:v>Oslo</c:v></c:pt><c:pt><c:v>Bergen</c:v></c:pt></c:strCache></c:cat>"
VALUES = "<c:val><c:numCache><c:pt><c:v>7</c:v></c:pt></c:numCache></c:val>"
CHART = part("c:chartSpace", f"<c:chart><c:title>{TITLE}</c:title>{f'<c:ser>{TOWNS}{VALUES}</c:ser>' * 2}</c:chart>")
DIAGRAM = part(
    "dgm:dataModel", "<dgm:pt><a:p><a:r><a:t>Sign</a:t></a:r><a:br/><a:r><a:t>here</a:t></a:r></a:p></dgm:pt>"
)


def test_charts_and_diagrams_are_read_where_they_stand_once() -> None:
    body = (
        f"<w:p>{run('a')}<w:r><w:drawing><c:chart r:id='rId1'/><c:chart r:id='rId1'/></w:drawing></w:r></w:p>"
        f"<w:p>{run('b')}<w:r><w:drawing><dgm:relIds r:dm='rId2' r:lo='rId1'/></w:drawing></w:r></w:p>"
    )
    related: dict[str, str | bytes] = {
        "word/_rels/document.xml.rels": relations(
            ("rId1", "chart", "charts/chart1.xml"), ("rId2", "diagramData", "diagrams/data1.xml")
        ),
        "word/charts/chart1.xml": CHART,
        "word/diagrams/data1.xml": DIAGRAM,
    }
    assert text(body, related) == "a\nRents by town\nOslo\nBergen\nb\nSign\nhere"


def test_html_that_was_inserted_is_read_in_its_place_and_another_document_is_a_member() -> None:
    inserted: dict[str, str | bytes] = {
        "word/_rels/document.xml.rels": relations(("rId1", "aFChunk", "part.htm"), ("rId2", "aFChunk", "part.rtf")),
        "word/part.htm": "<html><head><title>no</title></head><body><p>Inserted<script>no</script></p></body></html>",
        "word/part.rtf": b"{\\rtf1 other}",
    }
    content = docx(paragraph("a") + "<w:altChunk r:id='rId1'/><w:altChunk r:id='rId2'/>" + paragraph("b"), inserted)
    answer = frames(content, ".docx")
    assert answer[0] == Opened("docx", 1, 1)
    assert texts(answer) == ["a\n\nInserted\n\nb"]
    assert [(member.name, data) for member, data in members(content, ".docx")] == [("part.rtf", b"{\\rtf1 other}")]


EMBEDDED: dict[str, str | bytes] = {
    "word/embeddings/sheet10.xlsx": b"PK ten",
    "word/embeddings/sheet9.xlsx": b"PK nine",
    "word/embeddings/odd.bin": b"no OLE object",
}


def test_embedded_documents_are_members() -> None:
    content = docx(paragraph("a"), EMBEDDED)
    assert frames(content, ".docx")[0] == Opened("docx", 1, 3)
    assert [(member.number, member.name, data) for member, data in members(content, ".docx")] == [
        (1, "odd.bin", b"no OLE object"),
        (2, "sheet9.xlsx", b"PK nine"),
        (3, "sheet10.xlsx", b"PK ten"),
    ]
    later = members(content, ".docx", msgspec.structs.replace(MEMBERS, first_page=3))
    assert [(member.number, member.name) for member, _ in later] == [(3, "sheet10.xlsx")]


def ole(**streams: bytes) -> bytes:
    return written(Folder(streams={name.replace("_", " "): content for name, content in streams.items()}))


def test_what_lies_in_ole_objects_is_taken_out_and_formulas_are_no_members() -> None:
    native = b"\x02\x00Terms.txt\x00C:\\Terms.txt\x00\x00\x00\x03\x00\x00\x00\x00\x00\x04\x00\x00\x00terms"[:-1]
    objects: dict[str, str | bytes] = {
        "word/embeddings/oleObject1.bin": ole(Equation_Native=b"x" * 100),
        "word/embeddings/oleObject2.bin": ole(Package=b"PK sheet"),
        "word/embeddings/oleObject3.bin": ole(**{"\x01Ole10Native": len(native).to_bytes(4, "little") + native}),
        "word/embeddings/oleObject4.bin": ole(Unknown=b"x" * 70_000),
        "word/embeddings/oleObject5.bin": ole(Package=b"PK sheet")[:100],
    }
    content = docx(paragraph("a"), objects)
    assert frames(content, ".docx")[0] == Opened("docx", 1, 4)
    assert [(member.number, member.code, data) for member, data in members(content, ".docx")] == [
        (1, None, b"PK sheet"),
        (2, None, b"term"),
        (3, Code.FORMAT_NOT_READ, b""),
        (4, Code.STRUCTURE_DAMAGED, b""),
    ]


def test_a_member_that_is_damaged_or_too_large_says_so_and_the_others_come_out() -> None:
    content = docx(paragraph("a"), {**EMBEDDED, "word/embeddings/large.bin": b"x" * 5000})
    place = content.index(b"word/embeddings/sheet9.xlsx") + len("word/embeddings/sheet9.xlsx")
    damaged = content[:place] + b"\xff" + content[place + 1 :]
    limited = msgspec.structs.replace(MEMBERS, max_member_bytes=4000)
    assert [(member.name, member.code) for member, _ in members(damaged, ".docx", limited)] == [
        ("large.bin", Code.MEMBER_LIMIT),
        ("odd.bin", None),
        ("sheet9.xlsx", Code.STRUCTURE_DAMAGED),
        ("sheet10.xlsx", None),
    ]

"""The day that a document says it is of, format by format: as it was written, and none where it is hidden or broken."""

import io
import struct
from datetime import UTC, datetime

import pypdf
import pytest

from pipeline.parsing import compound
from pipeline.parsing.protocol import Finished, Opened
from pipeline.parsing.readers import ole_date
from tests.ole_writer import compound_file
from tests.parsing.readers.odf_packages import odt
from tests.parsing.readers.packages import docx, package, paragraph, relations
from tests.parsing.readers.test_epub import chapter, epub
from tests.parsing.readers.test_pptx import pptx, slide
from tests.parsing.readers.word_writer import Word
from tests.parsing.readers.workbooks import book, ods, sheet_part, xlsb, xlsx
from tests.parsing.support import frames
from tests.pdf_writer import PdfPage, pdf

CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}'
    "</cp:coreProperties>"
)
CREATED = '<dcterms:created xsi:type="dcterms:W3CDTF">2012-07-01T08:00:00Z</dcterms:created>'
MODIFIED = '<dcterms:modified xsi:type="dcterms:W3CDTF">2024-03-01T17:30:00Z</dcterms:modified>'
META = (
    '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<office:meta>{}</office:meta></office:document-meta>"
)
MADE = "<meta:creation-date>2012-07-01T08:00:00.123</meta:creation-date>"
SAVED = "<dc:date>2024-03-01T17:30:00.456</dc:date>"


def dated(content: bytes, suffix: str) -> str:
    """The day in the first frame of a document that is read to its end without any complaint."""
    answer = frames(content, suffix)
    assert isinstance(answer[0], Opened)
    assert answer[-1] == Finished()
    return answer[0].dated


def about(**entries: str) -> bytes:
    """A PDF that says this of itself."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf(PdfPage(("words",)))))
    writer.add_metadata({f"/{name}": value for name, value in entries.items()})
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("entries", "day"),
    [
        ({"CreationDate": "D:20240301093000+01'00'", "ModDate": "D:20250101000000Z"}, "2024-03-01"),
        ({"ModDate": "D:20250101000000Z"}, "2025-01-01"),
        ({"CreationDate": "in spring", "ModDate": "D:20250101000000Z"}, "2025-01-01"),
        ({"CreationDate": "9" * 100_000}, ""),
        ({"Title": "2024-03-01"}, ""),
    ],
)
def test_a_pdf_is_of_the_day_on_which_it_was_made_else_changed(entries: dict[str, str], day: str) -> None:
    assert dated(about(**entries), ".pdf") == day


@pytest.mark.parametrize("entry", [b"99 0 R", b"[1 2]", b"/Name", b"<< /CreationDate << >> >>", b"1 0 R", b"null"])
def test_a_pdf_with_a_broken_entry_about_itself_is_read_as_any_other(entry: bytes) -> None:
    assert dated(pdf(PdfPage(("words",))).replace(b"/Root 1 0 R", b"/Root 1 0 R /Info " + entry), ".pdf") == ""


def test_a_pdf_that_only_the_second_reader_opens_has_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.parsing.readers import pdf as reader

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(reader, "opened", broken)
    first = frames(about(CreationDate="D:20240301093000Z"), ".pdf")[0]
    assert isinstance(first, Opened)
    assert first.dated == "2024-03-01"


@pytest.mark.parametrize(
    ("core", "day"),
    [
        (CORE.format(CREATED + MODIFIED), "2024-03-01"),
        (CORE.format(CREATED), "2012-07-01"),
        (CORE.format("<dcterms:modified>never</dcterms:modified>" + CREATED), "2012-07-01"),
        (CORE.format(MODIFIED.replace("2024", "2" * 100_000)), ""),
        ("<broken", ""),
        ("", ""),
    ],
)
def test_an_office_document_is_of_the_day_on_which_it_was_saved_else_made(core: str, day: str) -> None:
    """Made means that of the template, often years before. What is broken there is no fault of the text."""
    parts: dict[str, str | bytes] = {"docProps/core.xml": core}
    assert dated(docx(paragraph("words"), parts), ".docx") == day
    assert dated(pptx({"one": slide()}, parts), ".pptx") == day
    assert dated(xlsx({"S": sheet_part("")}, parts=parts), ".xlsx") == day
    assert dated(xlsb({"S": b""}, parts=parts), ".xlsb") == day


def test_the_part_that_the_package_names_counts() -> None:
    named = relations(
        ("rId1", "officeDocument", "word/document.xml"), ("rId2", "metadata/core-properties", "about/it.xml")
    )
    parts: dict[str, str | bytes] = {"_rels/.rels": named, "about/it.xml": CORE.format(MODIFIED)}
    assert dated(docx(paragraph("words"), parts), ".docx") == "2024-03-01"


@pytest.mark.parametrize(
    ("meta", "day"),
    [(META.format(MADE + SAVED), "2024-03-01"), (META.format(MADE), "2012-07-01"), ("<x", ""), ("", "")],
)
def test_an_opendocument_is_of_the_day_on_which_it_was_saved_else_made(meta: str, day: str) -> None:
    assert dated(odt("<text:p>words</text:p>", {"meta.xml": meta}), ".odt") == day
    assert dated(ods("<table:table table:name='S'/>", {"meta.xml": meta}), ".ods") == day


def test_a_book_is_of_the_day_of_its_publication() -> None:
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        '<dc:date>2019-05</dc:date><dc:date>2024-01-01</dc:date></metadata><manifest><item id="c" href="a.xhtml"/>'
        '</manifest><spine><itemref idref="c"/></spine></package>'
    )
    book_of = epub({"a.xhtml": chapter("<p>words</p>")}, {"OPS/book.opf": opf})
    assert dated(book_of, ".epub") == "2019-05-01"
    assert dated(epub({"a.xhtml": chapter("<p>words</p>")}), ".epub") == ""


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta name="date" content="2024-03-01">', "2024-03-01"),
        ("<META CONTENT='2024-03-01T10:00:00' NAME='DC.Date'/>", "2024-03-01"),
        ("<meta name=changed content=20240301;103000><meta name=created content=20240228;1>", "2024-02-28"),
        ('<meta property="article:modified_time" content="2025-01-01">'
         '<meta property="article:published_time" content="2024-03-01">', "2024-03-01"),
        ('<meta http-equiv="last-modified" content="Fri, 1 Mar 2024 09:30:00 GMT">', "2024-03-01"),
        ('<meta name="date" content="soon"><meta name="dcterms.modified" content="2024-03-01">', "2024-03-01"),
        ('<meta name="keywords" content="2024-03-01">', ""),
        ("<meta " * 20_000, ""),
        ('<meta name="date" content="' + "9" * 100_000 + '">', ""),
    ],
)  # fmt: skip
def test_a_web_page_is_of_the_day_that_its_head_names(head: str, day: str) -> None:
    assert dated(f"<html><head>{head}</head><body>words</body></html>".encode(), ".html") == day


def test_rich_text_is_of_the_day_on_which_it_was_saved_else_made() -> None:
    made, saved = rb"{\creatim\yr2012\mo7\dy1\hr8}", rb"{\revtim\yr2024\mo3\dy1\hr17\min30}"
    for info, day in ((made + saved, "2024-03-01"), (made, "2012-07-01"), (rb"{\revtim\yr2024\mo13\dy1}", "")):
        assert dated(rb"{\rtf1\ansi{\info" + info + rb"}words}", ".rtf") == day


def summary(*properties: tuple[int, int, datetime | int]) -> bytes:
    """A stream of properties: number, type, and a time or whatever else is written there."""
    places, values = b"", b""
    for number, kind, value in properties:
        places += struct.pack("<II", number, 8 + 8 * len(properties) + len(values))
        since = (
            value if isinstance(value, int) else int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 1e7)
        )
        values += struct.pack("<IQ", kind, since)
    return struct.pack("<HH20xI16xI", 0xFFFE, 0, 1, 48) + struct.pack("<II", 8, len(properties)) + places + values


MADE_AT, SAVED_AT = datetime(2012, 7, 1, 8, tzinfo=UTC), datetime(2024, 3, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stream", "day"),
    [
        (summary((12, 0x40, MADE_AT), (13, 0x40, SAVED_AT)), "2024-03-01"),
        (summary((12, 0x40, MADE_AT), (13, 0x40, 0)), "2012-07-01"),
        (summary((13, 0x1F, SAVED_AT)), ""),
        (summary((13, 0x40, (1 << 64) - 1)), ""),
        (summary((13, 0x40, SAVED_AT))[:-1], ""),
        (summary((13, 0x40, SAVED_AT))[:40], ""),
        (b"\xff" * 100, ""),
        (b"", ""),
    ],
)
def test_documents_of_before_2007_are_of_the_day_on_which_they_were_saved_else_made(stream: bytes, day: str) -> None:
    streams = {"\x05SummaryInformation": stream}
    assert dated(compound_file(Word("words\r").streams() | streams), ".doc") == day
    assert dated(compound_file({"Workbook": book({"S": b""})} | streams), ".xls") == day


def test_a_summary_that_is_not_whole_is_no_fault_of_the_text() -> None:
    """Its entry in the directory promises more than lies in the file."""
    file = bytearray(compound_file(Word("words\r").streams() | {"\x05SummaryInformation": bytes(8192)}))
    entry = file.index("\x05SummaryInformation".encode("utf-16-le"))
    struct.pack_into("<I", file, entry + 120, 100_000)
    root = compound.opened(io.BytesIO(file))
    assert (ole_date.saved(root), root.is_whole) == ("", True)
    root.stream("\x05SummaryInformation")
    assert not root.is_whole
    assert dated(bytes(file), ".doc") == ""


def test_formats_that_say_nothing_of_themselves_have_no_day() -> None:
    for content, suffix in ((b"words of 2024-03-01", ".txt"), (b"a,b\n2024-03-01,2\n", ".csv"), (package({}), ".zip")):
        assert dated(content, suffix) == ""

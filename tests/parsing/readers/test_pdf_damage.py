"""Damaged and hostile PDF files: mended where that is possible and told, never called complete when pages are lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Page
from tests.parsing.readers.test_pdf import TestPdf as Sample
from tests.parsing.support import CAREFUL, assert_well_formed, end, frames, pages, texts
from tests.pdf_writer import PdfPage, assemble, pdf

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
SAMPLE, GOLDEN = Sample.sample, list(Sample.golden)
TABLE = SAMPLE.rindex(b"xref\n0 ")
# As a program writes it that puts the first page first for the web ("linearized"): the trailer stands at the beginning.
WEB_HEAD = b"%PDF-1.7\ntrailer\n<< /Size 99 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
WEB_BODY = SAMPLE[SAMPLE.index(b"1 0 obj") : TABLE]


@pytest.mark.parametrize(
    "damaged",
    [
        SAMPLE[: SAMPLE.rindex(b"startxref")],
        SAMPLE[: SAMPLE.rindex(b"startxref")] + b"startxref\n",
        SAMPLE[:TABLE] + SAMPLE[SAMPLE.rindex(b"trailer") : SAMPLE.rindex(b"startxref")],
        SAMPLE[:TABLE],
    ],
    ids=["no startxref", "no offset", "no table", "neither table nor trailer"],
)
def test_a_lost_cross_reference_table_is_rebuilt_and_that_is_told(damaged: bytes) -> None:
    answer = frames(damaged, ".pdf")
    assert texts(answer) == GOLDEN
    assert end(answer) is Code.STRUCTURE_REPAIRED


def test_a_catalogue_is_found_among_what_is_none() -> None:
    """Where its own object says so, and not where another object ends before it."""
    body = SAMPLE[:TABLE].replace(b"<< /Type /Catalog", b"<< /Lang (en) /Type /Catalog")
    decoys = b"7 0 obj << /A 1 >> (/Type /Catalog) 8 0 obj\n"
    answer = frames(body.replace(b"1 0 obj", decoys + b"1 0 obj", 1), ".pdf")
    assert texts(answer) == GOLDEN
    assert end(answer) is Code.STRUCTURE_REPAIRED


def test_a_page_whose_content_is_lost_is_not_a_blank_page() -> None:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 9 0 R >>"
    answer = frames(assemble([CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page]), ".pdf")
    assert pages(answer) == [Page(1, "", Code.PAGES_FAILED, "pypdf")]


def test_a_page_that_the_page_tree_names_and_nobody_finds_is_missed() -> None:
    kids = SAMPLE[SAMPLE.index(b"/Kids [") :][:20]
    answer = frames(SAMPLE.replace(kids, kids.replace(b"[6 0 R", b"[9 9 R")), ".pdf")
    assert GOLDEN[1:] == texts(answer)[-2:]
    assert end(answer) is not None or Code.PAGES_FAILED in [page.code for page in pages(answer)]


@CAREFUL
@given(st.integers(0, len(WEB_BODY) - 1))
def test_a_download_that_broke_off_is_never_called_complete(length: int) -> None:
    answer = frames(WEB_HEAD + WEB_BODY[:length], ".pdf")
    assert_well_formed(answer)
    complete = end(answer) is None and all(page.code is None for page in pages(answer))
    assert not complete or texts(answer) == GOLDEN


def tree(*nodes: bytes) -> bytes:
    return assemble([CATALOG, *nodes])


@pytest.mark.parametrize(
    "hostile",
    [
        tree(b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
        tree(b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
        tree(b"[" * 50_000),
        tree(b"<< /Type /Pages /Kids 7 /Count (many) >>"),
    ],
    ids=["its own kid", "two in a circle", "deep arrays", "wrong types"],
)
def test_a_page_tree_that_leads_nowhere_is_damage(hostile: bytes) -> None:
    assert frames(hostile, ".pdf") == [Finished(Code.STRUCTURE_DAMAGED)]


@pytest.mark.parametrize(
    "hostile",
    [
        PdfPage(content=b" " * 200_000_000, filter="FlateDecode"),
        PdfPage(content=b"BT " + b"[" * 100_000 + b" TJ ET"),
        PdfPage(content=b"BT (" + b"(" * 100_000 + b" Tj ET"),
    ],
    ids=["a stream that swells", "deep arrays", "an endless string"],
)
def test_a_hostile_content_stream_costs_only_its_page(hostile: PdfPage) -> None:
    answer = frames(pdf(PdfPage(("one",)), hostile, PdfPage(("three",))), ".pdf")
    assert texts(answer)[::2] == ["one", "three"]
    assert pages(answer)[1].text == ""
    assert pages(answer)[1].code in (Code.READER_LIMIT, Code.PAGES_FAILED, Code.PAGES_WITHOUT_TEXT)

"""Real documents through real children, by either launcher: what is kept, what is lost, and what it may cost."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.config import ParsingConfig
from pipeline.datatypes import PageText
from pipeline.outcomes import Code, State
from pipeline.parsing.sandbox import _Reading
from pipeline.parsing.zygote import Launcher, Zygote
from tests.parsing.readers.test_html import TestHtml as Html
from tests.parsing.readers.test_markdown import TestMarkdown as Markdown
from tests.parsing.readers.test_pdf import UNREADABLE
from tests.parsing.readers.test_pdf import TestPdf as Pdf
from tests.parsing.readers.test_text import TestText as Text
from tests.parsing.script import LIMITS, parse
from tests.pdf_writer import PdfPage, assemble, pdf

ONE, THREE = PdfPage(("one",)), PdfPage(("three",))
# Several seconds of work, and within pypdf's own limits: whoever waits gets its text. The sandbox waits far shorter.
SLOW = PdfPage(content=b"BT /F1 9 Tf (x) Tj ET " * 200_000, filter="FlateDecode")


@pytest.mark.parametrize("kind", [Pdf, Text, Markdown, Html])
def test_a_good_document_is_read_whole(
    launcher: Launcher, tmp_path: Path, kind: type[Pdf | Text | Markdown | Html]
) -> None:
    document = parse(launcher, tmp_path, kind.sample, kind.suffix)
    assert (document.format, document.page_count, document.code) == (kind.format, len(kind.golden), Code.COMPLETE)
    assert [(page.number, page.text.strip()) for page in document.pages] == list(enumerate(kind.golden, 1))


def test_a_page_that_raises_costs_only_that_page(launcher: Launcher, tmp_path: Path) -> None:
    document = parse(launcher, tmp_path, pdf(ONE, PdfPage(("two",), filter=UNREADABLE), THREE), ".pdf")
    assert [page.text.strip() for page in document.pages][::2] == ["one", "three"]
    assert [page.code for page in document.pages] == [None, Code.PAGES_FAILED, None]
    assert document.code is Code.PAGES_FAILED


def test_a_refused_document_has_no_pages(launcher: Launcher, tmp_path: Path) -> None:
    document = parse(launcher, tmp_path, b"Rar!\x1a\x07\x01" + b"\x00" * 60, ".docx")
    assert (document.format, document.page_count, document.pages) == ("", 0, ())
    assert document.code is Code.FORMAT_NOT_READ


def test_a_page_that_takes_too_long_is_lost_and_the_others_are_kept(zygote: Zygote, tmp_path: Path) -> None:
    limits = ParsingConfig(timeout_s=60.0, page_timeout_s=2.0)
    document = parse(zygote, tmp_path, pdf(ONE, SLOW, THREE), ".pdf", limits)
    assert [page.text.strip() for page in document.pages] == ["one", "", "three"]
    assert document.pages[1] == PageText(2, "", Code.READER_LIMIT, "pypdf")
    assert document.code is Code.READER_LIMIT


def test_a_page_is_given_up_by_its_child_well_before_the_clock_ends_the_child() -> None:
    reading = _Reading(ParsingConfig(), ())
    assert reading.request(".pdf").page_cpu_s == pytest.approx(7.0)
    assert 4 * reading.request(".pdf").page_cpu_s < 30  # opening, mending and two pages: then the document is given up
    reading.effort = 2
    assert reading.request(".pdf").page_cpu_s == pytest.approx(14.0)


def test_many_line_breaks_are_read_in_good_time(zygote: Zygote, tmp_path: Path) -> None:
    """A table of a hundred thousand empty lines is a tenth of a second's work, unless it is done once per line."""
    limits = ParsingConfig(timeout_s=60.0, page_timeout_s=1.5)
    document = parse(zygote, tmp_path, b"<html>begin" + b"<br>" * 100_000 + b"end", ".html", limits)
    assert [page.text for page in document.pages] == ["begin\nend"]


@pytest.mark.parametrize(
    "hostile",
    [
        pdf(PdfPage(content=b"\x00" * 200_000_000, filter="FlateDecode")),
        assemble([b"<< /Type /Catalog /Pages 2 0 R >>", b"[" * 200_000]),
        assemble([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /A " * 20_000]),
        assemble([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]),
        b"%PDF-1.7\n" + zlib.compress(b"x" * 100_000),
        b"<html>" + b"<b>" * 20_000,
        bytes(range(256)) * 1000,
    ],
    ids=["a stream that swells", "deep arrays", "deep dictionaries", "a circle", "no structure", "deep tags", "noise"],
)
def test_a_hostile_document_comes_to_an_end_without_text(zygote: Zygote, tmp_path: Path, hostile: bytes) -> None:
    document = parse(zygote, tmp_path, hostile, "")
    assert document.code.state in (State.DAMAGED, State.NO_TEXT, State.UNSUPPORTED, State.TOO_LARGE)
    assert not any(page.text.strip() for page in document.pages)


def test_threads_may_share_a_sandbox(launcher: Launcher, tmp_path: Path) -> None:
    def read(number: int) -> list[str]:
        folder = tmp_path / str(number)
        folder.mkdir()
        pages = parse(launcher, folder, pdf(PdfPage((f"document {number}",)), ONE), ".pdf").pages
        return [page.text.strip() for page in pages]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(6))) == [[f"document {number}", "one"] for number in range(6)]


def test_text_of_a_document_never_appears_on_the_terminal(
    launcher: Launcher, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each of these makes its library complain, with what it found."""
    for content, suffix in (
        (pdf(PdfPage(content=b"BT (sesame) Tj >> sesame ET"))[:-30], ".pdf"),
        (b"%PDF-1.7 sesame\n1 0 obj << /sesame sesame", ".pdf"),
        (b"sesame \xff\xfe\xfd", ".txt"),
    ):
        parse(launcher, tmp_path, content, suffix, LIMITS)
    assert capfd.readouterr() == ("", "")

"""PDF: pages, form values and notes come out; what was not read is told."""

import io
from typing import ClassVar

import pypdf
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Opened, Page
from tests.parsing.contract import ParserContract
from tests.parsing.support import end, frames, pages, texts
from tests.pdf_writer import PdfPage, assemble, pdf

UNREADABLE = "NoSuchDecode"  # a filter that no reader knows


class TestPdf(ParserContract):
    format = "pdf"
    suffix = ".pdf"
    golden: ClassVar[tuple[str, ...]] = ("Lease (draft) \\ 12 €", "two\nlines", "third page")
    sample = pdf(*(PdfPage(tuple(text.splitlines())) for text in golden))


def test_a_page_that_raises_costs_only_that_page() -> None:
    answer = frames(pdf(PdfPage(("one",)), PdfPage(("two",), filter=UNREADABLE), PdfPage(("three",))), ".pdf")
    assert texts(answer)[::2] == ["one", "three"]
    assert [page.code for page in pages(answer)] == [None, Code.PAGES_FAILED, None]
    assert answer[-1] == Finished()


def test_a_page_that_shows_only_an_image_says_so_and_a_blank_one_does_not() -> None:
    answer = frames(pdf(PdfPage(image=True), PdfPage(), PdfPage(("text",), image=True)), ".pdf")
    assert pages(answer)[:2] == [Page(1, "", Code.PAGES_WITHOUT_TEXT, "pypdf"), Page(2, "", None, "pypdf")]
    assert pages(answer)[2].code is None


def test_a_page_that_draws_an_inline_image_says_so() -> None:
    drawn = PdfPage(content=b"q BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q")
    assert pages(frames(pdf(drawn), ".pdf")) == [Page(1, "", Code.PAGES_WITHOUT_TEXT, "pypdf")]


def test_form_values_and_notes_follow_the_text_of_their_page() -> None:
    filled = PdfPage(("Name:",), notes=("please check (again)",), fields=("Ms É. Rolland",))
    answer = frames(pdf(filled, PdfPage(fields=("only a value",))), ".pdf")
    lines = [[line for line in text.splitlines() if line] for text in texts(answer)]
    assert lines == [["Name:", "please check (again)", "Ms É. Rolland"], ["only a value"]]


def test_a_scan_with_a_note_still_says_that_its_image_was_not_read() -> None:
    answer = frames(pdf(PdfPage(image=True, notes=("approved",))), ".pdf")
    assert pages(answer) == [Page(1, "approved", Code.PAGES_WITHOUT_TEXT, "pypdf")]


def with_annotations(annotations: bytes, *more: bytes) -> bytes:
    """A page with these annotations; further objects are numbered from 5."""
    font = b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R %b /Annots %b >>" % (font, annotations)
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return assemble([b"<< /Type /Catalog /Pages 2 0 R >>", tree, page, PdfPage(("text",)).stream(), *more])


def test_a_value_held_by_the_parent_field_is_read_and_a_checkbox_is_not() -> None:
    widget = b"<< /Type /Annot /Subtype /Widget /Parent 6 0 R >>"
    checkbox = b"<< /Type /Annot /Subtype /Widget /FT /Btn /V (ticked) >>"
    parent = b"<< /FT /Ch /T (country) /V (Norway) /Kids [5 0 R] >>"
    answer = frames(with_annotations(b"[5 0 R 7 0 R]", widget, parent, checkbox), ".pdf")
    assert texts(answer)[0].endswith("Norway")
    assert "ticked" not in texts(answer)[0]


@pytest.mark.parametrize("broken", [b"7", b"[null 99 0 R 1 (x)]", b"[<< /Subtype /Widget /Parent 3 >>]", b"99 0 R"])
def test_broken_annotations_do_not_cost_the_text_of_the_page(broken: bytes) -> None:
    answer = frames(with_annotations(broken), ".pdf")
    assert (texts(answer), pages(answer)[0].code) == (["text"], None)


def encrypted(user: str, algorithm: str, sample: bytes = TestPdf.sample) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(sample))
    writer.encrypt(user, "the owner's", algorithm=algorithm)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"])
def test_a_file_that_opens_with_a_password_needs_it_and_one_that_only_forbids_printing_is_read(algorithm: str) -> None:
    assert frames(encrypted("secret", algorithm), ".pdf") == [Finished(Code.PASSWORD_NEEDED)]
    answer = frames(encrypted("", algorithm), ".pdf")
    assert texts(answer) == list(TestPdf.golden)
    assert answer[-1] == Finished()


@pytest.mark.parametrize(
    "handler", [b"/Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5", b"/Filter /Standard /V 9 /R 9"]
)
def test_encryption_of_an_unknown_kind_is_told_as_such(handler: bytes) -> None:
    entry = b"trailer\n<< /ID [(0123456789abcdef) (0123456789abcdef)] /Encrypt << %b >>" % handler
    assert end(frames(TestPdf.sample.replace(b"trailer\n<<", entry), ".pdf")) is Code.ENCRYPTION_UNKNOWN


def test_the_version_of_a_file_before_its_header_does_not_matter() -> None:
    answer = frames(b"junk of a mail gateway\r\n" + TestPdf.sample, ".pdf")
    assert answer[0] == Opened("pdf", 3)
    assert texts(answer) == list(TestPdf.golden)

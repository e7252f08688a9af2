"""Two readers of a PDF page: who is asked, whose text is kept, and what the page's code says of what nobody read."""

import io
from collections.abc import Iterator

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.cleaning import clean
from pipeline.parsing.protocol import Finished, Opened, Page
from pipeline.parsing.readers import pdf as pdf_reader
from pipeline.parsing.readers.pdf_notes import MAX_NOTES
from pipeline.parsing.readers.pdf_pages import COMPARED
from pipeline.parsing.readers.pdfium import Pdfium
from tests.hostile.pdf_parts import FONT, HELLO, PAGE, document, stream, with_entry
from tests.parsing.readers.test_pdf import encrypted
from tests.parsing.support import REQUEST, end, frames, pages, texts
from tests.pdf_writer import PdfPage, pdf

LETTER = (
    "the notice of termination takes effect at the end of the month",
    "in which it is received by the other party to this agreement",
)
GLUED = PdfPage(glued=LETTER)
CLEAN = PdfPage(LETTER)
WHOLE = (595, 842)
# pypdf takes widths for numbers before it looks at them; what the page shows is all there.
UNREADABLE_WIDTHS = FONT.replace(
    b"/Encoding", b"/FirstChar 97 /LastChar 123 /Widths [%b (x)] /Encoding" % (b"500 " * 26)
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The pages of which pdfium is asked for the text."""
    numbers: list[int] = []
    text = Pdfium.text

    def noted(second: Pdfium, number: int) -> str | None:
        numbers.append(number)
        return text(second, number)

    monkeypatch.setattr(Pdfium, "text", noted)
    yield numbers


def read(data: bytes, **changes: object) -> list[Page]:
    return pages(frames(data, ".pdf", msgspec.structs.replace(REQUEST, **changes)))


def readers(found: list[Page]) -> list[str]:
    return [page.reader for page in found]


def lines(page: Page) -> list[str]:
    return page.text.strip().splitlines()


def test_a_page_of_glued_words_is_read_by_the_second_reader() -> None:
    (page,) = read(pdf(GLUED))
    assert (lines(page), page.code, page.reader) == (list(LETTER), None, "pdfium")


def test_without_the_second_reader_the_words_would_be_glued() -> None:
    (page,) = read(pdf(GLUED), retry=True)
    assert (lines(page), page.reader) == ([line.replace(" ", "") for line in LETTER], "pypdf")


def test_clean_pages_are_those_of_the_first_reader_and_the_second_is_not_asked(asked: list[int]) -> None:
    found = read(pdf(*[CLEAN] * 3))
    assert readers(found) == ["pypdf"] * 3
    assert asked == []
    assert found == read(pdf(*[CLEAN] * 3), retry=True)


def test_a_few_pages_of_a_clean_document_are_compared_and_none_is_changed(asked: list[int]) -> None:
    found = read(pdf(*[CLEAN] * 13))
    assert readers(found) == ["pypdf"] * 13
    assert asked == [4, 12] == sorted(COMPARED)[:2]


def test_behind_a_page_that_was_replaced_all_are_read_twice(asked: list[int]) -> None:
    found = read(pdf(CLEAN, GLUED, CLEAN, CLEAN, GLUED))
    assert readers(found) == ["pypdf", "pdfium", "pypdf", "pypdf", "pdfium"]
    assert asked == [2, 3, 4, 5]
    assert [lines(page) for page in found] == [list(LETTER)] * 5


def test_a_text_that_the_second_reader_half_lost_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pdfium, "text", lambda *_: "the notice")
    (page,) = read(pdf(PdfPage((*LETTER, "andonemorelinewithoutanyspacesinit"))))
    assert page.reader == "pypdf"
    assert page.text.startswith(LETTER[0])


def test_a_text_that_the_second_reader_tore_is_not_taken_for_one_that_looks_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pdfium, "text", lambda *_: " ".join(" ".join(LETTER).replace(" ", "")))
    assert readers(read(pdf(*[CLEAN] * 4))) == ["pypdf"] * 4


def test_a_page_at_which_the_first_reader_fails_is_read_when_all_it_shows_is_there() -> None:
    (page,) = read(document(font=UNREADABLE_WIDTHS))
    assert (page.text.strip(), page.code, page.reader) == ("hello", None, "pdfium")
    noted = document(
        more=[b"<< /Subtype /Text /Contents (a note) >>"],
        font=UNREADABLE_WIDTHS,
        page=with_entry(PAGE, b"/Annots [6 0 R]"),
    )
    assert read(noted) == [Page(1, "hello\n\na note", None, "pdfium")]
    (page,) = read(document(font=UNREADABLE_WIDTHS), retry=True)
    assert (page.text, page.code, page.reader) == ("", Code.PAGES_FAILED, "pypdf")


def test_a_page_that_lost_a_part_of_what_it_shows_gives_its_text_and_stays_failed() -> None:
    lost = document(stream(HELLO, b"/Filter /NoSuchDecode"))
    (page,) = read(lost)
    assert (page.text.strip(), page.code, page.reader) == ("hello", Code.PAGES_FAILED, "pdfium")


def test_a_page_that_met_a_limit_is_not_given_to_the_second_reader(asked: list[int]) -> None:
    note = b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (note) >>"
    shown = stream(b"BT /F1 12 Tf 72 700 Td (%b) Tj ET" % ("".join(LETTER).replace(" ", "").encode()))
    many = document(shown, [note], page=with_entry(PAGE, b"/Annots [%b]" % (b"6 0 R " * (MAX_NOTES + 1))))
    assert [page.code for page in read(many)] == [Code.READER_LIMIT]
    assert asked == []
    assert readers(read(document(shown))) == ["pypdf"]
    assert asked == [1]


def test_a_document_that_only_the_second_reader_can_open_is_read_and_called_repaired(asked: list[int]) -> None:
    """Its page tree holds itself, which pypdf refuses."""
    looped = document(pages=b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 1 >>")
    answer = frames(looped, ".pdf")
    assert answer == [
        Opened("pdf", 1), Page(1, "hello", None, "pdfium"), Finished(Code.STRUCTURE_REPAIRED),
    ]  # fmt: skip
    asked.clear()
    again = frames(looped, ".pdf", msgspec.structs.replace(REQUEST, retry=True))
    assert again == [Finished(Code.STRUCTURE_DAMAGED)]
    assert asked == []


def test_notes_and_pictures_of_a_document_that_only_the_second_reader_can_open_are_told() -> None:
    whole = pdf(PdfPage(("text",), notes=("please check",), fields=("Ms Lind",)), PdfPage(image=True), PdfPage())
    kids = whole[whole.index(b"/Kids [") :].partition(b"]")[0]
    answer = frames(whole.replace(kids, kids.replace(b"/Kids [", b"/Kids [2 0 R ")), ".pdf")
    found = [(page.text.split(), page.code) for page in pages(answer)]
    assert end(answer) is Code.STRUCTURE_REPAIRED
    assert (["text", "please", "check", "Ms", "Lind"], None) in found
    assert ([], Code.PAGES_WITHOUT_TEXT) in found


def test_where_the_readers_count_different_pages_the_second_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, asked: list[int]
) -> None:
    monkeypatch.setattr(Pdfium, "page_count", 2)
    assert readers(read(pdf(GLUED))) == ["pypdf"]
    assert asked == []


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
@pytest.mark.parametrize("password", ["pässword", "the owner's"])
def test_a_password_of_the_list_opens_for_both_readers(algorithm: str, password: str, asked: list[int]) -> None:
    locked = encrypted("pässword", algorithm, pdf(GLUED, CLEAN))
    assert frames(locked, ".pdf") == [Finished(Code.PASSWORD_NEEDED)]
    found = read(locked, passwords=("wrong", password))
    assert readers(found) == ["pdfium", "pypdf"]
    assert [lines(page) for page in found] == [list(LETTER)] * 2
    assert frames(locked, ".pdf", msgspec.structs.replace(REQUEST, passwords=("wrong",)))[0] == Finished(
        Code.PASSWORD_NEEDED
    )


def stamped(text: str, *, size: tuple[int, int] = WHOLE, mode: int = 0) -> PdfPage:
    shown = b"q %d 0 0 %d 0 0 cm /Im1 Do Q BT %d Tr /F1 9 Tf 20 800 Td (%b) Tj ET" % (*size, mode, text.encode())
    return PdfPage(image=True, content=shown)


def test_a_scan_with_a_stamp_keeps_the_stamp_and_says_that_its_picture_was_not_read() -> None:
    (page,) = read(pdf(stamped("RECEIVED 3 May - Okafor & Lind - page 4 of 9")))
    assert (page.text.strip(), page.code) == ("RECEIVED 3 May - Okafor & Lind - page 4 of 9", Code.PAGES_WITHOUT_TEXT)


@pytest.mark.parametrize(
    "page",
    [
        stamped("a logo beside it", size=(200, 300)),
        stamped("text that recognition put over the picture", mode=3),
        stamped("as long as the text of a page " * 12),
        PdfPage(("no picture at all",)),
    ],
    ids=["a small picture", "invisible text", "much text", "no picture"],
)
def test_a_page_whose_text_is_what_it_says_has_no_code(page: PdfPage) -> None:
    assert [one.code for one in read(pdf(page))] == [None]


def test_strips_and_pictures_in_forms_add_up_to_a_scan() -> None:
    strips = b"".join(b"q 595 0 0 43 0 %d cm /Im1 Do Q " % (at * 42) for at in range(20))
    page = PdfPage(image=True, content=strips + b"BT /F1 9 Tf 20 20 Td (7) Tj ET")
    assert read(pdf(page))[0].code is Code.PAGES_WITHOUT_TEXT
    image = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    inner = stream(
        b"q 100 0 0 100 0 0 cm /I Do Q", b"/Subtype /Form /BBox [0 0 100 100] /Resources << /XObject << /I 6 0 R >> >>"
    )
    shown = stream(HELLO + b"q 6 0 0 8.5 0 0 cm /X Do Q")
    fonts = b"/Font << /F1 5 0 R >> /XObject << /X 7 0 R >>"
    held = document(shown, [stream(b"\x80", image), inner], page=with_resources(fonts))
    assert read(held)[0].code is Code.PAGES_WITHOUT_TEXT


def with_resources(resources: bytes) -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << %b >> >>" % resources


def test_a_text_of_which_nothing_is_decoded_is_as_good_as_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    names = b"/g1 /g2 /g3 /g4 /g5 /g6 /g7 /g8"
    font = FONT.replace(b"/Encoding /WinAnsiEncoding", b"/Encoding << /Differences [97 %b] >>" % names)
    shown = stream(b"BT /F1 12 Tf 72 700 Td (abcdefgh) Tj ET")
    monkeypatch.setattr(Pdfium, "text", lambda *_: None)
    (page,) = read(document(shown, font=font))
    assert page.code is Code.PAGES_WITHOUT_TEXT


def test_a_blank_page_stays_blank() -> None:
    assert read(pdf(PdfPage())) == [Page(1, "", None, "pypdf")]


def test_a_hyphen_at_the_end_of_a_line_is_kept_with_the_line() -> None:
    first, second = (
        "the landlord and the tenant agree that each notice of termi-",
        "nation is given in writing to the other",
    )
    assert lines(read(pdf(PdfPage(glued=(first, second))))[0]) == [first, second]


def test_reading_that_is_given_up_closes_what_the_second_reader_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Pdfium] = []
    close = Pdfium.close

    def noted(second: Pdfium) -> None:
        closed.append(second)
        close(second)

    monkeypatch.setattr(Pdfium, "close", noted)
    reading = pdf_reader.read(io.BytesIO(pdf(GLUED, GLUED)), msgspec.structs.replace(REQUEST, suffix=".pdf"))
    next(reading)
    next(reading)
    assert closed == []
    reading.close()  # type: ignore[attr-defined]
    assert [second._document for second in closed] == [None]


def test_texts_of_both_readers_are_cleaned() -> None:
    mapped = stream(b"begincodespacerange <00> <ff> endcodespacerange beginbfchar <68> <0007> <65> <0085> endbfchar")
    answer = frames(document(font=with_entry(FONT, b"/ToUnicode 6 0 R"), more=[mapped]), ".pdf")
    assert all(clean(text) == text for text in texts(answer))

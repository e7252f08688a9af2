"""Pages of a PDF drawn in grey: what is printed where, at which size, within which limits."""

from dataclasses import dataclass

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Bitmap, Finished, Piece, Task
from tests.hostile.pdf_parts import HELLO, PAGE, document, stream, with_entry
from tests.parsing.readers.test_pdf import encrypted
from tests.parsing.support import REQUEST, frames
from tests.pdf_writer import PdfPage, pdf

ASKED = msgspec.structs.replace(REQUEST, task=Task.RENDER, dpi=72)
# A black square of 10 points, 20 from the left and 30 from the bottom of a page of 100 x 200.
SQUARE = stream(b"0 g 20 30 10 10 re f")
SMALL = PAGE.replace(b"0 0 595 842", b"0 0 100 200")


@dataclass(frozen=True)
class Drawn:
    bitmap: Bitmap
    pixels: bytes

    def grey(self, left: float, top: float) -> int:
        """The value at a place in points of the page as it is seen."""
        scale = self.bitmap.dpi / 72
        return self.pixels[int(top * scale) * self.bitmap.width + int(left * scale)]


def drawn(data: bytes, **changes: object) -> list[Drawn]:
    answer = frames(data, ".pdf", msgspec.structs.replace(ASKED, **changes))
    assert answer[-1] == Finished()
    found: list[Drawn] = []
    for frame in answer[:-1]:
        if isinstance(frame, Bitmap):
            assert frame.code is not None or not found or len(found[-1].pixels) == area(found[-1].bitmap)
            found.append(Drawn(frame, b""))
        else:
            assert isinstance(frame, Piece)
            found[-1] = Drawn(found[-1].bitmap, found[-1].pixels + frame.content)
            assert frame.last == (len(found[-1].pixels) == area(found[-1].bitmap))
    return found


def area(bitmap: Bitmap) -> int:
    return bitmap.width * bitmap.height


def test_what_is_black_on_the_page_is_black_in_the_picture() -> None:
    (page,) = drawn(document(SQUARE, page=SMALL), pages=(1,))
    assert page.bitmap == Bitmap(1, 100, 200, 72)
    black = {at for at, grey in enumerate(page.pixels) if grey < 128}
    assert black == {row * 100 + column for row in range(160, 170) for column in range(20, 30)}
    assert set(page.pixels) == {0, 255}


@pytest.mark.parametrize(
    ("rotation", "size", "inside"),
    [(0, (100, 200), (25, 165)), (90, (200, 100), (35, 25)), (180, (100, 200), (75, 35)), (270, (200, 100), (165, 75))],
)
def test_a_page_is_turned_as_it_is_seen(rotation: int, size: tuple[int, int], inside: tuple[int, int]) -> None:
    (page,) = drawn(document(SQUARE, page=with_entry(SMALL, b"/Rotate %d" % rotation)), pages=(1,))
    assert (page.bitmap.width, page.bitmap.height) == size
    assert page.grey(*inside) == 0
    assert sum(grey < 128 for grey in page.pixels) == 100


def test_dots_per_inch_are_as_asked() -> None:
    (page,) = drawn(document(SQUARE, page=SMALL), pages=(1,), dpi=288)
    assert page.bitmap == Bitmap(1, 400, 800, 288)
    assert sum(grey < 128 for grey in page.pixels) == 40 * 40


def test_rows_have_no_padding() -> None:
    (page,) = drawn(document(SQUARE, page=PAGE.replace(b"0 0 595 842", b"0 0 101 51")), pages=(1,))
    assert (page.bitmap.width, page.bitmap.height, len(page.pixels)) == (101, 51, 101 * 51)
    assert page.grey(25, 15) == 0
    assert sum(grey < 128 for grey in page.pixels) == 100


def test_pages_come_in_the_order_asked_for_and_a_missing_one_is_told() -> None:
    found = drawn(pdf(PdfPage(("one",)), PdfPage(image=True, image_size=(595, 842))), pages=(2, 1, 3))
    assert [page.bitmap for page in found] == [
        Bitmap(2, 595, 842, 72), Bitmap(1, 595, 842, 72), Bitmap(3, 0, 0, 72, Code.PAGES_FAILED),
    ]  # fmt: skip
    assert set(found[0].pixels) == {0x80}
    assert found[1].pixels.count(255) > 0.99 * len(found[1].pixels)


def test_annotations_and_fields_are_drawn() -> None:
    shown = stream(b"0 g 0 0 20 20 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]")
    square = b"<< /Type /Annot /Subtype /Square /Rect [40 40 60 60] /F 4 /AP << /N 8 0 R >> >>"
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (f) /Rect [70 70 90 90] /F 4 /AP << /N 8 0 R >> /P 3 0 R >>"
    catalog = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> >>"
    page = with_entry(SMALL, b"/Annots [6 0 R 7 0 R]")
    (found,) = drawn(document(stream(b""), [square, field, shown], page=page, catalog=catalog), pages=(1,))
    assert found.grey(50, 150) == 0
    assert found.grey(80, 120) == 0
    assert found.grey(20, 20) == 255


@pytest.mark.parametrize(
    ("size", "dpi"),
    [((14400, 14400), 31), ((100_000, 10), 21)],
    ids=["a poster of 5 m", "a strip of 35 m"],
)
def test_a_huge_page_is_drawn_with_fewer_dots(size: tuple[int, int], dpi: int) -> None:
    page = PAGE.replace(b"0 0 595 842", b"0 0 %d %d" % size)
    (found,) = drawn(document(stream(b"0 g 0 0 %d %d re f" % size), page=page), pages=(1,), dpi=300)
    assert found.bitmap.dpi == dpi
    assert area(found.bitmap) <= 40_500_000
    assert max(found.bitmap.width, found.bitmap.height) <= 30_000
    assert found.pixels.count(0) > 0.9 * len(found.pixels)


def test_a_page_that_fits_at_no_resolution_is_told() -> None:
    page = PAGE.replace(b"0 0 595 842", b"0 0 9000000 9000000")
    (found,) = drawn(document(page=page), pages=(1,))
    assert found.bitmap.code is Code.READER_LIMIT


@pytest.mark.parametrize("box", [b"0 0 0 0", b"5 5 5 900", b"0 0 -100 -200", b"x", b"1e30 0 0 1", b"0 0 nan 1"])
def test_a_page_with_a_mad_size_ends_in_a_picture_or_a_code(box: bytes) -> None:
    (found,) = drawn(document(page=PAGE.replace(b"0 0 595 842", box)), pages=(1,))
    assert found.bitmap.code is not None or len(found.pixels) == area(found.bitmap) > 0


def test_broken_files_and_pages_give_a_code_per_page() -> None:
    nothing = Bitmap(1, 0, 0, 72, Code.PAGES_FAILED)
    assert [page.bitmap for page in drawn(b"%PDF-1.7\n" + b"x" * 900, pages=(1,))] == [nothing]
    assert [page.bitmap for page in drawn(document()[:300], pages=(1,))] == [nothing]
    damaged = document(stream(b"q BT (unfinished", b"/Filter /NoSuchDecode"))
    assert drawn(damaged, pages=(1,))[0].bitmap.code is None


def test_an_encrypted_page_is_drawn_with_a_password_of_the_list() -> None:
    locked = encrypted("secret", "AES-256", pdf(PdfPage(image=True, image_size=(595, 842))))
    assert drawn(locked, pages=(1,))[0].bitmap.code is Code.PAGES_FAILED
    assert set(drawn(locked, pages=(1,), passwords=("wrong", "secret"))[0].pixels) == {0x80}


def test_drawing_asks_for_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.parsing.readers.pdfium import Pdfium

    monkeypatch.setattr(Pdfium, "text", lambda *_: pytest.fail("it was asked"))
    assert drawn(document(stream(HELLO)), pages=(1,))[0].bitmap.code is None

"""Pages that show only pictures, drawn: from each kind of office document, one below the other, within limits."""

import io
from collections.abc import Sequence

import msgspec
import pytest
from PIL import Image

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Bitmap, Finished, Piece, Request, Task
from pipeline.parsing.readers import picture_pages
from tests.parsing.readers.odf_packages import odp, odt
from tests.parsing.readers.packages import docx, relations
from tests.parsing.readers.test_epub import chapter, epub
from tests.parsing.readers.test_pptx import pptx, slide
from tests.parsing.support import REQUEST, frames, pages

BLACK, GREY = 0, 128


def png(width: int, height: int, value: int) -> bytes:
    """A picture of one colour, in the resolution that is asked for."""
    file = io.BytesIO()
    Image.new("L", (width, height), value).save(file, "PNG", dpi=(300, 300))
    return file.getvalue()


def drawn(document: bytes, suffix: str, wanted: Sequence[int]) -> list[tuple[Bitmap, bytes]]:
    """The pictures of the wanted pages, each with its grey values."""
    request: Request = msgspec.structs.replace(REQUEST, task=Task.RENDER, pages=tuple(wanted))
    answer = frames(document, suffix, request)
    assert answer[-1] == Finished()
    found: list[tuple[Bitmap, bytes]] = []
    for frame in answer[:-1]:
        if isinstance(frame, Bitmap):
            found.append((frame, b""))
        elif isinstance(frame, Piece):
            found[-1] = found[-1][0], found[-1][1] + frame.content
    assert all(len(grey) == bitmap.width * bitmap.height for bitmap, grey in found)
    return found


PICTURES: dict[str, str | bytes] = {"word/media/a.png": png(30, 20, BLACK), "word/media/b.png": png(20, 40, GREY)}
RELATED: dict[str, str | bytes] = {
    "word/_rels/document.xml.rels": relations(
        ("rId1", "image", "media/a.png"), ("rId2", "image", "media/b.png"), ("rId3", "image", "media/a.png")
    )
}
SHOWN = "<w:p><w:r><w:drawing><a:blip r:embed='rId{}'/></w:drawing></w:r></w:p>"
BREAK = "<w:p><w:r><w:br w:type='page'/></w:r></w:p>"


def test_the_pictures_of_a_page_stand_one_below_the_other() -> None:
    body = SHOWN.format(1) + SHOWN.format(2) + SHOWN.format(1) + SHOWN.format(3) + BREAK + SHOWN.format(2)
    document = docx(body, {**RELATED, **PICTURES})
    assert [page.code for page in pages(frames(document, ".docx"))] == [Code.PAGES_WITHOUT_TEXT] * 2
    (first, grey), (second, other) = drawn(document, ".docx", [1, 2])
    assert first == Bitmap(1, 30, 20 + 24 + 40, 300)
    rows = [grey[at : at + 30] for at in range(0, len(grey), 30)]
    assert rows == [bytes(30)] * 20 + [b"\xff" * 30] * 24 + [bytes([GREY]) * 20 + b"\xff" * 10] * 40
    assert second == Bitmap(2, 20, 40, 300)
    assert other == bytes([GREY]) * 800


def test_pictures_of_slides_chapters_and_opendocument_pages_are_drawn() -> None:
    picture = png(30, 20, BLACK)
    presentation = pptx(
        {"s": slide(), "t": slide("<p:pic><a:blip r:embed='rId1'/></p:pic>")},
        {"ppt/slides/_rels/t.xml.rels": relations(("rId1", "image", "../media/a.png")), "ppt/media/a.png": picture},
    )
    image = "<draw:frame><draw:image xlink:href='./Pictures/a.png'/></draw:frame>"
    text = odt(f"<text:p>{image}</text:p>", {"Pictures/a.png": picture})
    slides = odp(image, parts={"Pictures/a.png": picture})
    book = epub({"text/a.xhtml": chapter("<img alt='Cover' src='../a%20b&amp;c.png'/>")}, {"OPS/a b&c.png": picture})
    for document, suffix, number in (
        (presentation, ".pptx", 2), (text, ".odt", 1), (slides, ".odp", 1), (book, ".epub", 1),
    ):  # fmt: skip
        assert pages(frames(document, suffix))[number - 1].code is Code.PAGES_WITHOUT_TEXT
        assert drawn(document, suffix, [number]) == [(Bitmap(number, 30, 20, 300), bytes(600))]


@pytest.mark.parametrize(
    "content", [b"no picture", b"", b"\x01\x00\x00\x00 EMF", png(30, 20, BLACK)[:40], png(8, 8, BLACK)]
)
def test_what_cannot_be_drawn_is_left_out(content: bytes) -> None:
    document = docx(SHOWN.format(1) + SHOWN.format(2), {**RELATED, **PICTURES, "word/media/a.png": content})
    ((bitmap, _),) = drawn(document, ".docx", [1])
    assert bitmap == Bitmap(1, 20, 40, 300)


def test_a_page_of_which_nothing_can_be_drawn_says_so() -> None:
    document = docx(SHOWN.format(1) + SHOWN.format(9), {**RELATED, "word/media/a.png": b"no picture"})
    for wanted in (1, 7):
        assert drawn(document, ".docx", [wanted]) == [(Bitmap(wanted, 0, 0, 300, Code.FORMAT_NOT_READ), b"")]


def test_a_page_of_too_many_pictures_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    document = docx(SHOWN.format(1) + SHOWN.format(2), {**RELATED, **PICTURES})
    monkeypatch.setattr(picture_pages, "_PAGE_PIXELS", 2000)
    assert drawn(document, ".docx", [1]) == [(Bitmap(1, 0, 0, 300, Code.READER_LIMIT), b"")]
    monkeypatch.undo()
    monkeypatch.setattr(picture_pages, "MAX_PICTURES", 1)
    assert drawn(document, ".docx", [1]) == [(Bitmap(1, 0, 0, 300, Code.READER_LIMIT), b"")]

"""Places of characters, and packed pictures, from a child that lies or dies: the redaction is refused."""

import io
import struct
import sys
from pathlib import Path
from threading import Event

import msgspec
import pytest
from PIL import Image

from pipeline.datatypes import Picture
from pipeline.outcomes import Code
from pipeline.parsing import worker
from pipeline.parsing.answers import ChildLost
from pipeline.parsing.protocol import Finished, Glyphs, Opened, Packed, Packing, Page, Piece, Task
from pipeline.parsing.redaction.glyphs import Box, Glyph
from pipeline.parsing.redaction.page_glyphs import PageGlyphs
from pipeline.parsing.redaction.page_pictures import blacken
from pipeline.parsing.zygote import Launcher
from tests.parsing.script import FINISHED, LIMITS, Step, says
from tests.parsing.support import REQUEST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripted child looks at POSIX limits")
PLACE = struct.pack("<4HB", 0, 0, 13107, 65535, 1)
GOOD = Glyphs(1, 595.0, 842.0, "a", PLACE, 0.5, True)


def pages(actor: Launcher, folder: Path, *steps: Step) -> list[tuple[Glyph, ...]]:
    file = folder / "document"
    file.write_bytes(msgspec.json.encode(steps))
    with file.open("rb") as document:
        return [page.glyphs for page in PageGlyphs(actor, LIMITS, Event()).pages(document.fileno(), ".pdf")]


def test_what_keeps_to_its_bounds_is_believed(actor: Launcher, tmp_path: Path) -> None:
    found = pages(actor, tmp_path, says(Opened("pdf", 1)), says(GOOD), FINISHED)
    assert found == [(Glyph("a", Box(0.0, 0.0, 0.2, 1.0)),)]


def changed(**fields: object) -> list[Step]:
    return [says(Opened("pdf", 1)), says(msgspec.structs.replace(GOOD, **fields))]


LIES: dict[str, tuple[list[Step], Code]] = {
    "another page": (changed(number=2), Code.PARSER_ANSWER_REFUSED),
    "fewer places than characters": (changed(text="ab"), Code.PARSER_ANSWER_REFUSED),
    "no size": (changed(width=0.0), Code.PARSER_ANSWER_REFUSED),
    "a negative size": (changed(height=-1.0), Code.PARSER_ANSWER_REFUSED),
    "a size beyond all bounds": (changed(height=1e300), Code.PARSER_ANSWER_REFUSED),
    "more than a page of pictures": (changed(pictured=1.5), Code.PARSER_ANSWER_REFUSED),
    "too many characters": (changed(text="a" * 200_001, places=PLACE * 200_001), Code.PARSER_ANSWER_REFUSED),
    "a reason of others": (changed(code=Code.COMPLETE), Code.PARSER_ANSWER_REFUSED),
    "a page that was not read": (changed(code=Code.READER_LIMIT), Code.READER_LIMIT),
    "text": ([says(Opened("pdf", 1)), says(Page(1, "a"))], Code.PARSER_ANSWER_REFUSED),
    "no beginning": ([says(GOOD)], Code.PARSER_ANSWER_REFUSED),
    "an early end": ([says(Opened("pdf", 2)), says(GOOD), FINISHED], Code.PARSER_ANSWER_REFUSED),
    "no pages": ([says(Opened("pdf", 0)), FINISHED], Code.STRUCTURE_DAMAGED),
    "pages without end": ([says(Opened("pdf", 1 << 40)), says(GOOD)], Code.PAGE_LIMIT),
    "death": ([says(Opened("pdf", 1)), Step(die=True)], Code.PARSER_CRASHED),
    "another format": ([FINISHED], Code.FORMAT_NOT_READ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_child_that_lies_gives_no_page(actor: Launcher, tmp_path: Path, name: str) -> None:
    steps, code = LIES[name]
    with pytest.raises(ChildLost) as lost:
        pages(actor, tmp_path, *steps)
    assert lost.value.code is code


def packed(picture: Image.Image) -> tuple[Packed, bytes]:
    """What the child makes of a picture."""
    request = msgspec.structs.replace(REQUEST, task=Task.PACK, size=picture.size)
    first, *rest = worker.read(io.BytesIO(picture.tobytes()), request)
    assert isinstance(first, Packed)
    assert rest.pop() == Finished()
    return first, b"".join(piece.content for piece in rest if isinstance(piece, Piece))


def test_text_is_packed_without_loss_and_photographs_with() -> None:
    import zlib

    paper = Image.new("RGB", (200, 100), (255, 255, 255))
    paper.paste((0, 0, 0), (50, 50, 90, 60))
    described, content = packed(paper)
    assert described == Packed(Packing.FLATE, 1)
    assert zlib.decompress(content) == paper.convert("L").tobytes()
    photograph = Image.merge("RGB", [Image.effect_noise((200, 100), 90) for _ in range(3)])
    described, content = packed(photograph)
    assert described == Packed(Packing.JPEG, 3)
    assert Image.open(io.BytesIO(content)).size == (200, 100)
    assert not Image.open(io.BytesIO(content)).getexif()


def test_a_picture_that_is_too_short_is_none() -> None:
    request = msgspec.structs.replace(REQUEST, task=Task.PACK, size=(10, 10))
    assert list(worker.read(io.BytesIO(b"123"), request)) == [Finished(Code.STRUCTURE_DAMAGED)]


def test_whole_pixels_are_blackened_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "values"
    file.write_bytes(b"\xff" * (3 * 10 * 5))
    with file.open("r+b") as content:
        picture = Picture(1, 10, 5, 72, content.fileno())
        blacken(picture, [Box(0.11, 0.21, 0.29, 0.39), Box(0.95, 0.9, 1.0, 1.0)])
    values = file.read_bytes()
    black = [(place // 3 % 10, place // 30) for place in range(0, 150, 3) if values[place : place + 3] == bytes(3)]
    assert black == [(1, 1), (2, 1), (9, 4)]
    assert values.count(0) == 9

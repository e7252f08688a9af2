"""Where the words of a picture stand, as they were read at best: each character on the whole of its word. Pure."""

from collections.abc import Iterator

from PIL import Image

from pipeline.parsing.ocr import attempts
from pipeline.parsing.ocr.attempts import Read, Turned
from pipeline.parsing.ocr.reading import Reading
from pipeline.parsing.protocol import Glyphs
from pipeline.parsing.redaction.glyphs import MOST_GLYPHS, Box, Glyph, pack


def glyphs(read: Read, picture: Image.Image, dpi: int) -> Glyphs:
    """The characters of a picture, in the order in which text recognition gives them as text."""
    *_, (reading, turned) = attempts.placed_readings(read, picture, dpi)
    text, places = pack(list(_characters(reading, turned))[:MOST_GLYPHS])
    return Glyphs(1, float(picture.width), float(picture.height), text, places)


def _characters(reading: Reading, turned: Turned) -> Iterator[Glyph]:
    for row in reading.rows:
        for line in row:
            for word in line.words:
                box = Box(*turned.in_original(word.box))
                yield from (Glyph(character, box) for character in word.text)
                yield Glyph(" ", None)
        yield Glyph("\n", None)

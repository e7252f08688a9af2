"""Makes the picture of a page small: as JPEG, or without loss where that is smaller. It reads no document."""

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image, ImageChops, JpegImagePlugin  # the last one is registered by being imported, before the lock

from pipeline.parsing.protocol import Packed, Packing, Piece, Request
from pipeline.parsing.reading import in_pieces

_QUALITY = 85
_GREY = 8  # by so much the three values of a pixel may differ that is still grey: pdfium rounds them one by one
_FEW_COLOURS = 256  # of a page that is text and drawings, and no photograph

assert JpegImagePlugin.JpegImageFile.format == "JPEG"


def packed(values: BinaryIO, request: Request) -> Iterator[Packed | Piece]:
    """The picture of request.size pixels whose red, green and blue values these are. Raises ValueError."""
    width, height = request.size
    picture = Image.frombytes("RGB", (width, height), values.read(3 * width * height))
    is_grey = _is_grey(picture)
    if is_grey:
        picture = picture.convert("L")
    content, packing = _jpeg(picture), Packing.JPEG
    if is_grey or picture.getcolors(_FEW_COLOURS) is not None:
        exact = zlib.compress(picture.tobytes(), 6)
        if len(exact) < len(content):
            content, packing = exact, Packing.FLATE
    yield Packed(packing, 1 if is_grey else 3)
    yield from in_pieces(content)


def _is_grey(picture: Image.Image) -> bool:
    red, green, blue = picture.split()
    return all(_furthest(one, other) <= _GREY for one, other in ((red, green), (green, blue)))


def _furthest(one: Image.Image, other: Image.Image) -> int:
    """The largest difference between two pictures of one byte a pixel."""
    return max(value for value, count in enumerate(ImageChops.difference(one, other).histogram()) if count)


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()

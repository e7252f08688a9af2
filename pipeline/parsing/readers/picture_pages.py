"""A page that shows only pictures, drawn in grey for recognition: its pictures, one below the other. Reads no text."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from pipeline.outcomes import Code
from pipeline.parsing.parts import Package
from pipeline.parsing.protocol import Bitmap, Piece, Request
from pipeline.parsing.readers import image
from pipeline.parsing.reading import ReadingEnded, in_pieces

MAX_PICTURES = 100  # of one page: a page of more is made of icons
_PICTURE_BYTES = 64 << 20  # as it lies in the package
_PAGE_PIXELS = 150_000_000  # of all pictures of a page together, drawn
_SMALLEST = 16  # pixels on each side: bullets, and lines that are pictures, show nothing to be read
_GAP = 24  # rows of white between two pictures
_WHITE = b"\xff"


def drawn(package: Package, pictures: Mapping[int, Sequence[str]], request: Request) -> Iterator[Bitmap | Piece]:
    """The wanted pages. `pictures` has the names of the parts that each one shows, by its number."""
    for number in request.pages:
        try:
            shown = list(_drawn(package, pictures.get(number, ()), request))
        except ReadingEnded as end:
            yield Bitmap(number, 0, 0, request.dpi, end.code)
            continue
        if not shown:
            yield Bitmap(number, 0, 0, request.dpi, Code.FORMAT_NOT_READ)
            continue
        width = max(bitmap.width for bitmap, _ in shown)
        height = sum(bitmap.height for bitmap, _ in shown) + _GAP * (len(shown) - 1)
        yield Bitmap(number, width, height, shown[0][0].dpi)
        yield from in_pieces((_WHITE * width * _GAP).join(_widened(bitmap, grey, width) for bitmap, grey in shown))


def _drawn(package: Package, names: Iterable[str], request: Request) -> Iterator[tuple[Bitmap, bytes]]:
    """Each picture that can be drawn, with its grey values. Raises ReadingEnded(READER_LIMIT) for too many of them."""
    pixels = 0
    for at, name in enumerate(dict.fromkeys(names)):
        found = _grey(package.read(name, _PICTURE_BYTES), request)
        if found is None or min(found[0].width, found[0].height) < _SMALLEST:
            continue
        pixels += found[0].width * (found[0].height + _GAP)
        if pixels > _PAGE_PIXELS or at >= MAX_PICTURES:
            raise ReadingEnded(Code.READER_LIMIT)
        yield found


def _grey(content: bytes, request: Request) -> tuple[Bitmap, bytes] | None:
    """A picture as the reader of pictures draws it; None where it cannot."""
    try:
        bitmap, *pieces = image.render(io.BytesIO(content), msgspec.structs.replace(request, pages=(1,)))
    except MemoryError:
        raise
    except Exception:  # drawings of other programs, and whatever a broken picture raises
        return None
    if not isinstance(bitmap, Bitmap) or bitmap.code is not None:
        return None
    return bitmap, b"".join(piece.content for piece in pieces if isinstance(piece, Piece))


def _widened(bitmap: Bitmap, grey: bytes, width: int) -> bytes:
    """The rows of a picture with white behind them."""
    if bitmap.width == width:
        return grey
    margin = _WHITE * (width - bitmap.width)
    return b"".join(grey[at : at + bitmap.width] + margin for at in range(0, len(grey), bitmap.width))

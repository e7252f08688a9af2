"""Pictures through Pillow: pages without text, which are drawn in grey as recognition needs them. Recognises nothing.

Every picture is decoded when it is read, so that a broken or truncated one is known even where nothing recognises it.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import Resampling

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Bitmap, Opened, Page, Piece, Request
from pipeline.parsing.readers import grey
from pipeline.parsing.readers.picture_size import Resolution, Size, drawn_size, resolution
from pipeline.parsing.reading import ReadingEnded, in_pieces

_FORMATS = tuple(
    plugin.format
    for plugin in (
        PngImagePlugin.PngImageFile,
        JpegImagePlugin.JpegImageFile,
        TiffImagePlugin.TiffImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
        BmpImagePlugin.BmpImageFile,
    )
)
_MOST_DECODED_BYTES = 400_000_000  # of a child's 1 GiB: 100 million pixels in colour, A0 at 400 dpi in grey
_ONE_BYTE_MODES = frozenset({"1", "L", "P"})  # all others take four bytes a pixel in Pillow
_THUMBNAIL = 1  # bit of NewSubfileType, TIFF 6.0: this picture is another page in less detail
_NEW_SUBFILE_TYPE = 0x00FE
_Found = TypeVar("_Found")


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """A page for each picture of the file, without text; one that cannot be decoded says so."""
    pictures = _Pictures(file, request)
    yield Opened(pictures.format, len(pictures.frames))
    truncated = False
    for number in range(request.first_page, len(pictures.frames) + 1):
        decoded = pictures.decoded(number)
        if isinstance(decoded, Code):
            yield Page(number, "", decoded)
        else:
            truncated |= decoded.truncated
            yield Page(number, "", Code.PAGES_WITHOUT_TEXT)
    if truncated:
        raise ReadingEnded(Code.STRUCTURE_REPAIRED)


def render(file: BinaryIO, request: Request) -> Iterator[Bitmap | Piece]:
    """The wanted pictures in grey, upright, in about the resolution that is asked for."""
    pictures = _Pictures(file, request)
    for number in request.pages:
        drawn = pictures.drawn(number)
        if isinstance(drawn, Code):
            yield Bitmap(number, 0, 0, request.dpi, drawn)
        else:
            yield Bitmap(number, drawn.picture.width, drawn.picture.height, drawn.dpi)
            yield from in_pieces(drawn.picture.tobytes())


@dataclass(frozen=True, slots=True)
class _Decoded:
    """One picture. What is missing of a truncated one is black or grey."""

    picture: Image.Image
    resolution: Resolution
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One picture as recognition needs it."""

    picture: Image.Image
    dpi: int


class _Pictures:
    """The pictures of one file. `frames` are their places in it."""

    def __init__(self, file: BinaryIO, request: Request) -> None:
        """Raises ReadingEnded with READER_LIMIT, and anything where nothing can be found."""
        self._file = file
        self._request = request
        self._picture: Image.Image | None = None
        if _webp_pixels(file) * 4 > _MOST_DECODED_BYTES:  # the decoder takes memory for it when it is opened
            raise ReadingEnded(Code.READER_LIMIT)
        try:
            with at_most(request.page_cpu_s):
                opened = self._open()
                self.format = "jpeg" if opened.format == "MPO" else (opened.format or "").lower()
                self.frames = list(_frames(opened, request.max_pages)) if self.format == "tiff" else [0]
        except Exhausted:
            raise ReadingEnded(Code.READER_LIMIT) from None

    def decoded(self, number: int) -> _Decoded | Code:
        """A picture by its number, from 1, or why there is none."""
        return self._tried(lambda: self._decoded(self.frames[number - 1]))

    def drawn(self, number: int) -> _Drawn | Code:
        """A picture as recognition needs it, or why there is none."""

        def draw() -> _Drawn | Code:
            decoded = self._decoded(self.frames[number - 1])
            return decoded if isinstance(decoded, Code) else _drawn(decoded, self._request.dpi)

        return self._tried(draw)

    def _tried(self, work: Callable[[], _Found | Code]) -> _Found | Code:
        try:
            with at_most(self._request.page_cpu_s):
                return work()
        except Exhausted:
            return Code.READER_LIMIT
        except MemoryError:
            raise  # the whole document is tried again with more memory, then without this page
        except Exception:  # as many kinds as there are formats and ways to break them
            return Code.PAGES_FAILED

    def _decoded(self, frame: int) -> _Decoded | Code:
        picture, found = self._frame(frame)
        if _decoded_bytes(picture) > _MOST_DECODED_BYTES:
            return Code.READER_LIMIT
        try:
            picture.load()
        except MemoryError:
            raise
        except Exception:
            with _as_far_as_it_goes():
                picture, found = self._frame(frame, anew=True)
                picture.load()
            return _Decoded(picture, found, truncated=True)
        return _Decoded(picture, found, truncated=False)

    def _frame(self, frame: int, *, anew: bool = False) -> tuple[Image.Image, Resolution]:
        """One picture, not yet decoded, but for what its format lets one decode in grey and smaller at once."""
        if self._picture is None or anew or self.format != "tiff":
            self._picture = self._open()
        picture = self._picture
        picture.seek(frame)
        size = Size(*picture.size)
        found = resolution(size, _dpi(picture))
        wanted = drawn_size(size, found, self._request.dpi)
        picture.draft("L", (wanted.width, wanted.height))
        return picture, found.enlarged(picture.width / size.width, picture.height / size.height)

    def _open(self) -> ImageFile.ImageFile:
        Image.MAX_IMAGE_PIXELS = None  # it is bytes that are limited here, once the mode is known
        self._file.seek(0)
        return Image.open(self._file, formats=_FORMATS)


def _frames(picture: Image.Image, most: int) -> Iterator[int]:
    """The places of the pictures of a TIFF that are pages; one more than may be read, if there are so many."""
    count = 0
    for frame in range(most + 1):
        try:
            picture.seek(frame)
        except EOFError:
            break
        except MemoryError:
            raise
        except Exception:  # a broken chain of pages ends there
            if not count:
                raise
            break
        tags = getattr(picture, "tag_v2", {})
        if not int(tags.get(_NEW_SUBFILE_TYPE, 0)) & _THUMBNAIL:
            count += 1
            yield frame
    if not count:
        yield 0


def _drawn(decoded: _Decoded, wanted_dpi: int) -> _Drawn:
    upright, lies = grey.upright(decoded.picture)
    found = decoded.resolution
    if lies:
        found = Resolution(found.y_dpi, found.x_dpi)
    size = Size(*upright.size)
    wanted = drawn_size(size, found, wanted_dpi)
    if wanted != size:
        upright = upright.resize((wanted.width, wanted.height), Resampling.LANCZOS)
    return _Drawn(upright, max(1, round(found.y_dpi * wanted.height / size.height)))


def _dpi(picture: Image.Image) -> tuple[float, float]:
    """What the file says of its resolution, 0 where it says nothing."""
    with contextlib.suppress(TypeError, ValueError, ZeroDivisionError, OverflowError):
        x_dpi, y_dpi = picture.info.get("dpi", (0, 0))
        return float(x_dpi), float(y_dpi)
    return 0.0, 0.0


def _decoded_bytes(picture: Image.Image) -> int:
    plain = picture.mode in _ONE_BYTE_MODES and "transparency" not in picture.info
    return picture.width * picture.height * (1 if plain else 4)


@contextlib.contextmanager
def _as_far_as_it_goes() -> Iterator[None]:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _webp_pixels(file: BinaryIO) -> int:
    """How large a WebP says it is (RFC 9649); 0 for other files."""
    file.seek(0)
    head = file.read(30)
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return 0
    if head[12:16] == b"VP8X":
        return (int.from_bytes(head[24:27], "little") + 1) * (int.from_bytes(head[27:30], "little") + 1)
    if head[12:16] == b"VP8L":
        sides = int.from_bytes(head[21:25], "little")
        return ((sides & 0x3FFF) + 1) * ((sides >> 14 & 0x3FFF) + 1)
    return (int.from_bytes(head[26:28], "little") & 0x3FFF) * (int.from_bytes(head[28:30], "little") & 0x3FFF)

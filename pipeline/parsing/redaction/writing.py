"""Writes a PDF of pictures with invisible text over them: what it is given, and nothing else. The same bytes each time.

No metadata, no dates, no identifiers. Pages are written as they come, so that one picture lies in memory at a time.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.parsing.protocol import Packing
from pipeline.parsing.redaction import font
from pipeline.parsing.redaction.font import Numbers
from pipeline.parsing.redaction.locating import Run

_CATALOG, _PAGES, _FONT, _CHARACTERS, _DESCRIPTOR, _SHAPES, _TO_SHAPES, _TO_UNICODE = range(1, 9)
_FIRST_OF_PAGES = 9  # objects: a page, its content, its picture, and the next page
_LONGEST_SIDE = 14_400.0  # points: the largest page that readers must show (ISO 32000-1, Annex C)
_BLOCK_BYTES = 1 << 20
_DOWNWARD = 2.0  # times as high as wide: a line that runs up or down the page
_FILTERS = {Packing.JPEG: b"DCTDecode", Packing.FLATE: b"FlateDecode"}
_COLOURS = {1: b"DeviceGray", 3: b"DeviceRGB"}


@dataclass(frozen=True, slots=True)
class PackedPicture:
    """A picture that is small already: its size in pixels, and an open file at its start."""

    width: int
    height: int
    channels: int
    packing: Packing
    size_bytes: int
    content: BinaryIO


class RedactedPdf:
    """One file that is being written; `finish` must be called. Sizes of pages are in points."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size_bytes = 0
        self._offsets: dict[int, int] = {}
        self._pages: list[int] = []
        self._numbers = Numbers()
        self._write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")

    def add(self, width: float, height: float, picture: PackedPicture, runs: Sequence[Run]) -> None:
        """The next page, filled with its picture, and text on it that is not seen."""
        scale = min(1.0, _LONGEST_SIDE / max(width, height))
        width, height = width * scale, height * scale
        page = _FIRST_OF_PAGES + 3 * len(self._pages)
        self._pages.append(page)
        self._object(
            page,
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R "
            b"/Resources << /Font << /F %d 0 R >> /XObject << /P %d 0 R >> >> >>"
            % (_PAGES, width, height, page + 1, _FONT, page + 2),
        )
        shown = b"q %.2f 0 0 %.2f 0 0 cm /P Do Q\n" % (width, height)
        written = b"".join(_text(run, self._numbers, width, height) for run in runs)
        self._stream(page + 1, zlib.compress(shown + written, 6), b"/Filter /FlateDecode ")
        self._picture(page + 2, picture)

    def finish(self) -> None:
        """Write the font, the list of pages, and the table of objects."""
        self._font()
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._object(_PAGES, b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(self._pages), kids))
        self._object(_CATALOG, b"<< /Type /Catalog /Pages %d 0 R >>" % _PAGES)
        start, count = self._size_bytes, len(self._offsets) + 1
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        self._write(b"".join(b"%010d 00000 n \n" % self._offsets[number] for number in range(1, count)))
        self._write(b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, _CATALOG, start))

    def _font(self) -> None:
        self._object(
            _FONT,
            b"<< /Type /Font /Subtype /Type0 /BaseFont /Glyphless /Encoding /Identity-H "
            b"/DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (_CHARACTERS, _TO_UNICODE),
        )
        self._object(
            _CHARACTERS,
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Glyphless /DW %d /CIDToGIDMap %d 0 R "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R >>"
            % (font.ADVANCE, _TO_SHAPES, _DESCRIPTOR),
        )
        self._object(
            _DESCRIPTOR,
            b"<< /Type /FontDescriptor /FontName /Glyphless /Flags 5 /ItalicAngle 0 /StemV 80 /CapHeight %d "
            b"/Ascent %d /Descent %d /FontBBox [0 %d %d %d] /FontFile2 %d 0 R >>"
            % (font.ASCENT, font.ASCENT, font.DESCENT, font.DESCENT, font.ADVANCE,
               font.ASCENT, _SHAPES),
        )  # fmt: skip
        file = font.font_file()
        self._stream(_SHAPES, zlib.compress(file), b"/Filter /FlateDecode /Length1 %d " % len(file))
        self._stream(_TO_SHAPES, zlib.compress(b"\0\1" * (self._numbers.count + 1)), b"/Filter /FlateDecode ")
        self._stream(_TO_UNICODE, zlib.compress(self._numbers.map()), b"/Filter /FlateDecode ")

    def _picture(self, number: int, picture: PackedPicture) -> None:
        self._begin(number)
        self._write(
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /%b /BitsPerComponent 8 "
            b"/Filter /%b /Length %d >>\nstream\n"
            % (picture.width, picture.height, _COLOURS[picture.channels], _FILTERS[picture.packing], picture.size_bytes)
        )
        while block := picture.content.read(_BLOCK_BYTES):
            self._write(block)
        self._write(b"\nendstream\nendobj\n")

    def _stream(self, number: int, content: bytes, entries: bytes) -> None:
        self._object(number, b"<< %b/Length %d >>\nstream\n%b\nendstream" % (entries, len(content), content))

    def _object(self, number: int, body: bytes) -> None:
        self._begin(number)
        self._write(body + b"\nendobj\n")

    def _begin(self, number: int) -> None:
        self._offsets[number] = self._size_bytes
        self._write(b"%d 0 obj\n" % number)

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._size_bytes += len(content)


def _text(run: Run, numbers: Numbers, width: float, height: float) -> bytes:
    """A run drawn out, or pressed together, to the length that it has on the page; in points."""
    left, right = run.box.left * width, run.box.right * width
    bottom, top = height * (1 - run.box.bottom), height * (1 - run.box.top)
    is_downward = len(run.text) > 2 and top - bottom > _DOWNWARD * (right - left)
    length, size = (top - bottom, right - left) if is_downward else (right - left, top - bottom)
    size = max(1.0, size)
    foot = size * -font.DESCENT / font.UNITS
    stretch = 100 * max(1.0, length) / (size * len(run.text) * font.ADVANCE / font.UNITS)
    matrix = (
        b"0 1 -1 0 %.2f %.2f" % (right - foot, bottom) if is_downward else b"1 0 0 1 %.2f %.2f" % (left, bottom + foot)
    )
    return b"BT 3 Tr /F %.2f Tf %.2f Tz %b Tm <%b> Tj ET\n" % (size, stretch, matrix, numbers.hexadecimal(run.text))

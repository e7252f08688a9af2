"""What is needed to redact a PDF: where each character stands on a page as it is shown, and the page in colour."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO, TypeVar

import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Bitmap, Glyphs, Opened, Piece, Request
from pipeline.parsing.readers import pdfium_glyphs, pdfium_page
from pipeline.parsing.reading import ReadingEnded, in_pieces
from pipeline.parsing.redaction.glyphs import pack

_Seen = TypeVar("_Seen")


def glyphs(file: BinaryIO, request: Request) -> Iterator[Opened | Glyphs]:
    """The characters of all pages, each with its place."""
    with _opened(file, request) as document:
        yield Opened("pdf", len(document))
        for number in range(request.first_page, len(document) + 1):
            yield _of_page(document, number, partial(_glyphs, number=number)) or Glyphs(
                number, 1.0, 1.0, "", b"", code=Code.PAGES_FAILED
            )


def colour(file: BinaryIO, request: Request) -> Iterator[Bitmap | Piece]:
    """Pictures of request.pages, with annotations and fields, three bytes a pixel."""
    with _opened(file, request) as document:
        for number in request.pages:
            seen = _of_page(document, number, partial(_picture, number=number, dpi=request.dpi))
            bitmap, values = seen or (Bitmap(number, 0, 0, request.dpi, Code.PAGES_FAILED), b"")
            yield bitmap
            if bitmap.code is None:
                yield from in_pieces(values)


@contextmanager
def _opened(file: BinaryIO, request: Request) -> Iterator[pypdfium2.PdfDocument]:
    """The document with its forms, without which fields are not drawn. Raises ReadingEnded."""
    code = Code.STRUCTURE_DAMAGED
    for password in ("", *request.passwords):
        try:
            document = pypdfium2.PdfDocument(file, password)
        except pypdfium2.PdfiumError as error:
            code = Code.PASSWORD_NEEDED if error.err_code == pdfium.FPDF_ERR_PASSWORD else Code.STRUCTURE_DAMAGED
            continue
        try:
            document.init_forms()
            yield document
        finally:
            document.close()
        return
    raise ReadingEnded(code)


def _of_page(document: pypdfium2.PdfDocument, number: int, look: Callable[[pypdfium2.PdfPage], _Seen]) -> _Seen | None:
    try:
        page = document[number - 1]
        try:
            return look(page)
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return None


def _glyphs(page: pypdfium2.PdfPage, number: int) -> Glyphs:
    width, height = float(page.get_width()), float(page.get_height())
    found = pdfium_glyphs.glyphs(page)
    if found is None:
        return Glyphs(number, 1.0, 1.0, "", b"", code=Code.READER_LIMIT)
    text, places = pack(found)
    sight = pdfium_page.sight(page)
    return Glyphs(number, width, height, text, places, sight.pictured, sight.drawings > 0)


def _picture(page: pypdfium2.PdfPage, number: int, dpi: int) -> tuple[Bitmap, bytes]:
    dpi = pdfium_glyphs.fitting_dpi(page, dpi)
    if not dpi:
        return Bitmap(number, 0, 0, 1, Code.READER_LIMIT), b""
    drawn = pdfium_glyphs.drawn(page, dpi, "RGB")
    return Bitmap(number, drawn.width, drawn.height, dpi), drawn.tobytes()

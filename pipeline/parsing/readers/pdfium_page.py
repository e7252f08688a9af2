"""What pdfium sees on one open page: its characters, pictures, annotations, and what it looks like."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Bitmap

_POINTS_PER_INCH = 72
_MAX_PIXELS = 40_000_000  # of one picture, a byte each: A3 at 400 dpi has 31 million
_MAX_SIDE = 30_000  # pixels; text recognition takes pictures of up to 32,767
_MAX_OBJECTS = 5_000  # of a page, looked at: a scan has one, or some hundred strips
_MAX_DEPTH = 5  # forms in forms
_MAX_NOTES = 2_000  # annotations of a page
_MAX_VALUE = 100_000  # characters of one of them
_LINE_HYPHEN = "\ufffe"  # stands for a hyphen at the end of a line, and for that end
_UNSPOKEN = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a page shows beside its text."""

    pictured: float  # the share of the page that pictures cover, from 0 to 1
    drawings: int  # pictures and painted paths
    has_hidden_text: bool  # as text recognition puts it over a scan


def text(page: pypdfium2.PdfPage) -> str:
    """All characters, in the order in which the page shows them."""
    text_page = page.get_textpage()
    try:
        count = pdfium.FPDFText_CountChars(text_page)
        if count <= 0:
            return ""
        units = (ctypes.c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(text_page, 0, count, units) - 1  # the last one is a zero
    finally:
        text_page.close()
    found = bytes(units)[: 2 * max(0, written)].decode("utf-16-le", "replace")
    return found.replace("\r\n", "\n").replace(_LINE_HYPHEN, "-\n")


def sight(page: pypdfium2.PdfPage) -> Sight:
    """Adds up the areas of pictures: each is a unit square to its matrix, whose determinant is its area."""
    covered, drawings, hidden = 0.0, 0, False
    for item, scale in _items(page):
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            hidden = hidden or pdfium.FPDFTextObj_GetTextRenderMode(item) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
        else:
            drawings += 1
            covered += scale * _area(item) if kind == pdfium.FPDF_PAGEOBJ_IMAGE else 0.0
    return Sight(min(1.0, covered / max(1.0, page.get_width() * page.get_height())), drawings, hidden)


def notes(page: pypdfium2.PdfPage) -> str:
    """Texts of annotations and values of fields, a paragraph each."""
    count = min(_MAX_NOTES, pdfium.FPDFPage_GetAnnotCount(page))
    return "\n".join(filter(None, (_note(page, index) for index in range(count))))


def picture(page: pypdfium2.PdfPage, number: int, dpi: int) -> tuple[Bitmap, bytes]:
    """The page as it is printed, with annotations and fields; with fewer dots per inch where it is huge."""
    dpi = _fitting_dpi(page.get_width(), page.get_height(), dpi)
    if not dpi:
        return Bitmap(number, 0, 0, 1, Code.READER_LIMIT), b""
    drawn = page.render(scale=dpi / _POINTS_PER_INCH, grayscale=True)
    try:
        return Bitmap(number, drawn.width, drawn.height, dpi), _pixels(drawn)
    finally:
        drawn.close()


def _items(page: pypdfium2.PdfPage) -> Iterator[tuple[object, float]]:
    """Objects of a page and of the forms in it, each with the area to which its form scales a unit square."""
    left = _MAX_OBJECTS
    containers: list[tuple[object, float, int]] = [(page, 1.0, 0)]
    while containers:
        container, scale, depth = containers.pop()
        count, get = (
            (pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject)
            if depth
            else (pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject)
        )
        for index in range(min(left, count(container))):
            left -= 1
            item = get(container, index)
            if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_FORM:
                yield item, scale
            elif depth < _MAX_DEPTH:
                containers.append((item, scale * _area(item), depth + 1))


def _area(item: object) -> float:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, matrix)
    return abs(float(matrix.a * matrix.d - matrix.b * matrix.c))


def _note(page: pypdfium2.PdfPage, index: int) -> str:
    annotation = pdfium.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return ""
    try:
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind in _UNSPOKEN:
            return ""
        if kind != pdfium.FPDF_ANNOT_WIDGET:
            return _value(annotation, b"Contents")
        return "" if _value(annotation, b"FT") == "Btn" else _value(annotation, b"V")
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)


def _value(annotation: object, key: bytes) -> str:
    """A string in an annotation's dictionary, which pdfium gives as UTF-16 with a zero behind it."""
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < size <= 2 * _MAX_VALUE:
        return ""
    units = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, units, size)
    return bytes(units)[:-2].decode("utf-16-le", "replace").strip()


def _fitting_dpi(width: float, height: float, dpi: int) -> int:
    """The dots per inch, `dpi` at most, at which a page of this size in points fits the limits; 0 where none does."""
    inches = max(width, height, 1.0) / _POINTS_PER_INCH
    square_inches = max(1.0, width) * max(1.0, height) / _POINTS_PER_INCH**2
    return min(dpi, int(_MAX_SIDE / inches), int(math.sqrt(_MAX_PIXELS / square_inches)))


def _pixels(drawn: pypdfium2.PdfBitmap) -> bytes:
    """The grey values without what pads each row to a multiple of four bytes."""
    rows = memoryview(drawn.buffer).cast("B")
    if drawn.stride == drawn.width:
        return rows.tobytes()
    return b"".join(rows[start : start + drawn.width] for start in range(0, len(rows), drawn.stride))

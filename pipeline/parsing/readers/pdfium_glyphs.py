"""Where pdfium sees each character of an open page, as shares of the page as it is shown; and whether it can be seen.

Annotations and fields have their values as characters, too, each of which stands on the whole of its rectangle.
"""

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from pipeline.parsing.redaction.glyphs import MOST_GLYPHS, Box, Glyph

_POINTS_PER_INCH = 72
_MAX_PIXELS = 25_000_000  # of one picture, three bytes each: A4 at 300 dpi has 9 million
_MAX_SIDE = 30_000  # pixels
_SEEN_DPI = 100  # at which it is looked whether a word can be seen
_CONTRAST = 12  # of 255 grey values: a word in paler ink than this is not seen
_DEVICE = 1 << 24  # the side of a device on which places are asked for, which are whole numbers
_STRETCH = 1000.0  # points between places that are asked for
_MAX_NOTES, _MAX_VALUE = 2_000, 100_000  # annotations of a page, characters of one of them
_BUTTONS = (pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
# These show what they say; of the others a symbol is seen.
_SPEAKING = (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """How places on a page become shares of what is shown of it: pages are cut and turned."""

    x: tuple[float, float, float]
    y: tuple[float, float, float]

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A rectangle in the page's own points. It may lie outside of what is shown."""
        first, second = self._share(left, bottom), self._share(right, top)
        return Box(
            min(first[0], second[0]), min(first[1], second[1]), max(first[0], second[0]), max(first[1], second[1])
        )

    def _share(self, x: float, y: float) -> tuple[float, float]:
        return (self.x[0] + self.x[1] * x + self.x[2] * y, self.y[0] + self.y[1] * x + self.y[2] * y)


def glyphs(page: pypdfium2.PdfPage) -> list[Glyph] | None:
    """All characters in the order of the text, then those of annotations and fields; None where there are too many."""
    sheet = _sheet(page)
    text_page = page.get_textpage()
    try:
        count = max(0, pdfium.FPDFText_CountChars(text_page))
        found = [] if count > MOST_GLYPHS else list(_characters(text_page, count, sheet))
    finally:
        text_page.close()
    found += _noted(page, sheet)
    if count > MOST_GLYPHS or len(found) > MOST_GLYPHS:
        return None
    seen = fitting_dpi(page, _SEEN_DPI)
    return list(_as_seen(found, drawn(page, seen, "L") if seen else None))


def drawn(page: pypdfium2.PdfPage, dpi: int, mode: str) -> Image.Image:
    """The page as it is shown and printed, with annotations and fields, in `RGB` or in grey (`L`)."""
    bitmap = page.render(scale=dpi / _POINTS_PER_INCH, grayscale=mode == "L", rev_byteorder=mode != "L")
    try:
        picture: Image.Image = bitmap.to_pil().convert(mode).copy()
        return picture
    finally:
        bitmap.close()


def fitting_dpi(page: pypdfium2.PdfPage, dpi: int) -> int:
    """The dots per inch, `dpi` at most, at which the page fits the limits; 0 where none does."""
    width, height = max(1.0, page.get_width()), max(1.0, page.get_height())
    square_inches = width * height / _POINTS_PER_INCH**2
    longest_inches = max(width, height) / _POINTS_PER_INCH
    return min(dpi, int(_MAX_SIDE / longest_inches), int(math.sqrt(_MAX_PIXELS / square_inches)))


def _sheet(page: pypdfium2.PdfPage) -> _Sheet:
    origin, right, up = (_on_device(page, *place) for place in ((0.0, 0.0), (_STRETCH, 0.0), (0.0, _STRETCH)))
    x, y = (
        (
            origin[axis] / _DEVICE,
            (right[axis] - origin[axis]) / _STRETCH / _DEVICE,
            (up[axis] - origin[axis]) / _STRETCH / _DEVICE,
        )
        for axis in (0, 1)
    )
    return _Sheet(x, y)


def _on_device(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, _DEVICE, _DEVICE, 0, x, y, across, down)
    return across.value, down.value


def _characters(text_page: pypdfium2.PdfTextPage, count: int, sheet: _Sheet) -> Iterator[Glyph]:
    waiting = 0  # the first half of a character of two
    for index in range(count):
        unit = pdfium.FPDFText_GetUnicode(text_page, index)
        if 0xD800 <= unit < 0xDC00:
            waiting = unit
            continue
        if waiting and 0xDC00 <= unit < 0xE000:
            unit = 0x10000 + ((waiting - 0xD800) << 10) + (unit - 0xDC00)
        waiting = 0
        if not 0 < unit <= 0x10FFFF or 0xD800 <= unit < 0xE000:
            continue
        box = None if pdfium.FPDFText_IsGenerated(text_page, index) == 1 else _box(text_page, index, sheet)
        is_outside = box is not None and not (box.left < 1 and box.right > 0 and box.top < 1 and box.bottom > 0)
        yield Glyph(chr(unit), None if is_outside else box, not is_outside)


def _box(text_page: pypdfium2.PdfTextPage, index: int, sheet: _Sheet) -> Box | None:
    """What a character takes up: its shape, and its part of the line."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    shape: Box | None = None
    if pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        shape = sheet.box(left.value, bottom.value, right.value, top.value)
    part = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(text_page, index, part):
        return shape
    loose = sheet.box(part.left, part.bottom, part.right, part.top)
    return loose if shape is None else loose.around(shape)


def _noted(page: pypdfium2.PdfPage, sheet: _Sheet) -> Iterator[Glyph]:
    for index in range(min(_MAX_NOTES, pdfium.FPDFPage_GetAnnotCount(page))):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            yield from _of_annotation(page, annotation, sheet)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _of_annotation(page: pypdfium2.PdfPage, annotation: object, sheet: _Sheet) -> Iterator[Glyph]:
    rectangle = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(annotation, rectangle):
        return
    box = sheet.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
    is_speaking = pdfium.FPDFAnnot_GetSubtype(annotation) in _SPEAKING and not _is_button(page, annotation)
    for value, is_shown in dict.fromkeys(_values(page, annotation, is_speaking)):
        yield Glyph("\n", None)
        for character in value:
            yield Glyph(character, box, is_shown)


def _is_button(page: pypdfium2.PdfPage, annotation: object) -> bool:
    """Whether it is one to be pressed or marked: what it says is the name of a state."""
    return page.formenv is not None and pdfium.FPDFAnnot_GetFormFieldType(page.formenv, annotation) in _BUTTONS


def _values(page: pypdfium2.PdfPage, annotation: object, is_speaking: bool) -> Iterator[tuple[str, bool]]:
    """What an annotation says, and whether that is shown."""
    readings = [partial(pdfium.FPDFAnnot_GetStringValue, annotation, key) for key in (b"Contents", b"V")]
    if page.formenv is not None:  # a value may be kept where several fields share it
        readings.append(partial(pdfium.FPDFAnnot_GetFormFieldValue, page.formenv, annotation))
    for reading in readings:
        if value := _string(reading):
            yield value, is_speaking


def _string(reading: Callable[[object, int], int]) -> str:
    """What pdfium gives as UTF-16 with a zero behind it."""
    size = reading(None, 0)
    if not 2 < size <= 2 * _MAX_VALUE:
        return ""
    units = (ctypes.c_ushort * (size // 2))()
    reading(units, size)
    return bytes(units)[:-2].decode("utf-16-le", "replace").strip()


def _as_seen(glyphs: Sequence[Glyph], picture: Image.Image | None) -> Iterator[Glyph]:
    """The same, with words marked that the picture does not show: white ones, covered ones, those of hidden layers."""
    for is_word, group in groupby(glyphs, key=lambda glyph: glyph.box is not None and not glyph.character.isspace()):
        word = list(group)
        if not is_word or picture is None:
            yield from word
            continue
        for part in _parts(word):
            is_seen = _is_seen(picture, part)
            yield from (glyph if is_seen else replace(glyph, is_shown=False) for glyph in part)


def _parts(word: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """A word in parts of one line each: pdfium joins words that are divided at the end of one."""
    part: list[Glyph] = []
    for glyph in word:
        if part and glyph.box is not None and part[-1].box is not None and not _is_beside(part[-1].box, glyph.box):
            yield part
            part = []
        part.append(glyph)
    yield part


def _is_beside(one: Box, other: Box) -> bool:
    return min(one.bottom, other.bottom) > max(one.top, other.top)


def _is_seen(picture: Image.Image, word: Sequence[Glyph]) -> bool:
    box = reduce(Box.around, (glyph.box for glyph in word if glyph.box is not None))
    left, top = int(box.left * picture.width), int(box.top * picture.height)
    right, bottom = math.ceil(box.right * picture.width), math.ceil(box.bottom * picture.height)
    part = (max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom))
    if part[0] >= part[2] or part[1] >= part[3]:
        return False
    values = [value for value, count in enumerate(picture.crop(part).histogram()) if count]
    return values[-1] - values[0] >= _CONTRAST

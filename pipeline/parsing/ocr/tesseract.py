"""Tesseract through its C library: loaded once, then it reads pictures from memory. No program, no temporary file."""

import ctypes
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline.parsing.ocr.ink import left_out
from pipeline.parsing.ocr.lines import Box, Line, Word
from pipeline.parsing.ocr.reading import Reading
from pipeline.parsing.ocr.rows import columns_in, is_table

# tesseract/publictypes.h and tesseract/ocrclass.h
_BLOCK, _PARAGRAPH, _LINE, _WORD = range(4)  # PageIteratorLevel
# PageSegMode: columns, blocks, lines, and lines that run downwards; or one column of lines; or one block of lines
_AUTOMATIC, _ONE_COLUMN, _ONE_BLOCK = 3, 4, 6
_AS_MUCH, _AS_SURE = 0.99, 3.0  # share of the letters, points of confidence
# Letters beside the indented lines that they belong to are less sure in one block, and pull down their neighbours.
_LEFT_OUT, _AS_MUCH_IN_BLOCK = 0.001, 0.97  # of the ink (two letters of 2000), of the letters
_NEURAL, _WHATEVER = 1, 3  # OcrEngineMode: the one for which distributions have models, and what else there is
_LARGEST_SIDE = 32767  # pixels: the library's own limit
# What the library is told of the resolution: it drops small letters as noise by it. Measured on letters of 12 points:
# twice the true number costs up to 43 % of the characters, the least that it believes costs none.
_TOLD_DPI = 70
_HANDLE, _TEXT = ctypes.c_void_p, ctypes.c_char_p
_SIGNATURES: dict[str, tuple[Any, ...]] = {  # of tesseract/capi.h: result, then arguments
    "TessBaseAPICreate": (_HANDLE,),
    "TessBaseAPIInit2": (ctypes.c_int, _HANDLE, _TEXT, _TEXT, ctypes.c_int),
    "TessBaseAPISetPageSegMode": (None, _HANDLE, ctypes.c_int),
    "TessBaseAPISetImage": (None, _HANDLE, _TEXT, *[ctypes.c_int] * 4),
    "TessBaseAPISetSourceResolution": (None, _HANDLE, ctypes.c_int),
    "TessBaseAPIRecognize": (ctypes.c_int, _HANDLE, _HANDLE),
    "TessBaseAPIGetIterator": (_HANDLE, _HANDLE),
    "TessBaseAPIClear": (None, _HANDLE),
    "TessResultIteratorDelete": (None, _HANDLE),
    "TessResultIteratorNext": (ctypes.c_bool, _HANDLE, ctypes.c_int),
    "TessResultIteratorGetUTF8Text": (_HANDLE, _HANDLE, ctypes.c_int),
    "TessResultIteratorConfidence": (ctypes.c_float, _HANDLE, ctypes.c_int),
    "TessResultIteratorWordRecognitionLanguage": (_TEXT, _HANDLE),
    "TessResultIteratorGetPageIterator": (_HANDLE, _HANDLE),
    "TessPageIteratorIsAtBeginningOf": (ctypes.c_bool, _HANDLE, ctypes.c_int),
    "TessPageIteratorBoundingBox": (ctypes.c_bool, _HANDLE, ctypes.c_int, *[ctypes.POINTER(ctypes.c_int)] * 4),
    "TessDeleteText": (None, _HANDLE),
}


class Tesseract:
    """The engine with its models in memory. One thread may use it."""

    def __init__(self, library: Path, models: Path, languages: Sequence[str]) -> None:
        """Load the library and, of all languages together and of each alone, the models. Raises OSError."""
        os.environ["OMP_THREAD_LIMIT"] = "1"  # more threads make it slower, and a forked child can have none
        self._library = ctypes.CDLL(str(library))
        for name, (result, *arguments) in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments
        sets = {tuple(languages), *((language,) for language in languages)}
        self._handles = {one: self._loaded(models, one) for one in sets}

    def read(self, picture: Image.Image, languages: Sequence[str]) -> Reading:
        """The text of an 8-bit grey picture. Raises KeyError for languages that were not loaded together.

        Where letters were left out, the page is read again as one block, unless it has columns: the layout analysis
        takes dense letters on noisy paper for photographs, and loses the numbers beside indented paragraphs. A table is
        read again line by line across the page, for its columns are not well told: single digits get lost.
        """
        handle = self._handles[tuple(languages)]
        reading = self._read(picture, handle, _AUTOMATIC)
        if left_out(picture, reading.lines, reading.word_height) > _LEFT_OUT and not columns_in(reading.lines):
            block = self._read(picture, handle, _ONE_BLOCK)
            if block.letters > reading.letters and _is_like(block, reading, _AS_MUCH_IN_BLOCK):
                return block
        if not is_table(reading.lines):
            return reading
        across = self._read(picture, handle, _ONE_COLUMN)
        return across if _is_like(across, reading, _AS_MUCH) else reading

    def _read(self, picture: Image.Image, handle: int, layout: int) -> Reading:
        if max(picture.size) > _LARGEST_SIDE or min(picture.size) < 1:
            return Reading(())
        call = self._library
        values = picture.tobytes()  # the library reads them where they lie
        call.TessBaseAPISetPageSegMode(handle, layout)
        call.TessBaseAPISetImage(handle, values, picture.width, picture.height, 1, picture.width)
        call.TessBaseAPISetSourceResolution(handle, _TOLD_DPI)
        try:
            if call.TessBaseAPIRecognize(handle, None):
                return Reading(())
            return Reading(tuple(self._lines(handle)))
        finally:
            call.TessBaseAPIClear(handle)

    def _loaded(self, models: Path, languages: tuple[str, ...]) -> int:
        names = "+".join(languages)
        for mode in (_NEURAL, _WHATEVER):
            handle: int = self._library.TessBaseAPICreate()
            if not self._library.TessBaseAPIInit2(handle, os.fsencode(models), names.encode("ascii"), mode):
                return handle
        raise OSError(f"the models of {names} cannot be loaded")

    def _lines(self, handle: int) -> Iterator[Line]:
        call = self._library
        place = call.TessBaseAPIGetIterator(handle)
        if not place:
            return
        try:
            page = call.TessResultIteratorGetPageIterator(place)  # the same place, asked in other words
            block, words = 0, list[Word]()
            line = Line("", (), 0, Box(0, 0, 0, 0))
            more = True
            while more:
                block += call.TessPageIteratorIsAtBeginningOf(page, _BLOCK)
                if call.TessPageIteratorIsAtBeginningOf(page, _LINE):
                    if words:
                        yield replace(line, words=tuple(words))
                    begins = call.TessPageIteratorIsAtBeginningOf(page, _PARAGRAPH)
                    line = Line(self._text(place, _LINE), (), block, self._box(page, _LINE), begins)
                    words = []
                words.append(self._word(place, page))
                more = call.TessResultIteratorNext(place, _WORD)
            yield replace(line, words=tuple(words))
        finally:
            call.TessResultIteratorDelete(place)

    def _word(self, place: int, page: int) -> Word:
        confidence = self._library.TessResultIteratorConfidence(place, _WORD)
        language = self._library.TessResultIteratorWordRecognitionLanguage(place) or b""
        return Word(self._text(place, _WORD), confidence, self._box(page, _WORD), language.decode("ascii", "replace"))

    def _box(self, page: int, level: int) -> Box:
        left, top, right, bottom = (ctypes.c_int() for _ in range(4))
        self._library.TessPageIteratorBoundingBox(page, level, left, top, right, bottom)
        return Box(left.value, top.value, right.value, bottom.value)

    def _text(self, place: int, level: int) -> str:
        pointer = self._library.TessResultIteratorGetUTF8Text(place, level)
        if not pointer:
            return ""
        try:
            return ctypes.string_at(pointer).decode("utf-8", "replace")
        finally:
            self._library.TessDeleteText(pointer)


def _is_like(found: Reading, reading: Reading, as_much: float) -> bool:
    """Whether a reading in another layout has nearly as many letters, as sure: patterns of photographs are less."""
    return found.sure_letters >= as_much * reading.sure_letters and found.confidence >= reading.confidence - _AS_SURE

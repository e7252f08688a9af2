"""Tesseract through its C library: loaded once, then it reads pictures from memory. No program, no temporary file."""

import ctypes
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline.parsing.ocr.reading import Line, Reading, Word

# tesseract/publictypes.h and tesseract/ocrclass.h
_PARAGRAPH, _LINE, _WORD = 1, 2, 3  # PageIteratorLevel
_AUTOMATIC = 3  # PageSegMode: columns, blocks, lines, and lines that run upwards
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
        """The text of an 8-bit grey picture. Raises KeyError for languages that were not loaded together."""
        handle = self._handles[tuple(languages)]
        if max(picture.size) > _LARGEST_SIDE or min(picture.size) < 1:
            return Reading(())
        call = self._library
        values = picture.tobytes()  # the library reads them where they lie
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
                self._library.TessBaseAPISetPageSegMode(handle, _AUTOMATIC)
                return handle
        raise OSError(f"the models of {names} cannot be loaded")

    def _lines(self, handle: int) -> Iterator[Line]:
        call = self._library
        place = call.TessBaseAPIGetIterator(handle)
        if not place:
            return
        text, words, begins = "", list[Word](), False
        try:
            page = call.TessResultIteratorGetPageIterator(place)  # the same place, asked in other words
            more = True
            while more:
                if call.TessPageIteratorIsAtBeginningOf(page, _LINE):
                    if words:
                        yield Line(text, tuple(words), begins)
                    begins = call.TessPageIteratorIsAtBeginningOf(page, _PARAGRAPH)
                    text, words = self._text(place, _LINE), []
                words.append(self._word(place, page))
                more = call.TessResultIteratorNext(place, _WORD)
            yield Line(text, tuple(words), begins)
        finally:
            call.TessResultIteratorDelete(place)

    def _word(self, place: int, page: int) -> Word:
        call = self._library
        left, top, right, bottom = (ctypes.c_int() for _ in range(4))
        call.TessPageIteratorBoundingBox(page, _WORD, left, top, right, bottom)
        language = call.TessResultIteratorWordRecognitionLanguage(place) or b""
        confidence = call.TessResultIteratorConfidence(place, _WORD)
        height = min(bottom.value - top.value, right.value - left.value)  # of lines that run upwards it is the width
        return Word(self._text(place, _WORD), confidence, height, language.decode("ascii", "replace"))

    def _text(self, place: int, level: int) -> str:
        pointer = self._library.TessResultIteratorGetUTF8Text(place, level)
        if not pointer:
            return ""
        try:
            return ctypes.string_at(pointer).decode("utf-8", "replace")
        finally:
            self._library.TessDeleteText(pointer)

"""The readings of one picture: as it is, enlarged where its letters are small, turned where they make no sense. Pure.

Each one that is yielded is better than those before, so that one whose time ends within an attempt keeps the last.
"""

from collections.abc import Callable, Iterator

from PIL import Image, ImageFilter
from PIL.Image import Resampling, Transpose

from pipeline.parsing.ocr.reading import Reading

Read = Callable[[Image.Image, int], Reading]  # of an 8-bit grey picture and its resolution in dpi

# Noise and the ragged edges of black-and-white scans cost more than sharpness gains. Measured at 200 dpi: with a
# radius of 0.75 pixels errors fall from 1.1 to 0.3 % (noise), from 0.31 to 0.24 % (two colours), from 0.14 to 0.09 %
# (clean); with 1.0 they rise again.
_SOFTENED_INCHES = 0.75 / 200
_SMALL_PIXELS, _GOOD_PIXELS = 11.0, 20.0  # height of words: below, letters of 12 points lie in less than 180 dpi
_MOST_ENLARGED = 3.0
_MAX_PIXELS = 40_000_000
_SMALL_IS_FINE = 93.0  # confidence, of 100
# Text on its head gives 20 to 57, text that is wrongly printed more. Lines that run upwards are read as they are, so
# that half a turn serves for both ways in which a page can lie on its side.
_SENSELESS = 65.0
_BETTER = 1.02  # by so much, for more than chance


def readings(read: Read, picture: Image.Image, dpi: int) -> Iterator[Reading]:
    """Up to three readings, each better than the one before; the first may be empty."""
    best = read(_softened(picture, dpi), dpi)
    yield best
    for attempt in (_enlarged, _turned):
        changed = attempt(best, picture, dpi)
        if changed is None:
            continue
        found = read(_softened(*changed), changed[1])
        if found.sure_letters > _BETTER * best.sure_letters:
            best = found
            picture, dpi = changed
            yield best


def _softened(picture: Image.Image, dpi: int) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(_SOFTENED_INCHES * dpi))


def _enlarged(found: Reading, picture: Image.Image, dpi: int) -> tuple[Image.Image, int] | None:
    """The picture with letters of a good size, if they are small and were not read well."""
    if not 0 < found.word_height < _SMALL_PIXELS or found.confidence >= _SMALL_IS_FINE:
        return None
    room = (_MAX_PIXELS / (picture.width * picture.height)) ** 0.5
    times = min(_GOOD_PIXELS / found.word_height, _MOST_ENLARGED, room)
    if times <= 1.1:
        return None
    size = (int(picture.width * times), int(picture.height * times))
    return picture.resize(size, Resampling.LANCZOS), round(dpi * times)


def _turned(found: Reading, picture: Image.Image, dpi: int) -> tuple[Image.Image, int] | None:
    """The picture on its head, if what was read makes no sense."""
    if not found.letters or found.confidence >= _SENSELESS:
        return None
    return picture.transpose(Transpose.ROTATE_180), dpi

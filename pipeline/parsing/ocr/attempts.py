"""The readings of one picture: straight, then without specks, larger, or turned, where it was read badly. Pure.

Each one that is yielded is better than those before, so that one whose time ends within an attempt keeps the last.
"""

from collections.abc import Callable, Iterator

from PIL import Image, ImageChops, ImageFilter, ImageStat
from PIL.Image import Resampling, Transpose

from pipeline.parsing.ocr.reading import Reading
from pipeline.parsing.ocr.skew import skew

Read = Callable[[Image.Image], Reading]  # of an 8-bit grey picture

# Noise and the ragged edges of black-and-white scans cost more than sharpness gains. Measured at 200 dpi, where words
# of 12 points are 13 pixels high: with a radius of 0.75 pixels errors fall from 1.1 to 0.3 % (noise), from 0.31 to
# 0.24 % (two colours), from 0.14 to 0.09 % (clean); with 1.0 they rise again.
_SOFTENED_INCHES = 0.75 / 200
_SOFTENED_HEIGHTS = 0.75 / 13
_FINE = 93.0  # confidence, of 100: not read again
# Height of words: below, letters of 8 points lie in less than 200 dpi. Such pictures may have been enlarged already
# (picture_size.py), so that only confidence tells whether their letters are fine.
_SMALL_PIXELS, _GOOD_PIXELS = 16.0, 20.0
_MOST_ENLARGED = 3.0
_MAX_PIXELS = 40_000_000
# Specks are pixels by so much darker than each of the eight around them. Measured: of the pixels of pages without any
# they are 0.00033 at most; where one in 300 is black, which costs 10 to 20 % of the characters, they are 0.0007.
_SPECK_DARKER, _SPECKLED = 60, 0.0005
# Text on its head gives 20 to 57, text that is wrongly printed more. Lines that run downwards are read as they are, so
# that half a turn serves for both ways in which a page can lie on its side.
_SENSELESS = 65.0
_BETTER = 1.02  # by so much, for more than chance


def readings(read: Read, picture: Image.Image, dpi: int) -> Iterator[Reading]:
    """Up to four readings, each better than the one before; the first may be empty."""
    straight = _straight(picture)
    softness = _SOFTENED_INCHES * dpi
    best = read(_softened(straight, softness))
    yield best
    if best.confidence < _FINE and _has_specks(picture):
        cleaned = _straight(picture.filter(ImageFilter.MedianFilter(3)))
        found = read(_softened(cleaned, softness))
        if _is_better(found, best):
            best, straight = found, cleaned
            yield best
    if (times := _times_to_enlarge(best, straight)) > 1:
        larger = straight.resize((int(straight.width * times), int(straight.height * times)), Resampling.LANCZOS)
        found = read(_softened(larger, _SOFTENED_HEIGHTS * best.word_height * times))
        if _is_better(found, best):
            best, straight, softness = found, larger, _SOFTENED_HEIGHTS * best.word_height * times
            yield best
    if best.letters and best.confidence < _SENSELESS:
        found = read(_softened(straight.transpose(Transpose.ROTATE_180), softness))
        if _is_better(found, best):
            yield found


def _straight(picture: Image.Image) -> Image.Image:
    angle = skew(picture)
    if not angle:
        return picture
    paper = ImageStat.Stat(picture).median[0]  # white beside grey paper would be taken for the paper
    return picture.rotate(angle, Resampling.BICUBIC, expand=True, fillcolor=paper)


def _softened(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def _has_specks(picture: Image.Image) -> bool:
    second_darkest = picture.filter(ImageFilter.RankFilter(3, 1))
    specks = ImageChops.subtract(second_darkest, picture).point(lambda value: value > _SPECK_DARKER)
    return ImageStat.Stat(specks).mean[0] > _SPECKLED


def _times_to_enlarge(found: Reading, picture: Image.Image) -> float:
    """How much larger letters should be that are small and were not read well."""
    if not 0 < found.word_height < _SMALL_PIXELS or found.confidence >= _FINE:
        return 1.0
    room: float = (_MAX_PIXELS / (picture.width * picture.height)) ** 0.5
    return min(_GOOD_PIXELS / found.word_height, _MOST_ENLARGED, room)


def _is_better(found: Reading, best: Reading) -> bool:
    return found.sure_letters > _BETTER * best.sure_letters

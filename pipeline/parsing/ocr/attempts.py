"""The readings of one picture: straight, then without specks, larger, or turned, where it was read badly. Pure.

Each one that is yielded is better than those before, so that one whose time ends within an attempt keeps the last.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageStat
from PIL.Image import Resampling, Transpose

from pipeline.parsing.ocr.lines import Box
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


@dataclass(frozen=True, slots=True)
class Turned:
    """How a picture lay when it was read: turned by degrees against the clock, then as large as `size` in pixels."""

    original: tuple[int, int]
    angle: float
    size: tuple[int, int]
    is_upside_down: bool = False

    def in_original(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what holds a box in the picture as it was given, as shares of its sides."""
        corners = [self._share(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        across, down = zip(*corners, strict=True)
        return (min(across), min(down), max(across), max(down))

    def _share(self, x: float, y: float) -> tuple[float, float]:
        """Places are told from the middle, which stays where it is."""
        radians = math.radians(self.angle)
        width, height = self.original
        grown_width = abs(width * math.cos(radians)) + abs(height * math.sin(radians))
        grown_height = abs(width * math.sin(radians)) + abs(height * math.cos(radians))
        sign = -1 if self.is_upside_down else 1
        across = sign * (x / self.size[0] - 0.5) * grown_width
        down = sign * (y / self.size[1] - 0.5) * grown_height
        return (
            0.5 + (across * math.cos(radians) - down * math.sin(radians)) / width,
            0.5 + (across * math.sin(radians) + down * math.cos(radians)) / height,
        )


def readings(read: Read, picture: Image.Image, dpi: int) -> Iterator[Reading]:
    """Up to four readings, each better than the one before; the first may be empty."""
    for reading, _ in placed_readings(read, picture, dpi):
        yield reading


def placed_readings(read: Read, picture: Image.Image, dpi: int) -> Iterator[tuple[Reading, Turned]]:
    """The same, each with how the picture lay for it."""
    straight, angle = _straight(picture)
    softness = _SOFTENED_INCHES * dpi
    best = read(_softened(straight, softness))
    yield best, Turned(picture.size, angle, straight.size)
    if best.confidence < _FINE and _has_specks(picture):
        cleaned, cleaned_angle = _straight(picture.filter(ImageFilter.MedianFilter(3)))
        found = read(_softened(cleaned, softness))
        if _is_better(found, best):
            best, straight, angle = found, cleaned, cleaned_angle
            yield best, Turned(picture.size, angle, straight.size)
    if (times := _times_to_enlarge(best, straight)) > 1:
        larger = straight.resize((int(straight.width * times), int(straight.height * times)), Resampling.LANCZOS)
        found = read(_softened(larger, _SOFTENED_HEIGHTS * best.word_height * times))
        if _is_better(found, best):
            best, straight, softness = found, larger, _SOFTENED_HEIGHTS * best.word_height * times
            yield best, Turned(picture.size, angle, straight.size)
    if best.letters and best.confidence < _SENSELESS:
        found = read(_softened(straight.transpose(Transpose.ROTATE_180), softness))
        if _is_better(found, best):
            yield found, Turned(picture.size, angle, straight.size, is_upside_down=True)


def _straight(picture: Image.Image) -> tuple[Image.Image, float]:
    """The picture with its lines level, and by how many degrees it was turned against the clock."""
    angle = skew(picture)
    if not angle:
        return picture, 0.0
    paper = ImageStat.Stat(picture).median[0]  # white beside grey paper would be taken for the paper
    return picture.rotate(angle, Resampling.BICUBIC, expand=True, fillcolor=paper), angle


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

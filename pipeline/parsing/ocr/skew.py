"""By how much a picture of text is turned, a few degrees at most: where its lines stand out most. Pure."""

from itertools import pairwise

from PIL import Image, ImageFilter, ImageOps
from PIL.Image import Resampling

_LONGEST_SIDE = 700  # pixels; lines are still apart, and all angles take a quarter of a second
_MOST_DEGREES = 10
_STEPS = 4  # of a degree
_STANDS_OUT = 1.5  # times what it is without turning: photographs have no lines
_SOFTENED_PIXELS = 0.7  # as turning does it, so that what is not turned does not stand out by its sharpness
_MIDDLE_GREY = 128
_LEAST_DEGREES = 0.5  # engines read what is turned less


def skew(picture: Image.Image) -> float:
    """The angle in degrees by which to turn an 8-bit grey picture, against the clock, so that its lines lie level.

    0 where they do, where there are none, or where they lie otherwise by more than 10 degrees (or 90).
    """
    small = picture.reduce(-(-max(picture.size) // _LONGEST_SIDE)) if max(picture.size) > _LONGEST_SIDE else picture
    plain = ImageOps.autocontrast(small, cutoff=1).filter(ImageFilter.GaussianBlur(_SOFTENED_PIXELS))
    ink = plain if is_dark(small) else ImageOps.invert(plain)  # what turning adds at the corners is no ink
    degrees = max(range(-_MOST_DEGREES, _MOST_DEGREES + 1), key=lambda angle: _contrast(ink, angle))
    near = [degrees + step / _STEPS for step in range(1 - _STEPS, _STEPS)]
    angle = max(near, key=lambda angle: _contrast(ink, angle))
    stands_out = _contrast(ink, angle) > _STANDS_OUT * _contrast(ink, 0)
    return angle if stands_out and abs(angle) >= _LEAST_DEGREES else 0.0


def is_dark(picture: Image.Image) -> bool:
    """Whether the paper is dark, and what is written on it light."""
    return picture.resize((1, 1), Resampling.BOX).tobytes()[0] < _MIDDLE_GREY


def _contrast(ink: Image.Image, angle: float) -> float:
    """How much the amount of ink changes from row to row, and from column to column: pages may lie on their side."""
    turned = ink.rotate(angle, Resampling.BILINEAR)
    rows = turned.resize((1, turned.height), Resampling.BOX).tobytes()
    columns = turned.resize((turned.width, 1), Resampling.BOX).tobytes()
    return float(sum((one - following) ** 2 for line in (rows, columns) for one, following in pairwise(line)))

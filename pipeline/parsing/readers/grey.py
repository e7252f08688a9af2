"""Any picture in 8-bit grey values, the right way up, as it would look on white paper. Pure."""

import math

from PIL import Image
from PIL.Image import Transpose

_ORIENTATION = 0x0112
_FAINT = 16  # of 255 grey values: a picture on its background with less contrast shows nothing
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_LYING = frozenset({5, 6, 7, 8})  # orientations whose sides change places


def upright(picture: Image.Image) -> tuple[Image.Image, bool]:
    """The picture in grey, turned as its EXIF says, and whether its sides changed places. Raises anything."""
    turned = _orientation(picture)
    found = _grey(picture)
    return (found.transpose(_UPRIGHT[turned]) if turned in _UPRIGHT else found), turned in _LYING


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation; 1, upright, where there is none."""
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # broken EXIF is no reason not to read the picture
        return 1


def _grey(picture: Image.Image) -> Image.Image:
    """8-bit grey values of any mode; what is transparent lies on white, or on black where white would hide it."""
    if picture.mode.startswith(("I", "F")):
        return _stretched(picture)
    if picture.mode == "LAB":
        return picture.getchannel("L")
    if picture.mode == "P" and "transparency" in picture.info:
        picture = picture.convert("RGBA")
    grey = picture.convert("L")
    if picture.mode not in ("RGBA", "LA", "PA", "La", "RGBa"):
        return grey
    alpha = picture.getchannel("A")
    laid = Image.composite(grey, Image.new("L", grey.size, 255), alpha)
    if _contrast(laid) >= _FAINT:
        return laid
    return Image.composite(grey, Image.new("L", grey.size, 0), alpha)


def _stretched(picture: Image.Image) -> Image.Image:
    """Numbers of more than 8 bits: their range becomes that of grey values."""
    numbers = picture.convert("F")
    low, high = (float(bound) for bound in _extrema(numbers))
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return Image.new("L", picture.size, 255)
    scale = 255 / (high - low)
    return numbers.point(lambda value: value * scale - low * scale).convert("L")


def _contrast(grey: Image.Image) -> float:
    low, high = _extrema(grey)
    return high - low


def _extrema(picture: Image.Image) -> tuple[float, float]:
    low, high = picture.getextrema()
    assert isinstance(low, int | float) and isinstance(high, int | float)
    return low, high

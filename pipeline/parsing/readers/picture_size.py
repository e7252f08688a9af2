"""In which resolution a picture lies, and in which size it is to be drawn so that its text can be recognised. Pure."""

from dataclasses import dataclass

MAX_PIXELS = 40_000_000  # drawn: more than A3 at 400 dpi; recognition takes a second for a few million
# A recogniser reads letters of 15 to 50 pixels best. Measured on letters of 12 points: below 150 dpi errors multiply,
# and enlarging to 200 dpi undoes that (from 60 % of the characters to 0.5 % at 100 dpi); above 400 dpi it only takes
# longer.
_TOO_COARSE_DPI, _FINE_ENOUGH_DPI, _TOO_FINE_DPI = 180, 200, 400
_MOST_ENLARGED = 4.0
_PLAUSIBLE_DPI = (50.0, 2_600.0)
# Cameras and screens write 72 or 96 for want of anything better. By such a number a page would be larger than A3.
_MEANINGLESS_UP_TO_DPI, _MEANINGLESS_FROM_INCHES = 100.0, 17.0
_PAGE_INCHES = 11.7  # the long side of A4, which an untagged picture is taken to show


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """Pixels per inch, which differ in faxes: 204 across and 98 down."""

    x_dpi: float
    y_dpi: float

    def enlarged(self, across: float, down: float) -> "Resolution":
        """That of the same picture, drawn so many times as wide and high."""
        return Resolution(self.x_dpi * across, self.y_dpi * down)


def resolution(size: Size, tagged: tuple[float, float]) -> Resolution:
    """What the file says (x, y; 0: nothing), if that can be; else what it would be if the picture shows a page."""
    x_dpi, y_dpi = tagged
    if all(_PLAUSIBLE_DPI[0] <= dpi <= _PLAUSIBLE_DPI[1] for dpi in tagged) and max(x_dpi, y_dpi) <= 3 * min(tagged):
        inches = max(size.width / x_dpi, size.height / y_dpi)
        if max(tagged) > _MEANINGLESS_UP_TO_DPI or inches < _MEANINGLESS_FROM_INCHES:
            return Resolution(x_dpi, y_dpi)
    guessed = min(max(max(size.width, size.height) / _PAGE_INCHES, _PLAUSIBLE_DPI[0]), _PLAUSIBLE_DPI[1])
    return Resolution(guessed, guessed)


def drawn_size(size: Size, found: Resolution, wanted_dpi: int) -> Size:
    """The size in which to draw a picture of this size and resolution: square pixels, neither too few nor too many."""
    coarse = min(found.x_dpi, found.y_dpi)
    if coarse < _TOO_COARSE_DPI:
        target = min(max(found.x_dpi, found.y_dpi, _FINE_ENOUGH_DPI), _MOST_ENLARGED * coarse)
    elif coarse > _TOO_FINE_DPI:
        target = float(max(wanted_dpi, _FINE_ENOUGH_DPI))
    else:
        target = max(found.x_dpi, found.y_dpi)
    width, height = size.width * target / found.x_dpi, size.height * target / found.y_dpi
    shrunk = min(1.0, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    if shrunk == 1.0:
        return Size(max(1, round(width)), max(1, round(height)))
    return Size(max(1, int(width * shrunk)), max(1, int(height * shrunk)))

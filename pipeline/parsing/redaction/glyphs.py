"""The characters of one page with the place of each, as they travel from a child. Believes nothing it unpacks. Pure.

Places are shares of the page as it is shown, from its upper left corner, in steps of 1/65535.
"""

import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

STEPS = 65_535
MOST_GLYPHS = 200_000  # of one page; a dense one has 10,000
_PLACE = struct.Struct("<4HB")


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a page, in shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """From its upper to its lower edge."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """From its left to its right edge."""
        return self.right - self.left

    def around(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grown(self, across: float, down: float) -> "Box":
        """Larger by so much on each side, within the page."""
        return Box(
            max(0.0, self.left - across),
            max(0.0, self.top - down),
            min(1.0, self.right + across),
            min(1.0, self.bottom + down),
        )


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character. `box` is None for what was only concluded, such as spaces; hidden ones are not `is_shown`."""

    character: str
    box: Box | None
    is_shown: bool = True


def pack(glyphs: Iterable[Glyph]) -> tuple[str, bytes]:
    """The characters, and the place of each."""
    characters: list[str] = []
    places = bytearray()
    for glyph in glyphs:
        characters.append(glyph.character)
        places += _PLACE.pack(*_corners(glyph.box), glyph.is_shown)
    return "".join(characters), bytes(places)


def fits(text: str, places: bytes) -> bool:
    """Whether there is a place for each character, and not more of them than a page may have."""
    return len(text) <= MOST_GLYPHS and len(places) == _PLACE.size * len(text)


def unpack(text: str, places: bytes) -> Iterator[Glyph]:
    """The glyphs of what fits()."""
    for character, (left, top, right, bottom, shown) in zip(text, _PLACE.iter_unpack(places), strict=True):
        is_box = left < right and top < bottom
        box = Box(left / STEPS, top / STEPS, right / STEPS, bottom / STEPS) if is_box else None
        yield Glyph(character, box, bool(shown))


def _corners(box: Box | None) -> tuple[int, int, int, int]:
    """In steps, never less than the box, and never nothing."""
    if box is None:
        return (0, 0, 0, 0)
    left, right = _span(box.left, box.right)
    top, bottom = _span(box.top, box.bottom)
    return (left, top, right, bottom)


def _span(start: float, end: float) -> tuple[int, int]:
    first = min(STEPS - 1, max(0, math.floor(STEPS * start)))
    return first, min(STEPS, max(first + 1, math.ceil(STEPS * end)))

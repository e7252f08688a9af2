"""Where values stand on a page, what is to be painted over for them, and the text that is left. Pure.

Every occurrence of every value counts, within words too: what is painted once too often can be seen to be missing,
what is painted once too rarely cannot.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.parsing.redaction.glyphs import Box, Glyph
from pipeline.parsing.redaction.squeezing import squeeze, squeeze_places

_LINE_ENDS = "\n\r"
_HYPHENS_AT_LINE_ENDS = "\x02\ufffe"  # as pdfium gives them, without the line's end
_UNKNOWN = "\ufffd"
_SAME_LINE = 0.5  # of the lower of two boxes stands beside the other
_GAP = 1.5  # heights between two characters: what follows is another column, and gets a place of its own
_NARROW = 2.0  # times as wide as a character: so wide is no line of words beside each other
BLOCK = "\u2588"  # stands for a value whose replacement would say something of a value


@dataclass(frozen=True, slots=True)
class Target:
    """A value as it stands in the stored text of a page, and the word that takes its place."""

    value: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of one line, where they stand on the page."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """What became of one page: the keys that were found, the places to be painted over, the text that is left.

    Of keys `in_hidden_text` only the text says that they stand there: the page shows them elsewhere or not at all.
    """

    found: frozenset[str]
    in_hidden_text: bool
    areas: tuple[Box, ...]
    runs: tuple[Run, ...]

    @property
    def letters(self) -> int:
        """How many letters and digits are left."""
        return sum(character.isalnum() for run in self.runs for character in run.text)


class Targets:
    """All values that are to be removed from one document, the longest first."""

    def __init__(self, targets: Iterable[Target]) -> None:
        keys: dict[str, str] = {}
        for target in targets:
            if key := squeeze(target.value):
                keys.setdefault(key, target.replacement)
        self.keys = tuple(sorted(keys, key=lambda key: (-len(key), key)))
        self._words = [_harmless(keys[key], self.keys) for key in self.keys]

    def on(self, glyphs: Sequence[Glyph]) -> Page:
        """What becomes of a page."""
        owners, found = self._owners(glyphs)
        hidden = any(owner is not None and not glyph.is_shown for owner, glyph in zip(owners, glyphs, strict=True))
        return Page(found, hidden, tuple(_areas(glyphs, owners)), tuple(_runs(glyphs, owners, self._words)))

    def remain_in(self, text: str) -> bool:
        """Whether any value stands in a text."""
        squeezed = squeeze(text)
        return any(key in squeezed for key in self.keys)

    def _owners(self, glyphs: Sequence[Glyph]) -> tuple[list[int | None], frozenset[str]]:
        """For each glyph the number of the value that it belongs to, the longest of several; and the values found.

        One of which a part is shown nobody knows where is not found.
        """
        squeezed, places = squeeze_places([glyph.character for glyph in glyphs])
        owners: list[int | None] = [None] * len(glyphs)
        found: set[str] = set()
        lost: set[str] = set()
        for number, key in enumerate(self.keys):
            start = squeezed.find(key)
            while start >= 0:
                found.add(key)
                for place in range(places[start], places[start + len(key) - 1] + 1):
                    if owners[place] is None:
                        owners[place] = number
                if any(
                    glyphs[place].box is None and glyphs[place].is_shown for place in places[start : start + len(key)]
                ):
                    lost.add(key)
                start = squeezed.find(key, start + 1)
        return owners, frozenset(found - lost)


def _harmless(replacement: str, keys: Sequence[str]) -> str:
    """The replacement, unless it would be taken for a value itself, or be part of one with what stands around it."""
    word = " ".join(replacement.split())
    squeezed = squeeze(word)
    return BLOCK if not squeezed or any(key in squeezed or squeezed in key for key in keys) else word


def _areas(glyphs: Sequence[Glyph], owners: Sequence[int | None]) -> Iterator[Box]:
    """The places of all values, one for each line on which a part of it stands."""
    area: Box | None = None
    for glyph, owner in zip(glyphs, owners, strict=True):
        if owner is not None and glyph.box is None:
            continue  # a space in a value
        if area is not None and (owner is None or glyph.box is None or not _goes_on(area, glyph.box)):
            yield area
            area = None
        if owner is not None and glyph.box is not None:
            area = glyph.box if area is None else area.around(glyph.box)
    if area is not None:
        yield area


def _runs(glyphs: Sequence[Glyph], owners: Sequence[int | None], words: Sequence[str]) -> Iterator[Run]:
    """The text that is shown, with values replaced where they begin."""
    text: list[str] = []
    box: Box | None = None
    before: int | None = None
    for glyph, owner in zip(glyphs, owners, strict=True):
        is_new, before = owner is not None and owner != before, owner
        ends = glyph.character in _LINE_ENDS or (
            glyph.box is not None and box is not None and not _goes_on(box, glyph.box)
        )
        if ends and (run := _run(text, box)):
            yield run
        if ends:
            text, box = [], None
        if owner is None:
            text.append(_written(glyph))
        elif is_new:
            text.append(words[owner])
        is_seen = glyph.is_shown and not glyph.character.isspace()
        if glyph.box is not None and (owner is not None or is_seen):
            box = glyph.box if box is None else box.around(glyph.box)
    if run := _run(text, box):
        yield run


def _written(glyph: Glyph) -> str:
    """A character of the text that is left: spaces stay, and what cannot be seen goes."""
    if glyph.character in _HYPHENS_AT_LINE_ENDS:
        return "-" if glyph.is_shown else ""
    if glyph.character.isspace():
        return " "
    return glyph.character if glyph.is_shown and glyph.character.isprintable() and glyph.character != _UNKNOWN else ""


def _run(text: Sequence[str], box: Box | None) -> Run | None:
    words = " ".join("".join(text).split())
    return Run(words, box) if words and box is not None else None


def _goes_on(line: Box, box: Box) -> bool:
    """Whether a character stands on the line of those before it, and not far from them."""
    if _follows(line, box):
        return True
    is_narrow = line.width <= _NARROW * box.width
    return is_narrow and _follows(_turned(line), _turned(box))  # the line runs up or down the page


def _follows(line: Box, box: Box) -> bool:
    lower = min(line.height, box.height)
    beside = min(line.bottom, box.bottom) - max(line.top, box.top)
    gap = max(box.left - line.right, line.left - box.right)
    return beside >= _SAME_LINE * lower and gap <= _GAP * max(line.height, box.height)


def _turned(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)

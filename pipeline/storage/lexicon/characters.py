"""What each character is to whoever divides texts into words: tables by code point, filled as characters are met."""

import numpy as np
import numpy.typing as npt

from pipeline.storage import pairs
from pipeline.storage.lexicon import terms

SEPARATOR, WORD, RUN, MARK, _UNKNOWN = range(5)  # kinds; a run is of a script without spaces
_CODE_POINTS = 0x110000

Codes = npt.NDArray[np.uint32]


class Characters:
    """Tables of shape (code points,): `small` letters, which ones are `plain` (pairs.py), and which are `numbers`.

    What they say of a character holds once kinds() was asked of it.
    """

    def __init__(self) -> None:
        self.small = np.arange(_CODE_POINTS, dtype=np.uint32)
        self.plain = np.zeros(_CODE_POINTS, np.bool_)
        self.numbers = np.zeros(_CODE_POINTS, np.bool_)
        self._kinds = np.full(_CODE_POINTS, _UNKNOWN, np.uint8)

    def kinds(self, text: Codes) -> npt.NDArray[np.uint8]:
        """The kinds of the characters of a text, in which a mark is a part of what it stands on."""
        kinds: npt.NDArray[np.uint8] = self._kinds[text]
        unknown = text[kinds == _UNKNOWN]
        if unknown.size:
            for code in np.unique(unknown).tolist():
                self._look(code, chr(code))
            kinds = self._kinds[text]
        marks = np.flatnonzero(kinds == MARK)
        for place in marks.tolist():
            kinds[place] = kinds[place - 1] if place else SEPARATOR
        return kinds

    def _look(self, code: int, character: str) -> None:
        self.small[code] = ord(terms.lowered(character))
        self.plain[code] = pairs.is_plain(character)
        self.numbers[code] = character.isnumeric()
        if pairs.letters(character):
            self._kinds[code] = RUN
        elif pairs.is_mark(character):
            self._kinds[code] = MARK
        else:
            self._kinds[code] = WORD if character.isalnum() else SEPARATOR

"""A text as detectors read it: one form of digits, spaces and hyphens, nothing that cannot be seen. Pure.

Who hides a number behind look-alikes or zero-width characters, or whose word processor does, is found all the same;
places are told in the text as it stands.
"""

import re
import unicodedata
from dataclasses import dataclass

# Nothing of these can be seen: zero-width characters, marks of writing direction, variation selectors, tags.
_INVISIBLE = re.compile(
"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
                        "\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")  # fmt: skip
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
# Letters that look like one of the Latin alphabet (Unicode UTS #39, confusables), as far as numbers and codes use them.
_LOOK_ALIKES = dict(zip("АВЕКМНОРСТУХасеорух", "ABEKMHOPCTYXaceopyx", strict=True)) | dict(
    zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True)
)
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_ALONE = re.compile(
    r"(?<![^\W\d_])[^\W\d_a-zA-Z](?![^\W\d_])|[^\W\d_a-zA-Z](?=[0-9A-Za-z])|(?<=[0-9A-Za-z])[^\W\d_a-zA-Z]"
)


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` as read; `places` are where its characters stand in the text it is of, None: at the same places."""

    text: str
    places: tuple[int, ...] | None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that text[start:end] was made of, what is invisible in it included."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def plain(text: str) -> Plain:
    """The text as detectors read it."""
    if text.isascii():
        return Plain(text, None)
    places = None
    if _INVISIBLE.search(text):
        places = tuple(place for place, character in enumerate(text) if not _INVISIBLE.match(character))
        text = _INVISIBLE.sub("", text)
    text = _FOREIGN.sub(lambda found: _seen(found[0]), text)
    return Plain(_ALONE.sub(lambda found: _LOOK_ALIKES.get(found[0], found[0]), text), places)


def _seen(character: str) -> str:
    """One character for one: digits of any script, full-width letters, spaces and hyphens of any width."""
    if character in _HYPHENS:
        return "-"
    if character in _SPACES:
        return " "
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if "\uff01" <= character <= "\uff5e" or "\U0001d400" <= character <= "\U0001d7ff":  # full width, mathematical
        folded = unicodedata.normalize("NFKC", character)
        return folded if len(folded) == 1 else character
    return character

"""Finds words in scripts that put no spaces between them: as pairs of neighbouring characters. Pure.

Pairs need no dictionary and miss no word; it is how Lucene's CJKAnalyzer indexes these scripts, Korean included, whose
words end in particles. A "character" is a letter with the marks on it, such as a Thai consonant with its vowel sign.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

BEGINNING = "*"  # behind what is sought as the beginning of a term; no term has it
LETTERS = (
    "\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b"  # Han
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"  # Japanese syllables
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\u1100-\u115f\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\uffa0-\uffdc"  # Korean
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"  # Thai
    "\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"  # Lao
    "\u1780-\u17b3\u17d7\u17dc"  # Khmer
    "\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066"  # Burmese
    "\u106e-\u1070\u1075-\u1081\u108e\uaa60-\uaa7a"
)
# Combining marks (Mn, Mc): accents, vowel signs, what is set on or below a letter. They are parts of words. Letters
# among them do no harm, so that the blocks of Indic scripts are named as a whole, without their full stops.
MARKS = (
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"  # of several scripts
    "\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Cyrillic, Hebrew
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0"  # Arabic
    "\u0900-\u0963\u0966-\u096f\u0971-\u0df3"  # Indic
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18-\u0fbc"  # Thai, Lao, Tibetan
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d"  # Burmese
    "\u108f-\u109d\u17b4-\u17d3\u17dd\u180b-\u180d\u302a-\u302f\u3099\u309a"  # Khmer, Mongolian, Japanese
)
# And what is no mark by its category: the voicing of half width, the vowel and the end of a Korean syllable, variants.
SIGNS = "\uff9e\uff9f\u1160-\u11ff\ud7b0-\ud7fb\U000e0100-\U000e01ef"
_ON_LETTER = f"(?:[{SIGNS}]|(?![^\\W_])[{MARKS}])"
_MARK = re.compile(_ON_LETTER)
_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # how a character is drawn, not which one it is
CHARACTER = f"[{LETTERS}]{_ON_LETTER}*"


@cache  # each takes some milliseconds to compile, and a question in Latin letters needs none of them
def _character() -> re.Pattern[str]:
    return re.compile(CHARACTER)


@cache
def _term() -> re.Pattern[str]:
    return re.compile(f"(?P<run>(?:{CHARACTER})+)|(?P<word>(?:(?![{LETTERS}])[\\w{MARKS}])+)")


@dataclass(frozen=True, slots=True)
class Term:
    """A pair of characters, a single one, or a word of another script, which lies at text[start:end]."""

    text: str
    start: int
    end: int


def is_mark(character: str) -> bool:
    """Whether a character is a part of the one before it, such as an accent or a vowel sign."""
    return _MARK.match(character) is not None


def is_plain(character: str) -> bool:
    """Whether a character is a letter of a script without spaces, in the form by which it is found."""
    return _character().fullmatch(character) is not None and _folded(character) == character


def letters(text: str) -> int:
    """How many of the characters are of scripts without spaces."""
    return sum(1 for _ in _character().finditer(text))


def runs(text: str) -> Iterator[str]:
    """The stretches of a text in scripts without spaces."""
    return (found[0] for found in _term().finditer(text) if found["run"])


def terms(text: str) -> Iterator[Term]:
    """All that a text is found by, in order: the pairs of each run, its last character, and words of other scripts."""
    for found in _term().finditer(text):
        if found["word"]:
            yield Term(_folded(found[0]), found.start(), found.end())
            continue
        run = [Term(_folded(one[0]), *one.span()) for one in _character().finditer(text, found.start(), found.end())]
        yield from (Term(one.text + next_.text, one.start, next_.end) for one, next_ in pairwise(run))
        yield run[-1]


def sought(text: str) -> Iterator[str]:
    """The terms that a question looks for. A character that stands alone may begin any pair: BEGINNING follows it."""
    for found in _term().finditer(text):
        *others, last = terms(found[0])
        if others or found["word"]:
            yield from (term.text for term in others or [last])
        else:
            yield last.text + BEGINNING


def _folded(text: str) -> str:
    """One form for full and half width and for all ways to draw a character; never with a space in it."""
    return "".join(unicodedata.normalize("NFKC", _VARIANTS.sub("", text)).split())

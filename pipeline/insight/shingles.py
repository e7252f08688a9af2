"""A text as the set of its runs of five words; what two such sets share says how much of the text is the same. Pure.

A. Broder, "On the resemblance and containment of documents", SEQUENCES 1997. Words are letters and digits alone, in
small letters, so that lines, hyphens, punctuation and formats make no difference; of scripts without spaces each
character is a word. A run is kept as a number of 64 bits: that two different ones have the same is not to be expected.
"""

import hashlib
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import PageText
from pipeline.storage import pairs

RUN_WORDS = 5
FEWEST_WORDS = 20  # a shorter text is one run, its whole: five words of it in another document mean nothing
_WORD = re.compile(f"[{pairs.LETTERS}]|(?:(?![{pairs.LETTERS}])[^\\W_])+")
_WINDOW_CHARACTERS = 1 << 20  # normalised at a time; cut behind a word
_WORD_END = re.compile(r"\s")
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd: of a run no word is lost by the overflow

Shingles = npt.NDArray[np.uint64]  # distinct, ascending


def bodies(pages: Sequence[PageText]) -> Iterator[str]:
    """The texts of pages without running heads, which a word processor writes once and a printed page each time."""
    for page in pages:
        start, end = page.body or (0, len(page.text))
        yield page.text[start:end]


def of(texts: Iterable[str]) -> Shingles:
    """The runs of a text that is given in parts, such as pages; runs reach over their ends. Empty without any word."""
    words = _numbers(texts)
    if not len(words):
        return np.empty(0, np.uint64)
    length = RUN_WORDS if len(words) >= FEWEST_WORDS else len(words)
    runs = np.zeros(len(words) - length + 1, np.uint64)
    for place in range(length):
        runs = runs * _BASE + words[place : place + len(runs)]
    found: Shingles = np.unique(mixed(runs + np.uint64(length)))
    return found


def resemblance(one: Shingles, other: Shingles) -> float:
    """The share of runs that both have, of all that one of them has (Jaccard): 1 for the same text, 0 without any."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    together = len(one) + len(other) - shared
    return shared / together if together else 0.0


def mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Numbers whose bits depend on all bits of the given ones: the last steps of splitmix64 (Steele et al. 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _numbers(texts: Iterable[str]) -> npt.NDArray[np.uint64]:
    """A number for each word, in order, the same for the same word."""
    known: dict[str, int] = {}
    found = array("Q")
    for window in (part for text in texts for part in _windows(text)):
        for word in _WORD.findall(unicodedata.normalize("NFKC", window.casefold())):
            number = known.get(word)
            if number is None:
                digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                number = known[word] = int.from_bytes(digest, "little")
            found.append(number)
    return np.frombuffer(found, np.uint64) if found else np.empty(0, np.uint64)


def _windows(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _WINDOW_CHARACTERS:
        end = _WORD_END.search(text, start + _WINDOW_CHARACTERS)
        cut = len(text) if end is None else end.end()
        yield text[start:cut]
        start = cut
    yield text[start:]

"""How alike two texts are: words shared, words known, characters wrong. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\w+")
_HYPHENATED = re.compile(r"(?<=\w)[-\u00ad\u2010]\s*\n\s*(?=\w)")


def words(text: str) -> list[str]:
    """The words of a text as both sides are compared: compatibility forms folded, hyphens at line ends mended."""
    folded = unicodedata.normalize("NFKC", text.replace("\u00ad\n", "").replace("\u00ad", ""))
    return _WORD.findall(_HYPHENATED.sub("", folded).casefold())


def overlap(reference: str, text: str) -> float:
    """Share of the reference's words that the text has, each as often; 1 for a reference without words."""
    wanted, found = Counter(words(reference)), Counter(words(text))
    return sum((wanted & found).values()) / max(1, sum(wanted.values())) if wanted else 1.0


def f1(reference: str, text: str) -> float:
    """Harmonic mean of precision and recall over words, each counted as often as it occurs."""
    wanted, found = Counter(words(reference)), Counter(words(text))
    shared = sum((wanted & found).values())
    return 2 * shared / max(1, sum(wanted.values()) + sum(found.values()))


def known(reference: str, text: str) -> float:
    """Share of the text's words that occur in the reference at all: glued words do not."""
    vocabulary, found = set(words(reference)), words(text)
    return sum(word in vocabulary for word in found) / max(1, len(found))


def are_glued(reference: str, text: str) -> bool:
    """Whether most of the text's words that the reference lacks are words of it without the space between them.

    Words of two letters or more on average: a reference that tears words into letters is no evidence.
    """
    wanted = words(reference)
    vocabulary, joined, edges = set(wanted), "".join(wanted), set(accumulate(map(len, wanted), initial=0))
    unknown = [word for word in words(text) if word not in vocabulary]

    def is_glued(word: str, start: int) -> bool:
        ends = [place for place in range(start + 1, start + len(word) + 1) if place in edges]
        return start in edges and start + len(word) in ends and 2 * len(ends) <= len(word)

    glued = [word for word in unknown if any(is_glued(word, start) for start in _places(word, joined))]
    return 2 * len(glued) > len(unknown)


def _places(word: str, text: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def holds(text: str, beginning: str) -> bool:
    """Whether a text has the beginning that another reader found, whose last word may be cut, and words torn."""
    wanted = words(beginning)[:-1]
    if overlap(" ".join(wanted), text) >= _HELD:
        return True
    triples, found = (_triples("".join(words(one))) for one in (beginning, text))
    return bool(triples) and len(triples & found) / len(triples) >= _HELD


_HELD = 0.9  # of the words, or of all triples of characters


def _triples(text: str) -> set[str]:
    return {text[place : place + 3] for place in range(len(text) - 2)}


def character_errors(reference: str, text: str) -> float:
    """Character error rate: the Levenshtein distance of both on one line, by characters of the reference."""
    wanted, found = (" ".join(unicodedata.normalize("NFKC", one).split()) for one in (reference, text))
    return distance(wanted, found) / max(1, len(wanted))


def distance(first: str, second: str) -> int:
    """Levenshtein distance, a row of the table at a time."""
    characters = np.frombuffer(second.encode("utf-32-le"), np.uint32)
    places = np.arange(len(characters) + 1)
    row: npt.NDArray[np.int64] = places.copy()
    for number, character in enumerate(first, 1):
        kept = row[:-1] + (characters != ord(character))
        best = np.concatenate(([number], np.minimum(kept, row[1:] + 1)))
        row = np.minimum.accumulate(best - places) + places  # insertions: the best to the left, plus its distance
    return int(row[-1])

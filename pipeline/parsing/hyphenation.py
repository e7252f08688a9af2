"""Joins words that are divided at the ends of lines, where the document itself shows that they are one word. Pure.

Whether `long-` and `term` are one word, or two with a hyphen between, is answered by what stands undivided elsewhere in
the document; no language need be known. A hyphen that may belong to the word stays.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from pipeline.datatypes import PageText

# A word of letters alone, at least two of them on either side of the hyphen: no part of a path, an address, a number,
# an option or a programmer's name. All counts are bounded, so that no text makes the search slow.
_HYPHEN_AT_LINE_END = re.compile(r"-[ \t]{0,99}\n[ \t]{0,99}(?=[^\W\d_])")
_BEFORE = re.compile(r"[—(\[{«»“”„‘’‚\"']{0,3}(?:[^\W\d_]{1,60}['’-]){0,5}(?P<letters>[^\W\d_]{2,60})")
_BEHIND = re.compile(r"(?P<letters>[^\W\d_]{2,60})(?![\w@\\=<>$#+~*]|[./:]\w)\S*")
_BEFORE_CHARACTERS = 200  # within which the word begins
_SPACE = re.compile(r"\s")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_DIVISIONS = 150_000  # in one document: books of 10,000 pages have fewer, and what has more is no text
_STRETCH_CHARACTERS = 200_000  # whose words are looked at together
# With one word left out, as in `in- and output`, the hyphen belongs where it is.
_CONJUNCTIONS = frozenset({"and", "or", "und", "oder", "sowie", "bzw", "et", "ou", "en", "of", "och", "eller", "og"})
# Where words are divided, so many of all lines end with one; hyphens of compounds alone come to a third of it.
_DIVIDING_SHARE, _DIVIDING_FEWEST = 0.03, 3

_Division = tuple[str, str]  # the letters before and behind a hyphen at the end of a line


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a word is divided: it goes on at `behind`, and all that hangs together with it ends at `end`."""

    division: _Division
    hyphen: int
    behind: int
    end: int


def mended(pages: Sequence[PageText]) -> tuple[PageText, ...]:
    """The pages with divided words in one piece, on the line on which they begin. All else stays."""
    places = (place.division for page in pages for place in _places(page.text))
    divisions = Counter(islice(places, _MOST_DIVISIONS))
    if not divisions or next(places, None):
        return tuple(pages)
    one_word = _Evidence(divisions, pages).one_word()
    return tuple(replace(page, text=_mend(page.text, one_word)) for page in pages)


def _places(text: str) -> Iterator[_Place]:
    for found in _HYPHEN_AT_LINE_END.finditer(text):
        hyphen = found.start()
        begin = 1 + max(text.rfind(space, max(0, hyphen - _BEFORE_CHARACTERS), hyphen) for space in " \n\t")
        before = _BEFORE.fullmatch(text, begin, hyphen)
        behind = _BEHIND.match(text, found.end())
        if before and behind:
            yield _Place((before["letters"], behind["letters"]), hyphen, found.end(), behind.end())


def _mend(text: str, one_word: set[_Division]) -> str:
    parts, done = [], 0
    for place in _places(text):
        if place.division not in one_word or place.hyphen < done:
            continue
        parts += [text[done : place.hyphen], text[place.behind : place.end]]
        done = place.end
        while text[done : done + 1] in (" ", "\t"):
            done += 1
        if text[done : done + 1] not in ("", "\n"):
            parts.append("\n")
    return "".join((*parts, text[done:]))


class _Evidence:
    """What of the divided words and their parts stands elsewhere in the document, and in which form."""

    def __init__(self, divisions: Counter[_Division], pages: Sequence[PageText]) -> None:
        self._divisions = divisions
        self._lines = sum(page.text.count("\n") + 1 for page in pages)
        self._words: set[str] = set()  # in lower case
        self._capitalised: set[str] = set()  # as they stand: those with a capital behind the division
        self._compounds: set[_Division] = set()  # with the hyphen within a line; the first part in lower case
        words = {part.casefold() for left, right in divisions for part in (left, right, left + right)}
        capitalised = {left + right for left, right in divisions if not right.islower()}
        compounds = {(left.casefold(), right) for left, right in divisions}
        for text in (stretch for page in pages for stretch in _stretches(_without_divisions(page.text))):
            tokens = set(text.split())
            found = set(_WORD.findall(" ".join(tokens)))
            self._words.update(words.intersection(map(str.casefold, found)))
            self._capitalised.update(capitalised.intersection(found))
            for token in tokens:
                if "-" in token:
                    parts = pairwise(_WORD.findall(token))
                    self._compounds.update(compounds.intersection((left.casefold(), right) for left, right in parts))

    def one_word(self) -> set[_Division]:
        """The divisions that are to be undone."""
        certain = {division for division in self._divisions if self._stands_undivided(division)}
        likely = {division for division in self._divisions.keys() - certain if self._may_be_one_word(division)}
        kept = sum(right.islower() for _, right in self._divisions.keys() - certain - likely)
        return certain | likely if len(certain) > kept or self._divides_often(certain | likely, kept) else certain

    def _divides_often(self, words: set[_Division], kept: int) -> bool:
        """Whether so many lines end with a hyphen, although none stands undivided, that words must be divided here."""
        times = sum(self._divisions[division] for division in words)
        return len(words) >= max(_DIVIDING_FEWEST, 2 * kept + 1) and times >= _DIVIDING_SHARE * self._lines

    def _stands_undivided(self, division: _Division) -> bool:
        left, right = division
        word = left + right
        return (word.casefold() in self._words if right.islower() else word in self._capitalised) and (
            not self._is_compound(division)
        )

    def _may_be_one_word(self, division: _Division) -> bool:
        """Whether it looks like one. `PDF-file` does not, nor do two words that stand by themselves elsewhere."""
        left, right = division
        if not (right.islower() and left[1:].islower()) or right in _CONJUNCTIONS:
            return False
        return not (left.casefold() in self._words and right in self._words)

    def _is_compound(self, division: _Division) -> bool:
        return (division[0].casefold(), division[1]) in self._compounds


def _stretches(text: str) -> Iterator[str]:
    """A long text in parts that end with words: the set of all words of a large file would take a gigabyte."""
    start = 0
    while len(text) - start > _STRETCH_CHARACTERS:
        space = _SPACE.search(text, start + _STRETCH_CHARACTERS)
        if space is None:
            break
        yield text[start : space.start()]
        start = space.start()
    yield text[start:]


def _without_divisions(text: str) -> str:
    """The text less its divided words: their parts are no evidence of words."""
    parts, done = [], 0
    for place in _places(text):
        parts.append(text[done : place.hyphen - len(place.division[0])])
        done = place.behind + len(place.division[1])
    return "".join((*parts, text[done:]))

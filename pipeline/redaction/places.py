"""What is to be taken out of a document: every finding, and every other place where the same value stands. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline.datatypes import Finding
from pipeline.personal import NAMES, PersonalKind

_MIN_CHARACTERS = 5  # shorter values, such as a PIN, are taken out where they were found: elsewhere they say nothing
_MIN_WITHIN = 8  # values as long as this are taken out of longer words, too: no other number has them by chance


@dataclass(frozen=True, slots=True)
class Target:
    """A value at page_text[start:end], and the kind of personal data that it is."""

    page: int
    start: int
    end: int
    kind: str
    value: str


def targets(pages: Mapping[int, str], found: Iterable[Finding], kinds: Collection[str] | None = None) -> list[Target]:
    """All that is to be taken out of pages, by page and place, none overlapping another. `kinds`: of these only.

    What is known for what it is on one page is taken out on all: there it may lack the words that told. So is the last
    word of a person's name, which mostly is the surname.
    """
    wanted = [one for one in found if kinds is None or one.kind in kinds]
    values: dict[str, str] = {}
    for one in wanted:
        said = pages[one.page][one.start : one.end]
        for part in (said, said.split()[-1]) if one.kind == PersonalKind.PERSON else (said,):
            if len(value := _squeezed(part)) >= _MIN_CHARACTERS:
                values.setdefault(value, one.kind)
    every = [Target(one.page, one.start, one.end, one.kind, pages[one.page][one.start : one.end]) for one in wanted]
    if values:
        pattern = _pattern(values)
        for page, text in pages.items():
            for match in pattern.finditer(text):
                kind = values.get(_squeezed(match[0]), "")
                every.append(Target(page, match.start(), match.end(), kind, match[0]))
    return _merged(every, pages)


def left(text: str, taken: Iterable[Target]) -> int:
    """How many of these values still stand in a text, of those that are long enough to be told apart."""
    values = {value: one.kind for one in taken if len(value := _squeezed(one.value)) >= _MIN_CHARACTERS}
    return len({_squeezed(match[0]) for match in _pattern(values).finditer(text)}) if values else 0


def _pattern(values: Mapping[str, str]) -> re.Pattern[str]:
    """Each value, by its kind, however its characters are spaced or broken over lines.

    A short one, and a name of any length, is none within a longer word; a name has a capital.
    """
    longest_first = sorted(values, key=len, reverse=True)
    return re.compile("|".join(_spaced(value, values[value]) for value in longest_first), re.IGNORECASE)


def _spaced(value: str, kind: str) -> str:
    spaced = r"[\s-]{0,3}".join(map(re.escape, value))
    if kind in NAMES:
        return rf"(?<!\w)(?-i:(?=[^a-zß-öø-ÿ])){spaced}(?!\w)"
    return spaced if len(value) >= _MIN_WITHIN else rf"(?<!\w){spaced}(?!\w)"


def _squeezed(value: str) -> str:
    return re.sub(r"[\s-]+", "", value).casefold()


def _merged(every: list[Target], pages: Mapping[int, str]) -> list[Target]:
    """In order, those that overlap as one, of the kind of the first."""
    merged: list[Target] = []
    for one in sorted(every, key=lambda target: (target.page, target.start, -target.end)):
        last = merged[-1] if merged else None
        if last is None or last.page != one.page or one.start >= last.end:
            merged.append(one)
        elif one.end > last.end:
            value = pages[one.page][last.start : one.end]
            merged[-1] = Target(last.page, last.start, one.end, last.kind, value)
    return merged

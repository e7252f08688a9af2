"""Finds the lines that page after page repeats at its top or bottom, so that they do not fill every passage. Pure.

A page's text stays whole; `body` says which part of it is the page's own. A line is left out of it only where pages
nearby have the same line at the same edge, the same but for a number that counts pages; the first of them keeps it.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from pipeline.datatypes import PageText

_EDGE_LINES = 6  # looked at from each edge: a letterhead and a page number
_LONGEST_LINE = 240  # characters; a running head fits on a line of print
_FEWEST_PAGES = 3  # that have a line with the number of each
_FARTHEST = 4  # pages apart, for two of those to be neighbours: some pages hold only a picture
# A line without a number that counts needs more: text repeats itself, too. Left and right pages may differ.
_FEWEST_SAME, _SHARE_SAME, _FARTHEST_SAME = 5, 0.7, 2  # pages; or, of fewer than that, this share
_MOST_NUMBERS = 6  # in one line, each of which may be the page's
_MOST_ALONE = 4  # in a line without words, as in `12.5.2024 3`: with more it is a row of a table

_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{3}")  # such a line has one: a bracket and an item's sign stand where they will
_SIGN_OF_TEXT = re.compile(r"[^\W_]")  # in a line that is no rule
_ROMAN = re.compile(r"c{0,3}(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_MOST_DIGITS, _MOST_ROMAN_DIGITS = 6, 8  # of a page number
_LONGEST_WITH_ROMAN = 60  # characters of a line in which a Roman number may be the page's
_FEWEST_WORDS = 2  # beside a page number that is not called one: `Article 5` may head the fifth page
_JOINING = "-/.:#_"  # before a number: it is part of `2024-5`
_COUNTING = "\0"  # begins the forms of lines that count: no text has it
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
# These words, before a number, say that it is the page's.
_PAGE_WORDS = frozenset(
    {
        "page", "pages", "pg", "p", "seite", "s", "blatt", "folio", "pagina", "página", "pág", "pag", "blad", "sida",
        "side", "sivu", "strona", "str", "strana", "stránka", "sayfa", "σελίδα", "страница", "стр",
    }
)  # fmt: skip
_PAGE_WORDS_BEHIND = ("页", "頁", "ページ", "쪽", "페이지", "oldal", "sayfa")  # and these behind it, or what begins so
_OF_WORDS = frozenset({"of", "von", "de", "di", "sur", "van", "av", "af", "z", "из"})  # before the count of all pages
# And these that it is the number of something else, though the line has other words: `Invoice of the shop, No. 5`.
_NUMBER_WORDS = frozenset(
    {"no", "nr", "nº", "n", "nos", "num", "number", "nummer", "numéro", "número", "id", "ref", "№"}
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a page, with the forms in which other pages may repeat it: as it is, and by its page number."""

    start: int
    end: int
    forms: tuple[str, ...] = ()
    is_rule: bool = False  # drawn with signs: part of a head, or of what is behind it


def marked(pages: Sequence[PageText]) -> tuple[PageText, ...]:
    """The pages with their bodies; None where all of a page is its own."""
    tops = _repeated([list(_from_top(page)) for page in pages])
    bottoms = _repeated([list(_from_bottom(page)) for page in pages])
    return tuple(_with_body(*edges) for edges in zip(pages, tops, bottoms, strict=True))


def _with_body(page: PageText, top: list[_Line], bottom: list[_Line]) -> PageText:
    start = top[-1].end if top else 0
    end = bottom[-1].start if bottom else len(page.text)
    return replace(page, body=(start, max(start, end)) if top or bottom else None)


def _repeated(edges: list[list[_Line]]) -> list[list[_Line]]:
    """For each page those lines from the edge on, up to the first of its own, that its neighbours repeat."""
    occurrences: defaultdict[str, list[int]] = defaultdict(list)
    for page, lines in enumerate(edges):
        for form in {form for line in lines for form in line.forms}:
            occurrences[form].append(page)
    repeats = [set[str]() for _ in edges]
    fewest_same = min(_FEWEST_SAME, max(_FEWEST_PAGES, math.ceil(_SHARE_SAME * len(edges))))
    for form, places in occurrences.items():
        counts = form.startswith(_COUNTING)
        fewest, farthest = (_FEWEST_PAGES, _FARTHEST) if counts else (fewest_same, _FARTHEST_SAME)
        for page in _behind_the_first(places, fewest, farthest):
            repeats[page].add(form)
    return [_leading(lines, forms) for lines, forms in zip(edges, repeats, strict=True)]


def _leading(lines: list[_Line], repeated: set[str]) -> list[_Line]:
    head = list(takewhile(lambda line: not repeated.isdisjoint(line.forms), lines))
    while head and head[-1].is_rule:
        head.pop()
    return head


def _behind_the_first(places: list[int], fewest: int, farthest: int) -> Iterator[int]:
    """Of the pages with one line, those that have enough neighbours with it, less the first of each neighbourhood."""
    first = 0
    for last, page in enumerate(places, 1):
        if last == len(places) or places[last] - page > farthest:
            if last - first >= fewest:
                yield from places[first + 1 : last]
            first = last


def _from_top(page: PageText) -> Iterator[_Line]:
    start = found = 0
    while start < len(page.text) and found < _EDGE_LINES:
        end = page.text.find("\n", start) + 1 or len(page.text)
        if not page.text[start : min(end, start + _LONGEST_LINE)].isspace():
            found += 1
            yield _line(page, start, end)
        start = end


def _from_bottom(page: PageText) -> Iterator[_Line]:
    end, found = len(page.text), 0
    while end > 0 and found < _EDGE_LINES:
        start = page.text.rfind("\n", 0, end - 1) + 1
        if not page.text[start : min(end, start + _LONGEST_LINE)].isspace():
            found += 1
            yield _line(page, start, end)
        end = start


def _line(page: PageText, start: int, end: int) -> _Line:
    if end - start > _LONGEST_LINE:
        return _Line(start, end)
    text = page.text[start:end].casefold()
    is_rule = not _SIGN_OF_TEXT.search(text)
    same = (_without_space(text),) if is_rule or _WORD.search(text) else ()
    counting = _counting(text, page.number) if len(text) < _LONGEST_WITH_ROMAN or _DIGIT.search(text) else ()
    return _Line(start, end, (*same, *counting), is_rule)


def _without_space(text: str) -> str:
    return "".join(text.split())  # of two readers of the same file, one may not see the spaces between words


def _counting(text: str, page: int) -> Iterator[str]:
    """The forms of a line in which one of its numbers counts pages: it is given by its distance to the page's own."""
    found = list(_TOKEN.finditer(text))
    tokens = [token[0] for token in found]
    for place in [place for place, token in enumerate(tokens) if _value(token)][:_MOST_NUMBERS]:
        start, end = found[place].span()
        distance = (_value(tokens[place]) or 0) - page
        set_off = start == 0 or text[start - 1] not in _JOINING
        if _is_page_number(tokens, place) or (set_off and _may_be_page_number(tokens, place, distance)):
            kind = "arabic" if tokens[place].isdecimal() else "roman"
            yield _without_space(f"{_COUNTING}{kind}{distance}:{text[:start]}#{text[end:]}")


def _is_page_number(tokens: list[str], place: int) -> bool:
    """Whether a number is called the page's, or stands without a word."""
    before, behind = tokens[:place], tokens[place + 1 :]
    if not _PAGE_WORDS.isdisjoint(before[-1:]) or "".join(behind[:1]).startswith(_PAGE_WORDS_BEHIND):
        return True
    return len(tokens) <= _MOST_ALONE and all(token in _OF_WORDS or token.isdecimal() for token in (*before, *behind))


def _may_be_page_number(tokens: list[str], place: int, distance: int) -> bool:
    """Whether a number is set off at an end of a line of some words, and none of them says what else it counts."""
    before, behind = tokens[:place], tokens[place + 1 :]
    if sum(token.isalpha() for token in (*before, *behind)) < _FEWEST_WORDS:
        return False
    last = all(token.isdecimal() or token in _OF_WORDS for token in behind) and distance <= 0
    return not before or (last and before[-1] not in _NUMBER_WORDS)


def _value(token: str) -> int | None:
    """The number that a token is, in digits or in Roman ones; None where it is none."""
    if token.isdecimal():
        return int(token) if len(token) <= _MOST_DIGITS and token[0] != "0" else None
    if token[0] not in _ROMAN_VALUES or len(token) > _MOST_ROMAN_DIGITS or not _ROMAN.fullmatch(token):
        return None
    digits = [_ROMAN_VALUES[letter] for letter in token]
    return sum(-one if one < following else one for one, following in zip(digits, [*digits[1:], 0], strict=True))

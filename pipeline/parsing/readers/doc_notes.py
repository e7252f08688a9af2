"""Footnotes, endnotes, comments and headers of a Word document (MS-DOC 2.8): which text stands where."""

import struct
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.parsing.readers.doc_structure import Part, Structure, decoded
from pipeline.parsing.readers.doc_text import plain

# Of each kind: the tables of its places in the main text and of where each one's text begins (2.5.6), and the bytes
# of one place, without its number.
_KINDS = {Part.FOOTNOTES: (2, 3, 2), Part.COMMENTS: (4, 5, 30), Part.ENDNOTES: (46, 47, 2)}
_HEADERS, _AUTHORS = 11, 36
_AUTHOR_AT = 20  # bytes into the place of a comment: the number of its author (2.9.7)
_SEPARATORS = 6  # stories before the headers: the lines above footnotes, and such
_PER_SECTION, _ABOVE = 6, (0, 1, 4)  # headers and footers of even, odd and first pages: which of them are headers


def notes(structure: Structure, text: "array[int]") -> Iterator[tuple[int, str]]:
    """Footnotes, endnotes and comments, each with its place in the main text: where that is not known, its end."""
    main_end = structure.span(Part.MAIN)[1]
    authors = list(_authors(structure.table(_AUTHORS)))
    for part, (places_at, bounds_at, place_bytes) in _KINDS.items():
        begin, end = structure.span(part)
        places, bounds = structure.table(places_at), _numbers(structure.table(bounds_at))
        count = max(0, (len(places) - 4) // (4 + place_bytes))
        if min(count, len(bounds) - 1) < 1:
            yield main_end, plain(decoded(text[begin:end]))
            continue
        numbers = struct.unpack_from(f"<{count}I", places)
        for number, (at, story) in enumerate(zip(numbers, _stories(text[begin:end], bounds), strict=False)):
            found = story.strip()
            if part is Part.COMMENTS and found:
                author_at = 4 * (count + 1) + number * place_bytes + _AUTHOR_AT
                author = int.from_bytes(places[author_at : author_at + 2], "little")
                found = f"Comment ({authors[author]}): {found}" if author < len(authors) else f"Comment: {found}"
            yield at, found


def headers(structure: Structure, text: "array[int]") -> tuple[list[str], list[str]]:
    """The headers and the footers of all sections."""
    begin, end = structure.span(Part.HEADERS)
    bounds = _numbers(structure.table(_HEADERS))
    if len(bounds) <= _SEPARATORS:
        return [], [plain(decoded(text[begin:end]))]
    above: list[str] = []
    behind: list[str] = []
    for number, story in enumerate(_stories(text[begin:end], bounds[_SEPARATORS:])):
        (above if number % _PER_SECTION in _ABOVE else behind).append(story)
    return above, behind


def _stories(text: "array[int]", bounds: Sequence[int]) -> Iterator[str]:
    """The texts between bounds, which only go up: no part of the text is taken twice."""
    taken = 0
    for first, behind in pairwise(bounds):
        yield plain(decoded(text[max(first, taken) : behind]))
        taken = max(taken, behind)


def _numbers(table: bytes) -> tuple[int, ...]:
    return struct.unpack_from(f"<{len(table) // 4}I", table)


def _authors(table: bytes) -> Iterator[str]:
    at = 0
    while at + 2 <= len(table):
        end = at + 2 + 2 * int.from_bytes(table[at : at + 2], "little")
        yield table[at + 2 : end].decode("utf-16-le", "replace")
        at = end

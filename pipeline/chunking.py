"""Cuts pages into passages of at most max_tokens model tokens, at paragraph or sentence ends, never across pages.

Every passage is an exact slice of its page's text: page_text[start:end] == chunk.text. Running heads are left out.
"""

import bisect
import re
from collections.abc import Callable, Iterator, Sequence

from pipeline.datatypes import Chunk, PageText

TokenSpans = Callable[[str], Sequence[tuple[int, int]]]  # character span of every model token of a text

SPECIAL_TOKENS = 2  # [CLS] and [SEP] take part in the model's limit
OVERLAP_TOKENS = 32  # sentences repeated at the start of the next passage, so that no thought is cut in two
WINDOW_CHARACTERS = 200_000  # tokenized at a time: the spans of a whole book would take gigabytes
MAX_CHARACTERS = 4000  # a long word is one token: without this bound a passage of base64 could be a whole file

_Span = tuple[int, int]
# A sentence ends at . ! ? … or their full-width forms, closing quotes included, before white space (or at once in
# scripts that use none); a paragraph ends at an empty line, or where a list item or heading begins a line.
_BOUNDARY = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)|[。！？]|\n\s*\n|\n(?=\s*(?:[-•*–]|\(?\w{1,3}[.)])\s)")


def split(pages: Sequence[PageText], token_spans: TokenSpans, max_tokens: int) -> tuple[Chunk, ...]:
    """The passages of all pages, in reading order. A page without text has none."""
    return tuple(
        Chunk(page.number, start, end, page.text[start:end])
        for page in pages
        for window, window_end in _windows(page.text, *(page.body or (0, len(page.text))))
        for start, end in _split_window(page.text, window, window_end, token_spans, max_tokens - SPECIAL_TOKENS)
    )


def _windows(text: str, start: int, end: int) -> Iterator[_Span]:
    """A long page in parts that are worked on one after the other, cut as _fitting() cuts a long sentence."""
    while end - start > WINDOW_CHARACTERS:
        cut = _last_break(text, start, start + WINDOW_CHARACTERS)
        yield start, cut
        start = cut
    yield start, end


def _split_window(text: str, start: int, end: int, token_spans: TokenSpans, room: int) -> Iterator[_Span]:
    """The passages of one window, with offsets in the whole text."""
    for first, last in _split_page(text[start:end], token_spans, room):
        yield start + first, start + last


def _split_page(text: str, token_spans: TokenSpans, room: int) -> Iterator[_Span]:
    starts = [start for start, _ in token_spans(text)]
    if not starts:
        return

    def fits(start: int, end: int) -> bool:
        if end - start > MAX_CHARACTERS:
            return False
        tokens = bisect.bisect_left(starts, end) - bisect.bisect_left(starts, start)
        if tokens <= 2 * room and not (_is_break(text, start) and _is_break(text, end)):
            tokens = len(token_spans(text[start:end]))  # a word that is cut has other tokens than the whole
        return tokens <= room

    pieces = [part for piece in _sentences(text) for part in _fitting(text, piece, starts, room, fits)]
    first = 0
    while first < len(pieces):
        last = first
        while last + 1 < len(pieces) and fits(pieces[first][0], pieces[last + 1][1]):
            last += 1
        yield pieces[first][0], pieces[last][1]
        if last + 1 == len(pieces):
            return
        first = _overlap_start(pieces, first, last, starts, fits)


def _overlap_start(
    pieces: list[_Span], first: int, last: int, starts: list[int], fits: Callable[[int, int], bool]
) -> int:
    """The piece with which the next passage starts: the last ones of this passage, up to the overlap, if they fit."""
    following = last + 1
    while following - 1 > first:
        start = pieces[following - 1][0]
        tokens = bisect.bisect_left(starts, pieces[last][1]) - bisect.bisect_left(starts, start)
        if tokens > OVERLAP_TOKENS or not fits(start, pieces[last + 1][1]):
            break
        following -= 1
    return following


def _sentences(text: str) -> Iterator[_Span]:
    """Sentences and paragraph parts in order, without the white space around them."""
    start = 0
    for match in _BOUNDARY.finditer(text):
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _fitting(
    text: str, piece: _Span, starts: list[int], room: int, fits: Callable[[int, int], bool]
) -> Iterator[_Span]:
    """A piece that is too long for one passage, cut where lines or words end; if there are none, between characters."""
    start, end = piece
    while not fits(start, end):
        index = bisect.bisect_left(starts, start)
        tokens = room
        while True:
            limit = min(end, start + MAX_CHARACTERS, starts[index + tokens] if index + tokens < len(starts) else end)
            cut = _last_break(text, start, max(limit, start + 1))
            if fits(start, cut) or tokens == 1:
                break
            tokens = max(1, tokens * 3 // 4)
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _is_break(text: str, place: int) -> bool:
    """Whether no word reaches over this place: at an end of the text, or beside white space."""
    return place <= 0 or place >= len(text) or text[place - 1].isspace() or text[place].isspace()


def _last_break(text: str, start: int, limit: int) -> int:
    half = start + (limit - start) // 2
    for mark in ("\n", "; ", ", ", " ", "\t"):
        found = text.rfind(mark, half, limit)
        if found >= half and found > start:
            return found + len(mark)
    return limit


def _trimmed(text: str, start: int, end: int) -> Iterator[_Span]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end

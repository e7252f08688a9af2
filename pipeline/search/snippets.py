"""Picks the part of a passage that shows why it was found. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SNIPPET_CHARACTERS = 240  # about three lines of a terminal
_LEAD = SNIPPET_CHARACTERS // 3  # how far before a match its sentence may begin to be shown from there
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*\s|[。！？]|\n")
_SPACE = re.compile(r"\s+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """One line of text; `highlights` are the places of matching words in it, as [start, end)."""

    text: str
    highlights: tuple[Span, ...] = ()


def snippet(text: str, spans: Sequence[Span]) -> Snippet:
    """The stretch with most distinct matches, from the beginning of a sentence where one is near; cut at words.

    The passage's beginning where none matched. `spans` are the places of matches, apart and in order.
    """
    start, end = _stretch(text, spans)
    pieces: list[str] = []
    highlights: list[Span] = []
    length = 0

    def put(piece: str) -> None:
        nonlocal length
        shown = _SPACE.sub(" ", piece)
        if shown.startswith(" ") and (not pieces or pieces[-1].endswith(" ")):
            shown = shown[1:]
        if shown:
            pieces.append(shown)
            length += len(shown)

    if text[:start].strip():
        put("… ")
    done = start
    for first, last in ((max(start, first), min(last, end)) for first, last in spans):
        if first >= last:
            continue
        put(text[done:first])
        begin = length
        put(text[first:last])
        highlights.append((begin, length))
        done = last
    put(text[done:end])
    line = "".join(pieces).rstrip()
    return Snippet(f"{line} …" if text[end:].strip() else line, tuple(highlights))


def _stretch(text: str, spans: Sequence[Span]) -> Span:
    whole = len(text.rstrip())
    first = len(text) - len(text.lstrip())
    if whole - first <= SNIPPET_CHARACTERS:
        return first, whole
    match = _best_match(text, spans)
    start = max(first, match - SNIPPET_CHARACTERS // 6)
    breaks = [found.end() for found in _SENTENCE_END.finditer(text, max(0, match - _LEAD), match)]
    if match <= first + _LEAD:
        start = first
    elif breaks:
        start = breaks[0]
    end = min(whole, start + SNIPPET_CHARACTERS)
    if end == whole:
        start = min(start, max(first, whole - SNIPPET_CHARACTERS))
    if start > first and not text[start - 1].isspace():  # at a word, unless none begins before the match
        start = text.find(" ", start, match) + 1 or start
    if end < whole:
        end = max(text.rfind(" ", start, end), start + SNIPPET_CHARACTERS // 2)
    return start, end


def _best_match(text: str, spans: Sequence[Span]) -> int:
    """The place of the match with which the window of most distinct matched words begins."""
    words = [text[start:end].casefold() for start, end in spans]
    inside: dict[str, int] = {}  # how often each word is in the window
    best, best_count, upto = 0, 0, 0
    for place, (offset, _) in enumerate(spans):
        while upto < len(spans) and spans[upto][0] < offset + SNIPPET_CHARACTERS * 3 // 4:
            inside[words[upto]] = inside.get(words[upto], 0) + 1
            upto += 1
        if len(inside) > best_count:
            best, best_count = offset, len(inside)
        inside[words[place]] -= 1
        if not inside[words[place]]:
            del inside[words[place]]
    return best

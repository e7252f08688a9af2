"""Picks the part of a passage that shows why it was found. Pure."""

import re

from pipeline.storage.fulltext import MARK_END, MARK_START

SNIPPET_CHARACTERS = 240  # about three lines of a terminal
_MARKED = re.compile(f"{MARK_START}([^{MARK_END}]*){MARK_END}")


def matched_words(marked: str) -> tuple[str, ...]:
    """The distinct words that matched, lower case, in order of appearance."""
    return tuple(dict.fromkeys(word.casefold() for word in _MARKED.findall(marked)))


def snippet(marked: str) -> str:
    """The stretch with most distinct matches, on one line, cut at words; the passage's beginning when none matched."""
    text = re.sub(r"\s+", " ", marked).strip()
    plain = text.replace(MARK_START, "").replace(MARK_END, "")
    if len(plain) <= SNIPPET_CHARACTERS:
        return plain
    match = _best_match(text)
    end = min(len(plain), max(0, match - SNIPPET_CHARACTERS // 6) + SNIPPET_CHARACTERS)
    start = max(0, end - SNIPPET_CHARACTERS)
    if start:
        start = plain.find(" ", start, match) + 1 or start  # at a word, unless none begins before the match
    if end < len(plain):
        end = max(plain.rfind(" ", start, end), start + SNIPPET_CHARACTERS // 2)
    return f"{'… ' if start else ''}{plain[start:end].strip()}{' …' if end < len(plain) else ''}"


def _best_match(text: str) -> int:
    """Offset in the unmarked text of the match with which the window of most distinct matched words begins."""
    places: list[tuple[int, str]] = []
    removed = 0
    for match in _MARKED.finditer(text):
        places.append((match.start() - removed, match[1].casefold()))
        removed += 2  # the two marks
    best, best_count = 0, 0
    for offset, _ in places:
        window = {word for place, word in places if offset <= place < offset + SNIPPET_CHARACTERS * 3 // 4}
        if len(window) > best_count:
            best, best_count = offset, len(window)
    return best

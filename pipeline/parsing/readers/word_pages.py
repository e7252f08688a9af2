"""The pages of a document of a word processor, once all of its text is known. Knows no format."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.outcomes import Code
from pipeline.parsing.readers.office_text import Draft
from pipeline.parsing.reading import ReadingEnded

PAGE_END = "\f"
_MAX_PAGES = 1_000_000
_BLANK_LINES = re.compile("\n{3,}")


@dataclass(slots=True)
class Parts:
    """The texts of a document: form feeds divide its pages; each one's notes; headers and footers, which stand once."""

    text: str
    notes: Mapping[int, list[str]] = field(default_factory=dict)
    pictures: frozenset[int] = frozenset()  # the pages that show some
    headers: Iterable[str] = ()
    footers: Iterable[str] = ()  # and boxes, of which nobody knows where they stand


def drafts(parts: Parts) -> list[Draft]:
    """The pages, at least one: headers above the first, notes at the foot of each, footers behind the last.

    Raises ReadingEnded(READER_LIMIT) for more pages than any document has.
    """
    if parts.text.count(PAGE_END) > _MAX_PAGES:
        raise ReadingEnded(Code.READER_LIMIT)
    texts = parts.text.split(PAGE_END)
    while len(texts) > 1 and not texts[-1].strip() and len(texts) - 1 not in parts.pictures:
        texts.pop()  # a break at the very end closes the last page
    last = len(texts) - 1
    notes: dict[int, list[str]] = {}
    for number, found in parts.notes.items():
        notes.setdefault(min(number, last), []).extend(note.strip() for note in found if note.strip())
    drafted = []
    for number, text in enumerate(texts):
        blocks = [tidied(text), "\n".join(notes.get(number, ()))]
        if number == 0:
            blocks = [*_once(parts.headers), *blocks]
        if number == last:
            blocks += _once(parts.footers)
        drafted.append(Draft("\n\n".join(block for block in blocks if block), number in parts.pictures))
    return drafted


def tidied(text: str) -> str:
    """Text without white space at the ends of lines, such as tabs of empty cells, and with one blank line at most."""
    lines = "\n".join(line.rstrip("\t ") for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(stripped for text in texts if (stripped := tidied(text).strip())))

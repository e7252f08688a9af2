"""What speaks against a name, or for another kind of it, once it is told: its letters, and the rest of the document."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pipeline.datatypes import Finding
from pipeline.insight.names.tags import Name

LEAST = 0.5  # scores below are more often wrong than right; measured on text that nothing was learned from
_LETTERS = 2
# A full stop belongs to a name after an initial, or a shortened word as these.
_ABBREVIATED = re.compile(r"(?:(?<!\w)\w|(?<!\w)(?:Inc|Ltd|Co|Corp|Bros|Jr|Sr|St|Dr|Mt|e\.V|\w\.\w|o\.o|r\.o))\.$")


def sound(text: str, name: Name) -> Name | None:
    """The name without marks around it; None: it has too few letters, or is too uncertain."""
    start, end = name.start, name.end
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or _ABBREVIATED.search(text, start, end)):
        end -= 1
    if name.score < LEAST or sum(map(str.isalpha, text[start:end])) < _LETTERS:
        return None
    return replace(name, start=start, end=end)


def agreed(texts: Mapping[int, str], found: Iterable[Finding]) -> Iterator[Finding]:
    """The names of one document, each of the kind that it has most surely throughout. `texts` are its pages."""
    those = list(found)
    surely: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in those:
        surely[_said(texts, one)][one.kind] += one.score
    for one in those:
        kinds = surely[_said(texts, one)]
        yield replace(one, kind=max(kinds, key=lambda kind: (kinds[kind], kind)))


def _said(texts: Mapping[int, str], one: Finding) -> str:
    return " ".join(texts[one.page][one.start : one.end].split()).casefold()

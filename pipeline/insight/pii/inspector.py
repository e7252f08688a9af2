"""Looks through documents as the configuration asks: its kinds, its own patterns, and what it says is no finding."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pipeline.config import PersonalDataConfig
from pipeline.datatypes import Chunk, Finding, PageText
from pipeline.insight.names.agreement import agreed
from pipeline.insight.pii import own_patterns, search, table
from pipeline.personal import NAMES

if TYPE_CHECKING:
    from pipeline.insight.names.finder import NameFinder, Reading


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a document was looked through for (`by`: an inspector's fingerprint), and what was found."""

    by: str
    findings: tuple[Finding, ...]


class Inspector:
    """Finds personal data. Threads share it."""

    def __init__(self, config: PersonalDataConfig, names: "NameFinder | None" = None) -> None:
        """`names`: what finds names, None: they are not looked for."""
        shipped = [one for one in table.DETECTORS if config.kinds == "all" or one.kind in config.kinds]
        self._detectors = [*shipped, *map(own_patterns.detector, config.patterns)]
        self._named = frozenset(kind for kind in NAMES if config.kinds == "all" or kind in config.kinds)
        self._names = names if self._named else None
        self._allowed = frozenset(map(_folded, config.allow))
        asked = msgspec.json.encode([table.VERSION, config, self._names.fingerprint if self._names else None])
        self.fingerprint = hashlib.sha256(asked).hexdigest()[:16]

    def reading(self, chunks: Sequence[Chunk]) -> "Reading | None":
        """What observes the passages of a document while they are embedded; None: nobody need."""
        return None if self._names is None else self._names.reading(chunks)

    def inspect(self, pages: Sequence[PageText], reading: "Reading | None" = None) -> Inspection:
        """All findings in a document, by page and place. Without a reading the model passes over it for names alone."""
        texts = {page.number: page.text for page in pages}
        found: list[Finding] = [one for page in pages for one in search.find(page.number, page.text, self._detectors)]
        if self._names is not None:
            named = self._names.find(pages) if reading is None else [*reading.names(), *self._names.outside(pages)]
            found = _merged(found, (one for one in agreed(texts, named) if one.kind in self._named))
        kept = (one for one in found if not self._is_allowed(texts[one.page][one.start : one.end]))
        return Inspection(self.fingerprint, tuple(kept))

    def _is_allowed(self, value: str) -> bool:
        return bool(self._allowed) and _folded(value) in self._allowed


def _merged(found: Iterable[Finding], named: Iterable[Finding]) -> list[Finding]:
    """Both, by place. What has a pattern is more surely what it is than a name that touches it, which is dropped."""
    merged: list[Finding] = []
    for one in sorted([*found, *named], key=lambda one: (one.page, one.start, one.end)):
        before = merged[-1] if merged else None
        if before is None or before.page != one.page or before.end <= one.start:
            merged.append(one)
        elif one.kind not in NAMES:
            while before is not None and before.kind in NAMES and before.page == one.page and before.end > one.start:
                merged.pop()
                before = merged[-1] if merged else None
            merged.append(one)
    return merged


def _folded(value: str) -> str:
    """A value as it is compared: however it is spaced, in small letters."""
    return "".join(value.split()).casefold()

"""Looks through documents as the configuration asks: its kinds, its own patterns, and what it says is no finding."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from pipeline.config import PersonalDataConfig
from pipeline.datatypes import Finding, PageText
from pipeline.insight.pii import own_patterns, search, table


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a document was looked through for (`by`: an inspector's fingerprint), and what was found."""

    by: str
    findings: tuple[Finding, ...]


class Inspector:
    """Finds personal data. Threads share it."""

    def __init__(self, config: PersonalDataConfig) -> None:
        shipped = [one for one in table.DETECTORS if config.kinds == "all" or one.kind in config.kinds]
        self._detectors = [*shipped, *map(own_patterns.detector, config.patterns)]
        self._allowed = frozenset(map(_folded, config.allow))
        asked = msgspec.json.encode([table.VERSION, config])
        self.fingerprint = hashlib.sha256(asked).hexdigest()[:16]

    def inspect(self, pages: Sequence[PageText]) -> Inspection:
        """All findings in a document, by page and place."""
        found = (finding for page in pages for finding in self.find(page.number, page.text))
        return Inspection(self.fingerprint, tuple(found))

    def find(self, page: int, text: str) -> tuple[Finding, ...]:
        """All findings on one page, by place."""
        found = search.find(page, text, self._detectors)
        if not self._allowed:
            return found
        return tuple(one for one in found if _folded(text[one.start : one.end]) not in self._allowed)


def _folded(value: str) -> str:
    """A value as it is compared: however it is spaced, in small letters."""
    return "".join(value.split()).casefold()

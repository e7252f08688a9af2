"""Hides personal data in text that is shown: each finding is replaced by its kind, in documents sensitive enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config import SensitivityConfig
from pipeline.datatypes import Finding
from pipeline.storage import findings
from pipeline.storage.database import Database
from pipeline.storage.texts import Place

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as it is shown. `spans` are those places in it that are not hidden; `count` is how much was."""

    text: str
    spans: tuple[Span, ...] = ()
    count: int = 0


class Masker:
    """Masks texts of one store. Reads only."""

    def __init__(self, database: Database, config: SensitivityConfig) -> None:
        self._database = database
        self._config = config

    def masked(self, text: str, place: Place, level: str | None, spans: Sequence[Span] = ()) -> Masked:
        """The text that stands at a place in a document of this level, and the places of words in it."""
        if not self._config.masks(level):
            return Masked(text, tuple(spans))
        within = findings.within(self._database, place.document_id, place.page, place.start, place.end)
        found = [one for one in within if one.kind not in self._config.unmasked]
        return hidden(text, place.start, found, spans)


def hidden(text: str, start: int, found: Sequence[Finding], spans: Sequence[Span] = ()) -> Masked:
    """A text that begins at `start` of its page, with each finding on the page, by place, as `[its kind]`.

    A finding that only partly lies in the text is hidden as far as it does. A span that touches one is dropped.
    """
    pieces: list[str] = []
    kept: list[Span] = []
    waiting = list(spans)
    done, length, count = 0, 0, 0

    def put(upto: int) -> None:
        nonlocal length
        while waiting and waiting[0][1] <= upto:
            first, last = waiting.pop(0)
            if first >= done:
                kept.append((first - done + length, last - done + length))
        pieces.append(text[done:upto])
        length += upto - done

    for one in found:
        first, last = max(one.start - start, done), min(one.end - start, len(text))
        if first < last:
            put(first)
            waiting = [span for span in waiting if span[0] >= last]
            pieces.append(f"[{one.kind}]")
            length += len(pieces[-1])
            done, count = last, count + 1
    put(len(text))
    return Masked("".join(pieces), tuple(kept), count)

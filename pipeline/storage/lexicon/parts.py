"""The segments of an index, which of their passages are erased, and when neighbours become one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.storage.lexicon import segment as segments
from pipeline.storage.lexicon.segment import Segment

LARGEST_SEGMENT = 100_000  # passages: making one takes 300 MB
_ALIKE = 4  # times the newer one's size: an older one that is no larger is merged with it


@dataclass(frozen=True)
class Part:
    """A segment, and which of its passages are not erased: shape (slots,). `saved` names its file, if it has one."""

    segment: Segment
    alive: npt.NDArray[np.bool_]
    saved: str | None = None

    @cached_property
    def living(self) -> int:
        """How many of its passages are not erased."""
        return int(np.count_nonzero(self.alive))

    @cached_property
    def living_documents(self) -> int:
        """How many documents these are of."""
        if self.whole:
            return len(self.segment.document_ids)
        return len(np.unique(self.segment.documents[self.alive]))

    @property
    def whole(self) -> bool:
        """Whether nothing of it was erased."""
        return self.living == len(self.segment)


@dataclass(frozen=True, slots=True)
class Words:
    """An index as it is at one moment: its parts, and by the rules of which languages its words are stemmed."""

    parts: tuple[Part, ...]
    languages: frozenset[str]


def added(parts: Sequence[Part], segment: Segment) -> tuple[Part, ...]:
    """The parts and a newer one; the last are merged while they are alike in size, but for those that have files."""
    found = [*parts, _part(segment)]
    while len(found) > 1 and found[-2].saved is None and _are_alike(found[-2], found[-1]):
        found[-2:] = [_merged(found[-2:])]
    return tuple(found)


def tidied(parts: Sequence[Part]) -> list[Part]:
    """The parts without what was erased, and neighbours merged that are alike in size, from the newest on."""
    found: list[Part] = []
    for part in reversed(parts):
        current = part if part.whole else _merged([part])
        while found and _are_alike(current, found[-1]):
            current = _merged([current, found.pop()])
        if len(current.segment):
            found.append(current)
    return found[::-1]


def without(part: Part, erased: npt.NDArray[np.int64]) -> Part:
    """The part with these chunks erased."""
    gone = np.isin(part.segment.chunks, erased)
    return Part(part.segment, part.alive & ~gone, part.saved) if gone.any() else part


def is_continued(parts: Sequence[Part], before: Sequence[Part]) -> bool:
    """Whether these parts begin with the segments of before."""
    pairs = zip(parts, before, strict=False)
    return len(parts) >= len(before) and all(one.segment is other.segment for one, other in pairs)


def _are_alike(older: Part, newer: Part) -> bool:
    sizes = len(older.segment), len(newer.segment)
    return sum(sizes) <= LARGEST_SEGMENT and sizes[0] <= _ALIKE * sizes[1]


def _merged(parts: Sequence[Part]) -> Part:
    return _part(segments.merged([part.segment for part in parts], [part.alive for part in parts]))


def _part(segment: Segment) -> Part:
    return Part(segment, np.ones(len(segment), np.bool_))

"""What the words of a question say for each passage, and for each document as a whole. Reads segments; knows no SQL.

How rare a word is tells how much it says: -log P(passage has it). Where documents have many passages that is the
product of two, P(document has it) and P(passage has it, of those in such documents): a name that stands all over one
contract tells which contract is meant, "assignment" tells which of its passages. So the first part counts for every
passage of a document that has the word anywhere, its name included, and the second for the passage alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.storage.lexicon.parts import Part
from pipeline.storage.lexicon.segment import STEP, Segment

_MOST_BEGINNINGS = 1_000  # terms that a word with an asterisk stands for in one segment

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sought:
    """A word of a question: the terms by any of which it is found, and the documents that are called so.

    With `beginning` also terms that begin with it. `names` are document ids, ascending.
    """

    terms: tuple[str, ...]
    beginning: str | None = None
    names: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a word says: `document` of the document that has it, `passage` of the passage among its others."""

    document: float
    passage: float

    @property
    def whole(self) -> float:
        """What it says of a passage, wherever that lies."""
        return self.document + self.passage


@dataclass(frozen=True, slots=True)
class Evidence:
    """What some words say. Arrays are by part of the index, as given: passages (slots,), documents (documents,).

    `passages` is the sum over words of weight times impact (0 to 2.2), of the whole weight and of the passage's part;
    `documents` that of the document's weight. `weights` are by word.
    """

    weights: tuple[Weight, ...]
    passages: tuple[Floats, ...]
    within: tuple[Floats, ...]
    documents: tuple[Floats, ...]

    @property
    def most(self) -> float:
        """What all the words weigh together."""
        return sum(weight.whole for weight in self.weights)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a word stands in one segment: slots ascending, with impacts; the documents of these; those called so."""

    slots: npt.NDArray[np.int64]
    impacts: Floats
    documents: npt.NDArray[np.int64]
    named: npt.NDArray[np.int64]


def weigh(parts: Sequence[Part], words: Sequence[Sought]) -> Evidence:
    """What the words say for all passages and documents of the index."""
    passages = tuple(np.zeros(len(part.segment), np.float32) for part in parts)
    within = tuple(np.zeros(len(part.segment), np.float32) for part in parts)
    documents = tuple(np.zeros(len(part.segment.document_ids), np.float32) for part in parts)
    totals = _Totals.of(parts)
    weights = []
    for word in words:
        found = [_find(part, word) for part in parts]
        weight = totals.weight(parts, found)
        weights.append(weight)
        for place, one in enumerate(found):
            passages[place][one.slots] += np.float32(weight.whole) * one.impacts
            within[place][one.slots] += np.float32(weight.passage) * one.impacts
            documents[place][np.union1d(one.documents, one.named)] += np.float32(weight.document)
    return Evidence(tuple(weights), passages, within, documents)


@dataclass(frozen=True, slots=True)
class _Totals:
    passages: int
    documents: int

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "_Totals":
        passages = sum(len(part.segment) if part.whole else int(part.alive.sum()) for part in parts)
        documents = sum(
            len(part.segment.document_ids) if part.whole else len(np.unique(part.segment.documents[part.alive]))
            for part in parts
        )
        return cls(passages, documents)

    def weight(self, parts: Sequence[Part], found: Sequence[_Found]) -> Weight:
        """BM25's weight of a word, divided in proportion to what it says of the document and of the passage."""
        passages = sum(len(one.slots) for one in found)
        documents = sum(len(np.union1d(one.documents, one.named)) for one in found)
        around = sum(int(part.segment.sizes[one.documents].sum()) for part, one in zip(parts, found, strict=True))
        if not passages:
            return (
                Weight(_rarity(documents, self.documents), 0.0) if documents else Weight(0.0, _rarity(0, self.passages))
            )
        whole = _rarity(passages, self.passages)
        document, passage = _rarity(documents, self.documents), _rarity(passages, around)
        share = whole / (document + passage)
        return Weight(document * share, passage * share)


def slots_of(part: Part, word: Sought) -> npt.NDArray[np.int64]:
    """The passages of a part that have a word, ascending."""
    return _find(part, word).slots


def _rarity(having: int, of: int) -> float:
    """The weight of what so many have, as in BM25; never negative."""
    return math.log(1 + (max(0, of - having) + 0.5) / (having + 0.5))


def _find(part: Part, word: Sought) -> _Found:
    segment = part.segment
    places = [segment.find(term.encode("utf-8", "replace")) for term in word.terms]
    wanted = {place for place in places if place is not None}
    if word.beginning:
        wanted.update(segment.beginning(word.beginning.encode("utf-8", "replace"), _MOST_BEGINNINGS))
    slots, impacts = _postings(segment, sorted(wanted))
    if len(slots) and not part.whole:
        living = part.alive[slots]
        slots, impacts = slots[living], impacts[living]
    around = segment.documents[slots].astype(np.int64)
    named = np.flatnonzero(np.isin(segment.document_ids, word.names)) if word.names else np.empty(0, np.int64)
    return _Found(slots, impacts, around[np.flatnonzero(np.diff(around, prepend=-1))], named)


def _postings(segment: Segment, places: Sequence[int]) -> tuple[npt.NDArray[np.int64], Floats]:
    """The passages that have any of these terms, with the most that any of them says."""
    if not places:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    lists = [segment.postings(place) for place in places]
    slots = np.concatenate([slots for slots, _ in lists]).astype(np.int64)
    impacts = np.concatenate([impacts for _, impacts in lists])
    if len(lists) > 1:
        order = np.argsort(slots, kind="stable")
        slots = slots[order]
        begins = np.flatnonzero(np.diff(slots, prepend=-1))
        slots, impacts = slots[begins], np.maximum.reduceat(impacts[order], begins)
    return slots, impacts.astype(np.float32) * np.float32(STEP)

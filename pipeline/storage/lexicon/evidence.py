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
from pipeline.storage.lexicon.segment import STEP, Segment, Slots

_MOST_BEGINNINGS = 1_000  # terms that a word with an asterisk stands for in one segment
_NO_SLOT = 0xFFFFFFFF

Floats = npt.NDArray[np.float32]


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
class Shares:
    """How much of a word's weight counts for a passage: so much of the whole, and so much of the passage's part."""

    whole: float
    passage: float


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a word stands in one segment: slots ascending, with impacts (0 to 2.2), and which documents have it.

    `documents` is of shape (documents,), with those that are called so. `around` are the passages of those in whose
    text it stands.
    """

    slots: Slots
    impacts: Floats
    documents: npt.NDArray[np.bool_]
    around: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What some words say: how much each weighs, and where it stands, by word and part of the index."""

    weights: tuple[Weight, ...]
    stands: tuple[tuple[Stands, ...], ...]

    @property
    def most(self) -> float:
        """What all the words weigh together."""
        return sum(weight.whole for weight in self.weights)

    def of_passages(self, place: int, segment: Segment, shares: Shares) -> Floats:
        """The sum over words of such shares of their weight times impact, for a part's passages: shape (slots,)."""
        total = np.zeros(len(segment), np.float32)
        for weight, parts in zip(self.weights, self.stands, strict=True):
            one = parts[place]
            total[one.slots] += np.float32(shares.whole * weight.whole + shares.passage * weight.passage) * one.impacts
        return total

    def of_documents(self, place: int, segment: Segment) -> Floats:
        """The sum over words of what they say of a part's documents: shape (documents,)."""
        total = np.zeros(len(segment.document_ids), np.float32)
        for weight, parts in zip(self.weights, self.stands, strict=True):
            total += np.float32(weight.document) * parts[place].documents
        return total


def weigh(parts: Sequence[Part], words: Sequence[Sought]) -> Evidence:
    """What the words say in the index."""
    stands = tuple(tuple(_stands(part, word) for part in parts) for word in words)
    passages, documents = sum(part.living for part in parts), sum(part.living_documents for part in parts)
    return Evidence(tuple(_weight(one, passages, documents) for one in stands), stands)


def _weight(stands: Sequence[Stands], passages: int, documents: int) -> Weight:
    """BM25's weight of a word, divided in proportion to what it says of the document and of the passage."""
    having = sum(len(one.slots) for one in stands)
    documents_having = sum(int(np.count_nonzero(one.documents)) for one in stands)
    if not having and not documents_having:
        return Weight(0.0, _rarity(0, passages))
    document = _rarity(documents_having, documents)
    if not having:
        return Weight(document, 0.0)
    passage = _rarity(having, sum(one.around for one in stands))
    share = _rarity(having, passages) / (document + passage)
    return Weight(document * share, passage * share)


def slots_of(part: Part, word: Sought) -> Slots:
    """The passages of a part that have a word, ascending."""
    return _living(part, word)[0]


def _rarity(having: int, of: int) -> float:
    """The weight of what so many have, as in BM25; never negative."""
    return math.log(1 + (max(0, of - having) + 0.5) / (having + 0.5))


def _stands(part: Part, word: Sought) -> Stands:
    segment = part.segment
    slots, impacts = _living(part, word)
    having = np.zeros(len(segment.document_ids), np.bool_)
    having[segment.documents[slots]] = True
    around = int(segment.sizes[having].sum())
    if word.names:
        having |= np.isin(segment.document_ids, word.names)
    return Stands(slots, impacts, having, around)


def _living(part: Part, word: Sought) -> tuple[Slots, Floats]:
    """The passages of a part that have a word, ascending, with its impacts."""
    segment = part.segment
    places = [segment.find(term.encode("utf-8", "replace")) for term in word.terms]
    wanted = {place for place in places if place is not None}
    if word.beginning:
        wanted.update(segment.beginning(word.beginning.encode("utf-8", "replace"), _MOST_BEGINNINGS))
    slots, impacts = _postings(segment, sorted(wanted))
    if len(slots) and not part.whole:
        living = part.alive[slots]
        slots, impacts = slots[living], impacts[living]
    return slots, impacts


def _postings(segment: Segment, places: Sequence[int]) -> tuple[Slots, Floats]:
    """The passages that have any of these terms, with the most that any of them says."""
    if not places:
        return np.empty(0, np.uint32), np.empty(0, np.float32)
    lists = [segment.postings(place) for place in places]
    slots, impacts = lists[0]
    if len(lists) > 1:
        slots = np.concatenate([slots for slots, _ in lists])
        impacts = np.concatenate([impacts for _, impacts in lists])
        order = np.argsort(slots, kind="stable")
        slots = slots[order]
        begins = np.flatnonzero(np.diff(slots, prepend=np.uint32(_NO_SLOT)))
        slots, impacts = slots[begins], np.maximum.reduceat(impacts[order], begins)
    return slots, impacts * np.float32(STEP)

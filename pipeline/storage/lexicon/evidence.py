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
from pipeline.storage.lexicon.segment import STEP, Impacts, Segment, Slots

_MOST_BEGINNINGS = 1_000  # terms that a word with an asterisk stands for in one segment
_NO_SLOTS, _NO_IMPACTS = np.empty(0, np.uint32), np.empty(0, np.uint8)

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
class Shares:
    """How much of a word's weight counts for a passage: so much of the whole, and so much of the passage's part."""

    whole: float
    passage: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where some words stand in one segment.

    Word w stands in the passages slots[bounds[w]:bounds[w + 1]], ascending, with impacts (0 to 2.2). `documents`, of
    shape (words, documents), tells who has it in a text or is called so; `around`, of shape (words,), counts the
    passages of those in whose text it stands.
    """

    slots: Ids
    impacts: Floats
    bounds: Ids
    documents: npt.NDArray[np.bool_]
    around: Ids


@dataclass(frozen=True, slots=True)
class Evidence:
    """What some words say: how much each weighs, and by part of the index where they stand."""

    weights: tuple[Weight, ...]
    standing: tuple[Standing, ...]

    @property
    def most(self) -> float:
        """What all the words weigh together."""
        return sum(weight.whole for weight in self.weights)

    def of_passages(self, place: int, segment: Segment, shares: Shares) -> Floats:
        """The sum over words of such shares of their weight times impact, for a part's passages: shape (slots,)."""
        one = self.standing[place]
        counted = [shares.whole * weight.whole + shares.passage * weight.passage for weight in self.weights]
        total = np.zeros(len(segment), np.float32)
        np.add.at(total, one.slots, np.repeat(np.array(counted, np.float32), np.diff(one.bounds)) * one.impacts)
        return total

    def of_documents(self, place: int, segment: Segment) -> Floats:
        """The sum over words of what they say of a part's documents: shape (documents,)."""
        total = np.zeros(len(segment.document_ids), np.float32)
        for weight, having in zip(self.weights, self.standing[place].documents, strict=True):
            total += np.float32(weight.document) * having
        return total


@dataclass(frozen=True, slots=True)
class _Called:
    """Which words stand in names of which documents: the numbers of words, and the ids of documents."""

    words: Ids
    documents: Ids

    @classmethod
    def of(cls, words: Sequence[Sought]) -> "_Called":
        numbers = np.repeat(np.arange(len(words)), [len(word.names) for word in words])
        return cls(numbers, np.array([one for word in words for one in word.names], np.int64))


def weigh(parts: Sequence[Part], words: Sequence[Sought]) -> Evidence:
    """What the words say in the index."""
    called = _Called.of(words)
    standing = tuple(_standing(part, words, called) for part in parts)
    nothing = np.zeros(len(words), np.int64)
    passages = sum((np.diff(one.bounds) for one in standing), nothing)
    documents = sum((np.count_nonzero(one.documents, axis=1) for one in standing), nothing)
    around = sum((one.around for one in standing), nothing)
    of = sum(part.living for part in parts), sum(part.living_documents for part in parts)
    counts = zip(passages.tolist(), documents.tolist(), around.tolist(), strict=True)
    return Evidence(tuple(_weight(*one, *of) for one in counts), standing)


def slots_of(part: Part, word: Sought) -> Slots:
    """The passages of a part that have a word, ascending."""
    slots, _ = _postings(part.segment, _terms(part.segment, [word])[0])
    return slots if part.whole else slots[part.alive[slots]]


def _weight(having: int, documents_having: int, around: int, passages: int, documents: int) -> Weight:
    """BM25's weight of a word, divided in proportion to what it says of the document and of the passage."""
    if not having and not documents_having:
        return Weight(0.0, _rarity(0, passages))
    document = _rarity(documents_having, documents)
    if not having:
        return Weight(document, 0.0)
    passage = _rarity(having, around)
    share = _rarity(having, passages) / (document + passage)
    return Weight(document * share, passage * share)


def _rarity(having: int, of: int) -> float:
    """The weight of what so many have, as in BM25; never negative."""
    return math.log(1 + (max(0, of - having) + 0.5) / (having + 0.5))


def _standing(part: Part, words: Sequence[Sought], called: _Called) -> Standing:
    segment = part.segment
    postings = [_postings(segment, terms) for terms in _terms(segment, words)]
    slots = np.concatenate([_NO_SLOTS, *(slots for slots, _ in postings)]).astype(np.int64)
    impacts = np.concatenate([_NO_IMPACTS, *(impacts for _, impacts in postings)])
    bounds = np.cumsum([0, *(len(slots) for slots, _ in postings)])
    if not part.whole:
        living = part.alive[slots]
        bounds = np.concatenate(([0], np.cumsum(living)))[bounds]
        slots, impacts = slots[living], impacts[living]
    documents = np.zeros((len(words), len(segment.document_ids)), np.bool_)
    around_of = segment.documents.take(slots, mode="clip")  # which is faster, and no slot is out of bounds
    is_first = np.ones(len(slots), np.bool_)  # of a document's passages with a word: they lie together
    np.not_equal(around_of[1:], around_of[:-1], out=is_first[1:])
    is_first[bounds[bounds < len(slots)]] = True
    first = np.flatnonzero(is_first)
    documents[np.searchsorted(bounds, first, "right") - 1, around_of[first]] = True
    around: Ids = documents @ segment.sizes
    here, which = segment.places(called.documents)
    documents[called.words[which], here] = True
    return Standing(slots, impacts * np.float32(STEP), bounds, documents, around)


def _terms(segment: Segment, words: Sequence[Sought]) -> list[list[int]]:
    """By word, the places of the terms by which it is found."""
    spelled = [[term.encode("utf-8", "replace") for term in word.terms] for word in words]
    found = segment.find([term for terms in spelled for term in terms])
    numbers = []
    for word, terms in zip(words, spelled, strict=True):
        wanted = {found[term] for term in terms if term in found}
        if word.beginning:
            wanted.update(segment.beginning(word.beginning.encode("utf-8", "replace"), _MOST_BEGINNINGS))
        numbers.append(sorted(wanted))
    return numbers


def _postings(segment: Segment, places: Sequence[int]) -> tuple[Slots, Impacts]:
    """The passages that have any of these terms, with the most that any of them says."""
    if not places:
        return _NO_SLOTS, _NO_IMPACTS
    lists = [segment.postings(place) for place in places]
    if len(lists) == 1:
        return lists[0]
    slots = np.concatenate([slots for slots, _ in lists])
    order = np.argsort(slots, kind="stable")
    slots = slots[order]
    begins = np.flatnonzero(np.concatenate(([True], slots[1:] != slots[:-1])))
    impacts = np.concatenate([impacts for _, impacts in lists])[order]
    return slots[begins], np.maximum.reduceat(impacts, begins)

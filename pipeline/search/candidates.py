"""Passages that may answer a question, and what speaks for each. Pure: numbers in, numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.search.weights import Weights
from pipeline.storage.lexicon.evidence import Evidence, Shares, Sought, slots_of
from pipeline.storage.lexicon.parts import Part
from pipeline.storage.lexicon.segment import Slots

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_NOBODY = np.empty(0, np.int64)
_CALLED = 0.5  # of the weight of a question is in the name of a document that is found by it
_WHOLLY = 0.95  # of the weight of a question that asks for a document by its name
_MOST_CALLED = 100  # documents
_NAMES_ONE = 0.6  # of the weight of the words before a colon is in the best document, if they name it
_NEAR, _FEW = 0.8, 0.03  # and so much of that is in no larger share of all documents


@dataclass(frozen=True, slots=True)
class Index:
    """The words of a store as they are for one question: parts, and by part which passages take part (None: all)."""

    parts: tuple[Part, ...]
    allowed: tuple[npt.NDArray[np.bool_] | None, ...]

    @classmethod
    def narrowed(cls, parts: tuple[Part, ...], documents: Ids | None) -> "Index":
        """The index with only these documents taking part; None: all."""
        if documents is None:
            return cls(parts, tuple(None if part.whole else part.alive for part in parts))
        allowed = []
        for part in parts:
            is_one = np.zeros(len(part.segment.document_ids), np.bool_)
            is_one[part.segment.places(documents)[0]] = True
            mask = np.repeat(is_one, part.segment.sizes)  # the passages of a document lie together
            allowed.append(mask if part.whole else mask & part.alive)
        return cls(parts, tuple(allowed))

    def within(self, documents: Ids) -> "Index":
        """What of it is in these documents."""
        both = zip(self.allowed, Index.narrowed(self.parts, documents).allowed, strict=True)
        return Index(self.parts, tuple(other if one is None or other is None else one & other for one, other in both))

    @property
    def is_narrowed(self) -> bool:
        """Whether some passages take no part, be it that they were erased."""
        return any(mask is not None for mask in self.allowed)

    @property
    def documents(self) -> int:
        """How many documents it holds, whether or not they take part."""
        return sum(len(part.segment.document_ids) for part in self.parts)

    def chunks(self) -> Ids:
        """The ids of all passages that take part, ascending."""
        pairs = zip(self.parts, self.allowed, strict=True)
        found = [part.segment.chunks if mask is None else part.segment.chunks[mask] for part, mask in pairs]
        return np.concatenate([*found, np.empty(0, np.int64)])


@dataclass(frozen=True, slots=True)
class ByWord:
    """What the words of a question say, by part: of each passage by itself (slots,), and by its document (documents,).

    The score of a passage is the sum of both.
    """

    own: tuple[Floats, ...]
    documents: tuple[Floats, ...]

    @classmethod
    def of(cls, index: Index, evidence: Evidence, named: tuple[Floats, ...] | None, weights: Weights) -> "ByWord":
        """The scores of all passages. `named` is by document how much it is named, 0 to 1."""
        most = evidence.most or 1.0
        shares = Shares(weights.words / most, weights.within / most)
        own, documents = [], []
        for place, part in enumerate(index.parts):
            own.append(evidence.of_passages(place, part.segment, shares))
            around = np.float32(weights.document / most) * evidence.of_documents(place, part.segment)
            documents.append(around if named is None else around + np.float32(weights.named) * named[place])
        return cls(tuple(own), tuple(documents))

    def best(self, index: Index, limit: int, called: Ids = _NOBODY) -> dict[int, float]:
        """Chunk ids with any word and their scores, best first, ties by id.

        Of the documents in `called`, ascending ids, the first passage is taken for one that has a word.
        """
        found: list[tuple[Ids, Floats]] = [(np.empty(0, np.int64), np.empty(0, np.float32))]
        for place, (part, mask) in enumerate(zip(index.parts, index.allowed, strict=True)):
            has = self.own[place] > 0
            has[part.segment.firsts[part.segment.places(called)[0]]] = True
            slots = np.flatnonzero(has if mask is None else has & mask)
            values = self._scores(place, part, slots)
            if len(slots) > limit:
                kept = np.flatnonzero(values >= np.partition(values, len(values) - limit)[len(values) - limit])
                slots, values = slots[kept], values[kept]
            found.append((part.segment.chunks[slots], values))
        ids, scores = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.lexsort((ids, -scores))[:limit]
        return dict(zip(ids[order].tolist(), scores[order].tolist(), strict=True))

    def of_chunks(self, index: Index, chunk_ids: Sequence[int]) -> list[float]:
        """The scores of these chunks; 0 for what the index does not hold."""
        wanted = np.asarray(chunk_ids, np.int64)
        result = np.zeros(len(wanted), np.float32)
        for place, part in enumerate(index.parts):
            slots = np.searchsorted(part.segment.chunks, wanted)
            slots[slots == len(part.segment)] = 0
            here = part.segment.chunks[slots] == wanted
            result[here] = self._scores(place, part, slots[here])
        found: list[float] = result.tolist()
        return found

    def with_all(self, index: Index, words: Sequence[Sought], most: int) -> list[int]:
        """Ids of passages that have every one of these words, those with the best scores if there are more."""
        found: list[tuple[float, int]] = []
        for place, (part, mask) in enumerate(zip(index.parts, index.allowed, strict=True)):
            slots: Slots | None = None
            for word in words:
                these = slots_of(part, word)
                slots = these if slots is None else np.intersect1d(slots, these, assume_unique=True)
            if slots is None:
                continue
            if mask is not None:
                slots = slots[mask[slots]]
            scores = self._scores(place, part, slots)
            found += zip((-scores).tolist(), part.segment.chunks[slots].tolist(), strict=True)
        return [chunk_id for _, chunk_id in sorted(found)[:most]]

    def _scores(self, place: int, part: Part, slots: Ids | Slots) -> Floats:
        around = part.segment.documents.take(slots, mode="clip")  # which is faster; no slot is out of bounds
        scores: Floats = self.own[place].take(slots, mode="clip") + self.documents[place].take(around, mode="clip")
        return scores


def called(evidence: Evidence, words: Sequence[Sought]) -> dict[int, float]:
    """The documents whose names have most of a question, by id, ascending, with the share of it that they have."""
    most = evidence.most or 1.0
    ids = np.concatenate([_NOBODY, *(np.array(word.names, np.int64) for word in words)])
    distinct, which = np.unique(ids, return_inverse=True)
    shares = np.repeat([weight.whole / most for weight in evidence.weights], [len(word.names) for word in words])
    totals = np.bincount(which, shares, minlength=len(distinct))
    best = np.sort(np.argsort(-totals, kind="stable")[:_MOST_CALLED])
    best = best[totals[best] >= _CALLED]
    return dict(zip(distinct[best].tolist(), totals[best].tolist(), strict=True))


def named_wholly(index: Index, called: Mapping[int, float]) -> frozenset[int]:
    """The first passages of the few documents of whose names a question says nothing more: chunk ids."""
    wholly = np.array([one for one, share in called.items() if share >= _WHOLLY], np.int64)
    if len(wholly) > max(1.0, _FEW * index.documents):
        return frozenset()
    firsts = [part.segment.chunks[part.segment.firsts[part.segment.places(wholly)[0]]] for part in index.parts]
    return frozenset(chunk for some in firsts for chunk in some.tolist())


def named(index: Index, evidence: Evidence) -> tuple[Floats, ...] | None:
    """By document, how much it is named by these words, 0 to 1; None where they name no document, or nearly any.

    They name one where few documents have most of what the words say of documents at all.
    """
    total = sum(weight.document for weight in evidence.weights)
    said = [evidence.of_documents(place, part.segment) for place, part in enumerate(index.parts)]
    best = max((float(values.max(initial=0.0)) for values in said), default=0.0)
    if not best or best < _NAMES_ONE * total:
        return None
    near = sum(int((values >= _NEAR * best).sum()) for values in said)
    if near > max(1.0, _FEW * index.documents):
        return None
    return tuple(values / np.float32(best) for values in said)


def documents_named(index: Index, named: tuple[Floats, ...]) -> Ids:
    """The ids of the documents that are named most, ascending."""
    pairs = zip(index.parts, named, strict=True)
    return np.sort(np.concatenate([part.segment.document_ids[values >= _NEAR] for part, values in pairs]))

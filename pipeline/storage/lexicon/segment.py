"""The words of a stretch of passages: for each term, in which of them it stands and how much it says there.

Arrays that never change, so that they may lie in a file that is mapped into memory. Passages are numbered within the
segment by `slot`, in the order of their ids; the passages of a document lie together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.storage.lexicon.tokens import Tokens

# BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"), with the usual constants. What a term
# says of a passage, tf (k1 + 1) / (tf + k1 (1 - b + b length / mean length)), lies from 0 to k1 + 1. Passages are cut
# to about one length, so that the mean is a constant here: what is stored need not change when others come or go.
_K1, _B, _MEAN_WORDS = 1.2, 0.75, 130.0
LARGEST_IMPACT = _K1 + 1
STEP = LARGEST_IMPACT / 255  # of an impact, which takes one byte
_START = 8  # bytes of a term that are compared as one number

Ids = npt.NDArray[np.int64]
Slots = npt.NDArray[np.uint32]
Impacts = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Segment:
    """Passages, chunk ids ascending, of whole documents. Terms are sorted by their bytes in UTF-8.

    chunks (slots,) ids; documents (slots,) the place of each passage's document in document_ids; document_ids
    (documents,); vocabulary: all terms in one, term t at bounds[t]:bounds[t + 1]; its postings at
    offsets[t]:offsets[t + 1] of slots and impacts, slots ascending.
    """

    chunks: Ids
    documents: Slots
    document_ids: Ids
    vocabulary: npt.NDArray[np.uint8]
    bounds: Slots
    offsets: Ids
    slots: Slots
    impacts: Impacts

    def __len__(self) -> int:
        return len(self.chunks)

    @cached_property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Passages of each document."""
        return np.bincount(self.documents, minlength=len(self.document_ids))

    @cached_property
    def firsts(self) -> Ids:
        """The slot of the first passage of each document."""
        return _running(self.sizes)[:-1]

    def places(self, wanted: Ids) -> tuple[Ids, Ids]:
        """Where in document_ids those of the wanted ones stand that are there, and which of the wanted they are."""
        ids = self.document_ids[self._by_id]
        if not len(ids):
            return ids, ids
        which = np.flatnonzero((wanted >= ids[0]) & (wanted <= ids[-1]))  # of a large store few lie in each segment
        near = np.searchsorted(ids, wanted[which])
        there = ids[near] == wanted[which]
        return self._by_id[near[there]], which[there]

    @cached_property
    def _by_id(self) -> Ids:
        """The documents in the order of their ids: one that is read anew keeps its own, its passages come later."""
        return np.argsort(self.document_ids, kind="stable")

    @cached_property
    def _words(self) -> bytes:
        return self.vocabulary.tobytes()

    @cached_property
    def _starts(self) -> npt.NDArray[np.uint64]:
        """The first bytes of each term as a number, in whose order the terms are; shape (terms,)."""
        padded = np.concatenate((self.vocabulary, np.zeros(_START, np.uint8)))
        lengths = np.diff(self.bounds)
        starts = np.zeros(len(lengths), np.uint64)
        for place in range(_START):
            byte = padded[self.bounds[:-1] + np.uint32(place)]
            starts = starts << np.uint64(8) | np.where(lengths > place, byte, 0).astype(np.uint64)
        return starts

    def term(self, place: int) -> bytes:
        """The term at a place of the vocabulary."""
        return self._words[self.bounds[place] : self.bounds[place + 1]]

    def find(self, terms: Sequence[bytes]) -> dict[bytes, int]:
        """The places of those terms that any passage has."""
        wanted = np.array([_start(term) for term in terms], np.uint64)
        bounds = (np.searchsorted(self._starts, wanted, side).tolist() for side in ("left", "right"))
        found = {}
        for term, low, high in zip(terms, *bounds, strict=True):
            place = self._before(term, low, high)
            if place < high and self.term(place) == term:
                found[term] = place
        return found

    def beginning(self, prefix: bytes, most: int) -> range:
        """The places of the terms that begin so, at most so many."""
        count = len(self.bounds) - 1
        first = self._before(prefix, 0, count)
        last = self._before(prefix + b"\xff", first, count)  # no byte of UTF-8 is as high
        return range(first, min(last, first + most))

    def postings(self, place: int) -> tuple[Slots, Impacts]:
        """In which passages a term stands, and what it says there in STEPs."""
        start, end = int(self.offsets[place]), int(self.offsets[place + 1])
        return self.slots[start:end], self.impacts[start:end]

    def _before(self, term: bytes, low: int, high: int) -> int:
        """How many terms come before this one, if it is among those from low to high."""
        while low < high:
            middle = (low + high) // 2
            if self.term(middle) < term:
                low = middle + 1
            else:
                high = middle
        return low


def _start(term: bytes) -> int:
    return int.from_bytes(term[:_START].ljust(_START, b"\0"), "big")


def impacts(counts: npt.NDArray[np.int64], words: npt.NDArray[np.int64]) -> Impacts:
    """What terms say that stand so often in passages of so many words; at least one STEP."""
    frequency = counts.astype(np.float32)
    says = frequency * LARGEST_IMPACT / (frequency + _K1 * (1 - _B + _B * words / _MEAN_WORDS))
    return np.clip(np.rint(says / STEP), 1, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """What stands in which slot, before it is sorted: shapes (postings,). Terms are numbers of a tokenizer."""

    slot: npt.NDArray[np.int64]
    term: npt.NDArray[np.int64]
    impact: Impacts


def occurrences(tokens: Tokens, slots: npt.NDArray[np.int64]) -> Occurrences:
    """The terms of texts that take these slots, each once with its impact."""
    keys = tokens.text.astype(np.int64) << 32 | tokens.term
    distinct, counts = np.unique(keys, return_counts=True)
    text = distinct >> 32
    return Occurrences(slots[text], distinct & 0xFFFFFFFF, impacts(counts, tokens.words[text].astype(np.int64)))


def build(chunks: Ids, documents: Ids, parts: Sequence[Occurrences], strings: Sequence[str]) -> Segment:
    """A segment of passages with these ids, ascending, of these documents; `strings` are the terms by number."""
    numbers = np.concatenate([part.term for part in parts]) if parts else np.empty(0, np.int64)
    used = np.unique(numbers)
    words = [strings[number].encode("utf-8", "replace") for number in used.tolist()]
    order = sorted(range(len(words)), key=words.__getitem__)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    term = ranks[np.searchsorted(used, numbers)]
    slot = np.concatenate([part.slot for part in parts]) if parts else np.empty(0, np.int64)
    impact = np.concatenate([part.impact for part in parts]) if parts else np.empty(0, np.uint8)
    return _sorted(chunks, documents, [words[place] for place in order], term, slot, impact)


def merged(segments: Sequence[Segment], alive: Sequence[npt.NDArray[np.bool_]]) -> Segment:
    """One segment of what is alive in neighbouring ones; chunk ids ascend from one to the next."""
    vocabularies = [[one.term(place) for place in range(len(one.bounds) - 1)] for one in segments]
    words = sorted({word for vocabulary in vocabularies for word in vocabulary})
    rank = {word: place for place, word in enumerate(words)}
    chunks, documents, term, slot, impact = [], [], [], [], []
    first = 0
    for segment, living, vocabulary in zip(segments, alive, vocabularies, strict=True):
        moved = np.cumsum(living) - 1 + first
        ranks = np.array([rank[word] for word in vocabulary], np.int64)
        kept = living[segment.slots]
        term.append(np.repeat(ranks, np.diff(segment.offsets))[kept])
        slot.append(moved[segment.slots[kept]])
        impact.append(segment.impacts[kept])
        chunks.append(segment.chunks[living])
        documents.append(segment.document_ids[segment.documents[living]])
        first += int(living.sum())
    return _sorted(
        np.concatenate(chunks), np.concatenate(documents), words, np.concatenate(term), np.concatenate(slot),
        np.concatenate(impact),
    )  # fmt: skip


def _sorted(
    chunks: Ids,
    documents: Ids,
    words: Sequence[bytes],
    term: npt.NDArray[np.int64],
    slot: npt.NDArray[np.int64],
    impact: Impacts,
) -> Segment:
    """Sort postings by term and slot: all three in one number, 24 + 32 + 8 bits. Unused terms are left out."""
    keys = term.astype(np.uint64) << np.uint64(40) | slot.astype(np.uint64) << np.uint64(8) | impact
    keys.sort()
    terms = (keys >> np.uint64(40)).astype(np.int64)
    counts = np.bincount(terms, minlength=len(words))
    present = np.flatnonzero(counts)
    kept = [words[place] for place in present.tolist()]
    document_ids, places = _in_order(documents)
    return Segment(
        chunks=chunks.astype(np.int64),
        documents=places,
        document_ids=document_ids,
        vocabulary=np.frombuffer(b"".join(kept), np.uint8),
        bounds=_running([len(word) for word in kept]).astype(np.uint32),
        offsets=_running(counts[present]),
        slots=(keys >> np.uint64(8) & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        impacts=(keys & np.uint64(0xFF)).astype(np.uint8),
    )


def _in_order(documents: Ids) -> tuple[Ids, Slots]:
    """The distinct documents of passages that lie together, and the place of each passage's."""
    begins = np.flatnonzero(np.diff(documents, prepend=-1))
    return documents[begins].astype(np.int64), (np.cumsum(np.diff(documents, prepend=-1) != 0) - 1).astype(np.uint32)


def _running(counts: Sequence[int] | npt.NDArray[np.int64]) -> Ids:
    return np.concatenate(([0], np.cumsum(np.asarray(counts, np.int64)))).astype(np.int64)

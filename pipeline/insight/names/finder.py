"""Finds names in documents with the pass of the model that embeds their passages, so that they cost no second one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.chunking import split
from pipeline.datatypes import Chunk, Finding, PageText, Vectors
from pipeline.insight.names import card as cards
from pipeline.insight.names import words
from pipeline.insight.names.agreement import sound
from pipeline.insight.names.head import Head
from pipeline.insight.names.tags import Name, names
from pipeline.insight.names.words import Span
from pipeline.registry.runtime import Embedder

DETECTOR = "names"


class NameFinder:
    """A model with the head learned for it. Threads share it."""

    def __init__(self, embedder: Embedder, head: Head) -> None:
        self._embedder = embedder
        self._head = head
        self.fingerprint = head.sha256[:16]

    @classmethod
    def of(cls, embedder: Embedder) -> "NameFinder | None":
        """The finder of a loaded model; None: no head was learned for it. Raises ModelError."""
        said = cards.read(embedder.folder, embedder.manifest)
        return cls(embedder, Head(embedder.folder, said)) if said is not None and embedder.has_states else None

    def reading(self, chunks: Sequence[Chunk]) -> "Reading":
        """One document about to be embedded, passage by passage."""
        return Reading(self, chunks, [()] * len(chunks))

    def find(self, pages: Sequence[PageText]) -> Iterator[Finding]:
        """The names in pages that are not embedded now: a pass of the model for this alone."""
        whole = [PageText(page.number, page.text) for page in pages]
        return self._find(split(whole, self._embedder.token_spans, self._embedder.max_passage_tokens))

    def _find(self, chunks: Sequence[Chunk]) -> Iterator[Finding]:
        reading = self.reading(chunks)
        self._embedder.encode([chunk.text for chunk in chunks], observe=reading.observe)
        return reading.names()

    def outside(self, pages: Sequence[PageText]) -> Iterator[Finding]:
        """The names in what stands on pages outside their passages, such as running heads."""
        edges = [
            PageText(page.number, page.text[:end], body=(start, end))
            for page in pages
            if page.body is not None
            for start, end in ((0, page.body[0]), (page.body[1], len(page.text)))
            if page.text[start:end].strip()
        ]
        return self._find(split(edges, self._embedder.token_spans, self._embedder.max_passage_tokens))

    def told(self, text: str, tokens: Sequence[Span], states: Vectors) -> tuple[Name, ...]:
        """The names in a text, by what the model says of its tokens."""
        places = words.spans(text)
        pooled = words.pooled(places, tokens, states)
        places = places[: len(pooled)]
        rows = np.concatenate([pooled, words.looks(text, places)], axis=1)
        told = (sound(text, name) for name in names(places, self._head.probabilities(rows)))
        return tuple(name for name in told if name is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """The names of passages: observe() is called with each of them, in any order; then names() has them."""

    finder: NameFinder
    chunks: Sequence[Chunk]
    found: list[tuple[Name, ...]]

    def observe(self, index: int, tokens: Sequence[Span], states: Vectors) -> None:
        """An Observer of the passages (registry/runtime.py)."""
        self.found[index] = self.finder.told(self.chunks[index].text, tokens, states)

    def names(self) -> Iterator[Finding]:
        """All names, each once, by page and place. Where passages overlap, each tells those in its half."""
        for index, (chunk, found) in enumerate(zip(self.chunks, self.found, strict=True)):
            before = self.chunks[index - 1] if index else None
            after = self.chunks[index + 1] if index + 1 < len(self.chunks) else None
            first = chunk.start if before is None else max(chunk.start, _shared_middle(before, chunk))
            last = chunk.end if after is None else min(chunk.end, _shared_middle(chunk, after) or chunk.end)
            for name in found:
                start, end = chunk.start + name.start, chunk.start + name.end
                if first <= start < last:
                    yield Finding(name.kind, chunk.page, start, end, name.score, DETECTOR)


def _shared_middle(before: Chunk, after: Chunk) -> int:
    """The middle of what two passages that follow each other have in common; 0: nothing."""
    if before.page != after.page or before.end <= after.start:
        return 0
    return (before.end + after.start) // 2

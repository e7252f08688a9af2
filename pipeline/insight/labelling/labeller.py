"""Gives a document a label of a set, with its probability, what else it may be, and the passages that spoke for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.datatypes import NEEDS_REVIEW, Chunk, Label, Vectors
from pipeline.insight.labelling.features import features
from pipeline.insight.labelling.head import Head

ALTERNATIVES = 3
EVIDENCE = 3  # passages


@dataclass(frozen=True, slots=True)
class Labeller:
    """Labels documents with one head; `sha256` names it."""

    head: Head
    sha256: str

    def label(self, vectors: Vectors, texts: Sequence[str], chunks: Sequence[Chunk] = ()) -> Label | None:
        """Of a document with these passages and pages; None where it has no passage: there is nothing to go by.

        Below the threshold it is `needs_review`; the alternatives are told, likeliest first, the likeliest included.
        """
        if not len(vectors):
            return None
        found = self.head.probabilities([features(vectors, texts)])[0]
        order = np.argsort(-found, kind="stable")
        best, second = float(found[order[0]]), float(found[order[1]])
        is_sure = best >= self.head.threshold
        return Label(
            name=self.head.names[order[0]] if is_sure else NEEDS_REVIEW,
            score=best,
            margin=best - second,
            threshold=self.head.threshold,
            head=self.sha256,
            alternatives=tuple((self.head.names[at], float(found[at])) for at in order[:ALTERNATIVES]),
            evidence=self._evidence(vectors, int(order[0]), chunks),
        )

    def _evidence(self, vectors: Vectors, label: int, chunks: Sequence[Chunk]) -> tuple[tuple[int, int, int], ...]:
        """Page, start and end of the passages whose vectors speak most for a label against the mean of all labels."""
        if not chunks:
            return ()
        way = self.head.weights.dense[:, label] - self.head.weights.dense.mean(axis=1)
        order = np.argsort(-(vectors @ way), kind="stable")[:EVIDENCE]
        return tuple((chunks[at].page, chunks[at].start, chunks[at].end) for at in order)

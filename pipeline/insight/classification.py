"""Says what kind of document it is: the nearest one-line description in the embedding space, or that it is not sure.

The label is a suggestion with a score and a margin, not a finding; below the thresholds it is `needs_review`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.config import LabelsConfig
from pipeline.datatypes import NEEDS_REVIEW, Label, Vectors

Encode = Callable[[Sequence[str]], Vectors]

# A document says what it is at its beginning: its first passages weigh as much as all of them together.
BEGINNING = 2


class Classifier:
    """Compares documents with the descriptions of the configured labels."""

    def __init__(self, labels: LabelsConfig, encode: Encode) -> None:
        """Embed the descriptions once. `encode` gives unit rows."""
        self._labels = labels
        self._names = [label.name for label in labels.kind]
        self._descriptions = encode([label.description for label in labels.kind])

    def classify(self, vectors: Vectors) -> Label | None:
        """The label of a document with these passage vectors (n, d) in reading order; None when it has none."""
        if not len(vectors):
            return None
        document = vectors[:BEGINNING].mean(axis=0) + vectors.mean(axis=0)
        length = float(np.linalg.norm(document))
        scores = self._descriptions @ (document / length if length else document)
        second, first = np.argsort(scores, kind="stable")[-2:]
        score, margin = float(scores[first]), float(scores[first] - scores[second])
        sure = score >= self._labels.min_score and margin >= self._labels.min_margin
        return Label(self._names[first] if sure else NEEDS_REVIEW, score, margin)

"""The labellers of all sets of a configuration, as a run uses them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pipeline.datatypes import Chunk, Label, Vectors
from pipeline.insight.labelling import head as heads_of
from pipeline.insight.labelling.labeller import Labeller
from pipeline.insight.labelling.learning import Learning


@dataclass(frozen=True, slots=True)
class Labelling:
    """What a document was labelled by, and its label in each set; none where it has no text."""

    by: str
    labels: tuple[tuple[str, Label], ...]

    def of(self, set_name: str) -> Label | None:
        """Its label in one set."""
        return dict(self.labels).get(set_name)


class Labellers:
    """Threads share them. `fingerprint` changes with whatever would label a document otherwise."""

    def __init__(self, labellers: dict[str, Labeller]) -> None:
        self._labellers = labellers
        told = "\n".join(f"{name} {one.sha256}" for name, one in sorted(labellers.items()))
        self.fingerprint = hashlib.sha256(told.encode()).hexdigest()[:16]

    @classmethod
    def of(cls, learning: Learning, set_names: Sequence[str]) -> Self:
        """Those of the heads in use, or of the descriptions where nothing was learned."""
        made = {}
        for name in set_names:
            head = learning.current(name)
            made[name] = Labeller(head, heads_of.sha256(head.encoded()))
        return cls(made)

    def label(self, vectors: Vectors, texts: Sequence[str], chunks: Sequence[Chunk]) -> Labelling:
        """Of a document with these passages, in reading order, and pages."""
        found = ((name, one.label(vectors, texts, chunks)) for name, one in self._labellers.items())
        return Labelling(self.fingerprint, tuple((name, label) for name, label in found if label is not None))

"""What a question means: its vector in the space of one model, and the passages that are near to it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from pipeline.datatypes import Vectors
from pipeline.registry.active import ActiveModel
from pipeline.search import candidates
from pipeline.search.asking import Asked
from pipeline.search.candidates import Index
from pipeline.search.weights import familiarity


@dataclass(frozen=True, slots=True)
class Meaning:
    """A question's unit vector (d,), how well the model knows its words (0 to 1), and the passages nearest to it.

    `nearest` are chunk ids with their cosines, best first. All of it comes from one model, even when another is
    activated meanwhile.
    """

    active: ActiveModel
    vector: Vectors
    familiarity: float
    nearest: Mapping[int, float]

    def cosines(self, chunk_ids: Sequence[int]) -> dict[int, float]:
        """How alike the question and each of these passages are, also where only its words were found."""
        known = {one: self.nearest[one] for one in chunk_ids if one in self.nearest}
        missing = [one for one in chunk_ids if one not in known]
        return known | (self.active.index.cosines(self.vector, missing) if missing else {})


@dataclass(frozen=True, slots=True)
class Asking:
    """A text that the model has been asked about, beside what else is done for the question."""

    text: str
    vector: "Future[Vectors]"

    @classmethod
    def of(cls, active: ActiveModel, text: str) -> "Asking":
        """Ask the model."""
        return cls(text, active.embedder.question(text))


def meaning(active: ActiveModel, begun: Asking, asked: Asked, index: Index, depth: int) -> Meaning:
    """What the model says; `depth` passages are found, and as many in the documents that are named."""
    text = asked.question.text
    vector = (begun if begun.text == text else Asking.of(active, text)).vector.result()
    active.index.catch_up()
    among = index.chunks() if index.is_narrowed else None
    found = dict(active.index.search(vector, depth, among))
    if asked.named is not None:
        there = index.within(candidates.documents_named(index, asked.named)).chunks()
        found |= active.index.search(vector, depth, there)
    ordered = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
    return Meaning(active, vector, familiarity(active.embedder.characters_per_token(text)), ordered)

"""What models are compared on: passages and queries. Text lives in memory only and is never printed with a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.evaluation.judgements import JudgedQuery
from pipeline.registry import catalogue

EVALUATION, NAMES, CALIBRATION = "evaluation", "names", "calibration"  # the files beside the models


@dataclass(frozen=True, slots=True)
class Query:
    """A question. `text` is None where a passage itself asks; `passage` is the place of the one that it is, or is
    taken from, which is left out of what is found. `relevant` grades documents by sha256; None: not judged."""

    text: str | None = field(repr=False)
    passage: int | None = None
    relevant: Mapping[str, int] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Texts:
    """Passages, and which of them serve what: ranges and groups hold places in `passages`.

    `description` says in words what they are (never which documents); `measured` are those whose cosines are told,
    `names` the lists of names, and `corpus`, from place 0, those that queries search. `documents` has the sha256 of
    the document of each passage of the corpus, or is empty; `whole` has the passages of each document that is there
    whole, in reading order.
    """

    description: str
    passages: tuple[str, ...] = field(repr=False)
    ids: tuple[str, ...]
    measured: range
    names: range
    corpus: range
    queries: tuple[Query, ...] = field(repr=False)
    documents: tuple[str, ...] = ()
    whole: tuple[tuple[int, ...], ...] = ()

    @property
    def of_index(self) -> bool:
        """Whether these are the user's documents and not the texts that come with the models."""
        return bool(self.documents)


def builtin(root: Path, judged: Sequence[JudgedQuery] = ()) -> Texts:
    """The texts that come with the models below `root`; without queries, each held-out passage searches all others.

    Raises ModelError when they are missing.
    """
    parts = {name: catalogue.texts(root, name) for name in (EVALUATION, NAMES, CALIBRATION)}
    passages = tuple(passage for part in parts.values() for passage in part)
    held_out, names = len(parts[EVALUATION]), len(parts[NAMES])
    measured, listed = range(held_out), range(held_out, held_out + names)
    queries = tuple(Query(query.text) for query in judged) or tuple(
        Query(None, place) for place in (*measured, *listed)
    )
    asked = f"the {len(judged)} queries of a file" if judged else f"each of these {held_out + names} as a query"
    return Texts(
        description=(
            f"Texts that come with the program, of no user: {held_out} ordinary passages and {names} lists of names, "
            f"none of them seen in calibration; {asked}, among all {len(passages)}."
        ),
        passages=passages,
        ids=tuple(f"{name} {number}" for name, part in parts.items() for number in range(1, len(part) + 1)),
        measured=measured,
        names=listed,
        corpus=range(len(passages)),
        queries=queries,
    )

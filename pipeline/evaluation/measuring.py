"""Embeds the texts with a model, and sets what it finds beside what its reference finds. Keeps figures and ids only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.datatypes import Vectors
from pipeline.evaluation import intervals, judged, neighbours
from pipeline.evaluation.fidelity import fidelity
from pipeline.evaluation.report import Fidelity, Interval, Retrieval
from pipeline.evaluation.texts import Texts
from pipeline.registry.runtime import Embedder

Progress = Callable[[str, int, int], None]  # what is being done, how much of it is, of how much

_BLOCK = 64  # texts between two words of progress


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a model makes of the texts: one unit row for each passage (n, d) and for each query (q, d)."""

    passages: Vectors = field(repr=False)
    queries: Vectors = field(repr=False)

    def at(self, places: range) -> Vectors:
        """The rows of some passages."""
        return self.passages[places.start : places.stop]


@dataclass(frozen=True, slots=True)
class Compared:
    """A model beside its reference; None where there was nothing to compare."""

    fidelity: Fidelity | None
    names: Fidelity | None
    retrieval: Retrieval | None


def encode(model: Embedder, texts: Texts, progress: Progress) -> Encoded:
    """Embed every passage once, and the queries that are not passages themselves."""
    blocks = []
    for first in range(0, len(texts.passages), _BLOCK):
        blocks.append(model.encode(texts.passages[first : first + _BLOCK]))
        done = min(first + _BLOCK, len(texts.passages))
        progress(f"embedding with {model.manifest.name}", done, len(texts.passages))
    passages = np.concatenate(blocks) if blocks else np.empty((0, model.manifest.dimension), np.float32)
    asked = [query.text for query in texts.queries if query.text is not None]
    queries = np.empty((len(texts.queries), passages.shape[1]), np.float32)
    own = iter(model.encode(asked, as_query=True))
    for place, query in enumerate(texts.queries):
        if query.text is not None:
            queries[place] = next(own)
        elif query.passage is not None:
            queries[place] = passages[query.passage]
    return Encoded(passages, queries)


def compare(found: Encoded, expected: Encoded, texts: Texts, random: np.random.Generator) -> Compared:
    """A model's vectors beside its reference's of the same texts; each model searches its own passages."""
    return Compared(
        _fidelity(found, expected, texts, texts.measured, random),
        _fidelity(found, expected, texts, texts.names, random),
        _retrieval(found, expected, texts, random),
    )


def of_reference(found: Encoded, texts: Texts, random: np.random.Generator) -> Retrieval | None:
    """The judged quality of the reference itself; None without judgements."""
    quality = _ndcg(found, texts)
    if quality is None or not texts.corpus:
        return None
    return Retrieval(
        queries=len(texts.queries),
        passages=len(texts.corpus),
        overlap_at_10=Interval(1.0, 1.0, 1.0),
        ndcg_at_10=intervals.of_mean(quality, random),
    )


def _fidelity(
    found: Encoded, expected: Encoded, texts: Texts, places: range, random: np.random.Generator
) -> Fidelity | None:
    ids = texts.ids[places.start : places.stop]
    return fidelity(found.at(places), expected.at(places), ids, random)


def _retrieval(found: Encoded, expected: Encoded, texts: Texts, random: np.random.Generator) -> Retrieval | None:
    best = [_nearest(one, texts) for one in (found, expected)]
    if not best[0].size:  # no query, or no passage but the one that asks
        return None
    quality, reference = _ndcg(found, texts), _ndcg(expected, texts)
    return Retrieval(
        queries=len(texts.queries),
        passages=len(texts.corpus),
        overlap_at_10=intervals.of_mean(neighbours.overlaps(*best), random),
        ndcg_at_10=None if quality is None else intervals.of_mean(quality, random),
        ndcg_difference=(
            None if quality is None or reference is None else intervals.of_mean(quality - reference, random)
        ),
    )


def _nearest(encoded: Encoded, texts: Texts) -> neighbours.Places:
    left_out = [query.passage for query in texts.queries]
    return neighbours.nearest(encoded.queries, encoded.at(texts.corpus), left_out)


def _ndcg(encoded: Encoded, texts: Texts) -> intervals.Floats | None:
    """nDCG@10 of the judged queries; None when there are none."""
    rows = [place for place, query in enumerate(texts.queries) if judged.is_judged(query.relevant)]
    if not rows:
        return None
    relevant = [texts.queries[place].relevant or {} for place in rows]
    return judged.ndcg(encoded.queries[rows], encoded.at(texts.corpus), texts.documents, relevant)


def spread(places: Sequence[int], random: np.random.Generator) -> list[int]:
    """The places in random order, so that the first ones are a fair sample."""
    return [int(place) for place in random.permutation(np.array(places, np.int64))]

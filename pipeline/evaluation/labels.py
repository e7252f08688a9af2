"""Whether documents keep their label: what descriptions say with a model's vectors and with its reference's."""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.config import KIND, LabelsConfig
from pipeline.datatypes import Vectors
from pipeline.evaluation import intervals
from pipeline.evaluation.report import Interval
from pipeline.insight.labelling.labeller import Labeller
from pipeline.insight.labelling.training import LabelSet, train

Encode = Callable[[Sequence[str]], Vectors]


def labels(vectors: Vectors, documents: Sequence[Sequence[int]], config: LabelsConfig, encode: Encode) -> list[str]:
    """The label of each document, given the places of its passages in `vectors` (n, d), in reading order.

    `encode` is that of the model that made the vectors.
    """
    described = LabelSet(
        KIND, tuple(label.name for label in config.kind), encode([label.description for label in config.kind])
    )
    head, _ = train(described, [], "", min_score=config.min_score, max_error=config.max_error)
    labeller = Labeller(head, "")
    found = [labeller.label(vectors[list(places)], []) for places in documents]
    return ["" if label is None else label.name for label in found]


def agreement(found: Sequence[str], expected: Sequence[str], random: np.random.Generator) -> Interval | None:
    """The share of documents with the same label; None when there are no documents."""
    if not found:
        return None
    alike = [float(one == other) for one, other in zip(found, expected, strict=True)]
    return intervals.of_mean(np.array(alike), random)

"""How close a model's vectors stay to its reference's: cosines of the same passages. Pure numpy."""

from collections.abc import Sequence

import numpy as np

from pipeline.datatypes import Vectors
from pipeline.evaluation import intervals
from pipeline.evaluation.intervals import Floats
from pipeline.evaluation.report import Fidelity, Passage

WORST_SHOWN = 10
HISTOGRAM_FROM, HISTOGRAM_STEPS = 0.95, 50  # steps of 0.001: INT8 lies in the last ten


def cosines(vectors: Vectors, reference: Vectors) -> Floats:
    """The cosine of each row of two (n, d) matrices of unit rows: (n,), within -1 and 1."""
    found: Floats = np.einsum("nd,nd->n", vectors, reference, dtype=np.float64)
    return np.clip(found, -1.0, 1.0)


def fidelity(vectors: Vectors, reference: Vectors, ids: Sequence[str], random: np.random.Generator) -> Fidelity | None:
    """Compare row-aligned unit vectors (n, d) of passages with these ids; None when there are no passages."""
    if not len(vectors):
        return None
    found = cosines(vectors, reference)
    counts, _ = np.histogram(np.clip(found, HISTOGRAM_FROM, 1.0), bins=HISTOGRAM_STEPS, range=(HISTOGRAM_FROM, 1.0))
    worst = np.argsort(found, kind="stable")[:WORST_SHOWN]
    return Fidelity(
        passages=len(found),
        mean=intervals.of_mean(found, random),
        p1=intervals.of_percentile(found, 1, random),
        least=float(found.min()),
        histogram_from=HISTOGRAM_FROM,
        histogram=tuple(int(count) for count in counts),
        worst=tuple(Passage(ids[place], float(found[place])) for place in worst),
    )

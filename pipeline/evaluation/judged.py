"""nDCG@10 of judged queries, by document: a document stands where its best passage stands. Pure numpy.

DCG sums grade / log2(rank + 1) over the ten best documents, and nDCG divides it by the DCG of the best order possible
(Järvelin and Kekäläinen 2002, with the linear gain and the discount of trec_eval's ndcg_cut, which BEIR reports).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.evaluation import neighbours
from pipeline.evaluation.intervals import Floats

DEPTH = 10


def ndcg(
    queries: Vectors, passages: Vectors, documents: Sequence[str], relevant: Sequence[Mapping[str, int]]
) -> Floats:
    """nDCG@10 of each query (q, d) over passages (n, d): (q,).

    `documents` names the document of each passage, `relevant` grades documents for each query, at least one above 0.
    Judged documents without a passage cannot be found and cost accordingly. Ties go to the document that comes first.
    """
    names = list(dict.fromkeys(documents))
    number = {name: place for place, name in enumerate(names)}
    owner = np.array([number[name] for name in documents], np.int64)
    values = np.empty(len(queries))
    for place, (scores, grades) in enumerate(zip(neighbours.scores(queries, passages), relevant, strict=True)):
        ranking = _documents_ranked(scores, owner, len(names))
        values[place] = _discounted(grades.get(names[one], 0) for one in ranking) / _ideal(grades)
    return values


def is_judged(relevant: Mapping[str, int] | None) -> bool:
    """Whether there is something to be found: without a grade above 0 no order is better than another."""
    return relevant is not None and any(grade > 0 for grade in relevant.values())


def _documents_ranked(scores: Floats, owner: npt.NDArray[np.int64], count: int) -> list[int]:
    best = np.full(count, -np.inf)
    np.maximum.at(best, owner, scores)
    return [int(one) for one in np.argsort(-best, kind="stable")[:DEPTH]]


def _discounted(grades: Iterable[int]) -> float:
    return float(sum(grade / np.log2(rank + 1) for rank, grade in enumerate(grades, 1)))


def _ideal(grades: Mapping[str, int]) -> float:
    return _discounted(sorted(grades.values(), reverse=True)[:DEPTH])

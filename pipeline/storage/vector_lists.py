"""The kind of index for many vectors: lists of rows by the nearest of some means, of which the likeliest are looked at.

An inverted file (Jegou et al., Product Quantization for Nearest Neighbor Search, PAMI 2011) of RaBitQ codes (Gao and
Long, SIGMOD 2024): one bit a component of what a row differs from its list's mean, 8 bytes of factors and the id: 64
bytes a row of 384 components. Nothing but the means is learnt.
"""

from dataclasses import dataclass

import faiss
import numpy as np

from pipeline.datatypes import Vectors
from pipeline.storage.vector_codes import Ids, Rows, unit
from pipeline.storage.vector_kinds import allowed, proposed, single_threaded

ROW_BITS = 1  # of a component of a row; with 2, 60 bytes a row more, a quarter of the candidates has the nearest
QUERY_BITS = 4  # of a component of the query where it is compared with those of rows: with more, no more is found


@dataclass(frozen=True, slots=True)
class Effort:
    """What a search takes, as measured on the very rows (vector_training.py).

    `probes`: how many lists are looked into. `for_ten`, `for_hundred`: how many candidates have the ten, or the
    hundred, nearest rows among them.
    """

    probes: int
    for_ten: int
    for_hundred: int

    def candidates(self, limit: int) -> int:
        """How many have the `limit` nearest among them."""
        return max(limit, self.for_ten, -(-limit * self.for_hundred // 100))


class Lists:
    """Looks into the lists whose means are nearest to the query, and into all where only some rows are allowed.

    The nearest of the allowed rows may lie anywhere, so that no number of lists is right for every filter.
    """

    def __init__(self, index: faiss.IndexIVFRaBitQ, effort: Effort, trained: int) -> None:
        """`index` was made for so many rows."""
        self.index = index
        self.effort = effort
        self.trained = trained

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def ids(self) -> Ids:
        """Their chunk ids, ascending."""
        lists = self.index.invlists
        assert lists is not None
        sizes = [lists.list_size(number) for number in range(lists.nlist)]
        parts = [faiss.rev_swig_ptr(lists.get_ids(number), size) for number, size in enumerate(sizes) if size]
        found: Ids = np.sort(np.concatenate([*parts, np.empty(0, np.int64)]))
        return found

    def add(self, rows: Rows) -> None:
        """Add rows whose ids it does not hold."""
        single_threaded()
        self.index.add_with_ids(unit(rows.codes), rows.ids)

    def remove(self, ids: Ids) -> None:
        """Drop these rows, if it holds them."""
        single_threaded()
        self.index.remove_ids(faiss.IDSelectorBatch(ids))

    def candidates(self, query: Vectors, limit: int, among: Ids | None) -> Ids:
        """As many as had all of the nearest among them when it was measured."""
        wanted = min(self.effort.candidates(limit), len(self))
        return proposed(self.nearest(query[None], wanted, self.effort.probes, among))

    def nearest(self, queries: Vectors, wanted: int, probes: int, among: Ids | None = None) -> Ids:
        """Ids (q, wanted) of what seems nearest to queries (q, d), best first, filled up with -1."""
        single_threaded()
        parameters = faiss.IVFRaBitQSearchParameters()
        parameters.qb = QUERY_BITS
        parameters.nprobe = probes if among is None else self.index.nlist
        selector = None if among is None else allowed(among)  # kept until the search is over
        parameters.sel = selector
        found: Ids = self.index.search(queries, wanted, params=parameters)[1]
        return found

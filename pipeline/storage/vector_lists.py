"""The kind of index for many vectors: lists of rows by the nearest of some means, of which the likeliest are looked at.

An inverted file (Jegou et al., Product Quantization for Nearest Neighbor Search, PAMI 2011) of RaBitQ codes (Gao and
Long, SIGMOD 2024): one bit a component of what a row differs from its list's mean, 8 bytes of factors and the id: 64
bytes a row of 384 components. Nothing but the means is learnt.
"""

from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.storage.vector_codes import Ids, Rows, unit
from pipeline.storage.vector_kinds import allowed, proposed, single_threaded
from pipeline.storage.vector_ranking import Proposals, Slack

ROW_BITS = 1  # of a component of a row; with 2, 60 bytes a row more, half as many rows are looked at
MOST = 1_000  # rows that a search may look at: reading their codes takes 7 ms
QUERY_BITS = 4  # of a component of the query where it is compared with those of rows: with more, no more is found
_COUNTED = 20_000  # allowed rows of which it is counted in which lists they lie
_FAR = 2.0  # times the slack in all lists: an estimate's error grows with the distance from the query to a list's mean


@dataclass(frozen=True, slots=True)
class Effort:
    """What a search takes, as measured on the very rows (vector_training.py): how many lists are looked into, and how
    many of the rows found there are looked at.
    """

    probes: int
    slack: Slack


class Lists:
    """Looks into the lists whose means are nearest to the query.

    Where only some rows are allowed, their nearest may lie anywhere: so many lists then that as many of the allowed
    rows are met as of all rows without a filter.
    """

    def __init__(self, index: faiss.IndexIVFRaBitQ, effort: Effort, trained: int) -> None:
        """`index` was made for so many rows."""
        self.index = index
        self.effort = effort
        self.trained = trained
        self._list_of: npt.NDArray[np.int32] | None = None  # by chunk id; made when it is needed

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def ids(self) -> Ids:
        """Their chunk ids, ascending."""
        found: Ids = np.sort(np.concatenate([*self._ids_by_list(), np.empty(0, np.int64)]))
        return found

    def add(self, rows: Rows) -> None:
        """Add rows whose ids it does not hold."""
        single_threaded()
        self.index.add_with_ids(unit(rows.codes), rows.ids)
        self._list_of = None

    def remove(self, ids: Ids) -> None:
        """Drop these rows, if it holds them."""
        single_threaded()
        self.index.remove_ids(faiss.IDSelectorBatch(ids))
        self._list_of = None

    def proposals(self, query: Vectors, limit: int, among: Ids | None) -> Proposals:
        """As many as may be looked at."""
        probes, slack, most = self.effort.probes, self.effort.slack, MOST
        if among is not None:
            probes = self._probes(query, among)
            further = (probes - self.effort.probes) / max(1, self.index.nlist - self.effort.probes)
            slack, most = slack.times(1 + (_FAR - 1) * further), 2 * MOST
        return proposed(self.nearest(query[None], max(most, 4 * limit), probes, among), 1.0, slack)

    def nearest(self, queries: Vectors, wanted: int, probes: int, among: Ids | None = None) -> tuple[Vectors, Ids]:
        """Estimated cosines and ids (q, k) of what is nearest to queries (q, d), best first; k is at most `wanted`."""
        single_threaded()
        parameters = faiss.IVFRaBitQSearchParameters(  # type: ignore[call-arg]  # faiss adds them at run time
            qb=QUERY_BITS, nprobe=probes, sel=None if among is None else allowed(among)
        )
        found: tuple[Vectors, Ids] = self.index.search(queries, min(wanted, len(self)), params=parameters)
        return found

    def _probes(self, query: Vectors, among: Ids) -> int:
        """How many lists to look into, the nearest to a query (d,) first, where only rows in `among` are allowed."""
        single_threaded()
        count = self.index.nlist
        usual = len(self) * self.effort.probes // count
        if self._list_of is None:
            self._list_of = self._lists_of_ids()
        step = max(1, len(among) // _COUNTED)
        there = self._list_of[among[: np.searchsorted(among, len(self._list_of)) : step]]
        rows = step * np.bincount(there[there >= 0], minlength=count)
        _, nearest = self.index.quantizer.search(query[None], count)
        met = np.cumsum(rows[nearest[0]])
        return max(self.effort.probes, min(count, int(np.searchsorted(met, min(usual, met[-1]))) + 1))

    def _lists_of_ids(self) -> npt.NDArray[np.int32]:
        parts = self._ids_by_list()
        found = np.full(max((int(part.max()) + 1 for part in parts if part.size), default=0), -1, np.int32)
        for number, part in enumerate(parts):
            found[part] = number
        return found

    def _ids_by_list(self) -> list[Ids]:
        lists = self.index.invlists
        assert lists is not None
        sizes = [lists.list_size(number) for number in range(lists.nlist)]
        nothing = np.empty(0, np.int64)
        return [faiss.rev_swig_ptr(lists.get_ids(list_), size) if size else nothing for list_, size in enumerate(sizes)]

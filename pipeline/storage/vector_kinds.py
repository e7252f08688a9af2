"""What an index over vectors does, and the kind that looks at every row. Reads no store.

An index only proposes: the exact cosines of what it proposes are computed from the codes in SQLite (vector_codes.py).
A row that is removed leaves its memory, and therefore what is saved of it.
"""

from typing import Protocol

import faiss
import numpy as np

from pipeline.datatypes import Vectors
from pipeline.storage.vector_codes import Ids, Rows
from pipeline.storage.vector_ranking import Proposals, Slack

_SIGN = np.uint8(0x80)  # FAISS keeps int8 as uint8, 128 higher (QT_8bit_direct_signed)
_FINEST = 127.0
_SLACK = Slack(ten=0.003, all=0.003)  # five times the error of a cosine whose query of 384 components is rounded


class Kind(Protocol):
    """An index of rows. Not for several threads at once."""

    def __len__(self) -> int:
        """How many rows it holds."""

    def ids(self) -> Ids:
        """Their chunk ids, ascending."""

    def add(self, rows: Rows) -> None:
        """Add rows whose ids it does not hold."""

    def remove(self, ids: Ids) -> None:
        """Drop these rows, if it holds them."""

    def proposals(self, query: Vectors, limit: int, among: Ids | None) -> Proposals:
        """Chunks with the `limit`, at least one, nearest to a unit query (d,) among them.

        Only those in `among`, ascending and not empty, take part.
        """


class Flat:
    """Compares the query with every row, both as int8: d bytes a row, and next to nothing is missed."""

    def __init__(self, dimension: int, scale: float, expected: int = 0) -> None:
        """`scale` is that of the codes. For `expected` rows there is room at once: growing takes more for a moment."""
        self._scale = scale
        single_threaded()
        rows = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        )
        rows.codes.resize(expected * dimension)
        rows.codes.resize(0)
        self._index = faiss.IndexIDMap(rows)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        """Their chunk ids, ascending."""
        found: Ids = np.sort(faiss.vector_to_array(self._index.id_map))
        return found

    def add(self, rows: Rows) -> None:
        """Add rows whose ids it does not hold."""
        single_threaded()
        self._index.add_sa_codes(rows.codes.view(np.uint8) ^ _SIGN, rows.ids)

    def remove(self, ids: Ids) -> None:
        """Drop these rows, if it holds them."""
        single_threaded()
        self._index.remove_ids(faiss.IDSelectorBatch(ids))

    def proposals(self, query: Vectors, limit: int, among: Ids | None) -> Proposals:
        """Some more than asked for: to round the query exchanges neighbours that are nearly as near."""
        single_threaded()
        finest = _FINEST / max(float(np.abs(query).max()), 1e-9)  # codes are compared with codes
        parameters = None if among is None else faiss.SearchParameters(sel=allowed(among))  # type: ignore[call-arg]  # faiss adds it at run time
        found = self._index.search(
            np.rint(query * np.float32(finest))[None], min(2 * limit + 50, len(self)), params=parameters
        )
        return proposed(found, 1 / (finest * self._scale), _SLACK)


def single_threaded() -> None:
    """Keep the calling thread's FAISS to one core: the embedder has the others, and sums depend on how many add them.

    OpenMP keeps this number for each thread, and a new thread starts with all cores.
    """
    faiss.omp_set_num_threads(1)


def allowed(among: Ids) -> faiss.IDSelector:
    """A selector of these ids, ascending: it takes one bit for each number up to the highest."""
    bits = np.zeros(int(among[-1]) + 1, np.bool_)
    bits[among] = True
    return faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))  # type: ignore[call-arg,arg-type]  # as above


def proposed(found: tuple[Vectors, Ids], unit: float, slack: Slack) -> Proposals:
    """FAISS's answer (1, k) to one query, whose products are cosines in such units; it fills up with -1."""
    products, ids = found[0][0], found[1][0]
    there = ids >= 0
    return Proposals(ids[there], products[there] * np.float32(unit), slack)

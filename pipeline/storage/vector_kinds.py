"""What an index over vectors does, and the kind that looks at every row. Reads no store.

An index only proposes: the exact cosines of what it proposes are computed from the codes in SQLite (vector_codes.py).
A row that is removed leaves its memory, and therefore what is saved of it.
"""

from typing import Protocol

import faiss
import numpy as np

from pipeline.datatypes import Vectors
from pipeline.storage.vector_codes import Ids, Rows

_SIGN = np.uint8(0x80)  # FAISS keeps int8 as uint8, 128 higher (QT_8bit_direct_signed)
_FINEST = np.float32(127)


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

    def candidates(self, query: Vectors, limit: int, among: Ids | None) -> Ids:
        """Chunk ids with the `limit` rows nearest to a unit query (d,) among them, in no order; `limit` is at least 1.

        Only those in `among`, ascending and not empty, take part.
        """


class Flat:
    """Compares the query with every row, both as int8: d bytes a row, and next to nothing is missed."""

    def __init__(self, dimension: int, expected: int = 0) -> None:
        """Room is made for as many rows as are expected: growing in steps takes twice the memory for a moment."""
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

    def candidates(self, query: Vectors, limit: int, among: Ids | None) -> Ids:
        """Some more than asked for: to round the query exchanges neighbours that are nearly as near."""
        single_threaded()
        rounded = np.rint(query * (_FINEST / max(float(np.abs(query).max()), 1e-9)))  # codes are compared with codes
        wanted = min(limit + limit // 4 + 10, len(self))
        parameters = None if among is None else faiss.SearchParameters(sel=allowed(among))  # type: ignore[call-arg]  # faiss adds it at run time
        _, found = self._index.search(rounded[None], wanted, params=parameters)
        return proposed(found)


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


def proposed(found: Ids) -> Ids:
    """The ids of FAISS's answer (1, k) to one query; it fills up with -1."""
    ids: Ids = found[0]
    return ids[ids >= 0]

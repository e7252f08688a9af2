"""Finds documents with nearly the same text: copies in other formats, scans of them, versions with few changes.

Signatures tell which pairs may be such; each is then compared by its texts. What is like something that is like a third
is in one group with it, as versions are that were changed again and again.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import EVERYTHING, Filters
from pipeline.errors import Stopped, UsageError
from pipeline.insight import minhash, shingles
from pipeline.insight.minhash import Indices
from pipeline.insight.shingles import Shingles
from pipeline.reports import DocumentRow
from pipeline.search.findings import Duplicate, DuplicateGroup
from pipeline.storage import listing, narrowing, signatures
from pipeline.storage.database import Database

LEAST, MOST, USUAL = 0.3, 1.0, 0.6  # less in common than the least has much that is no copy of anything
_BATCH = 100  # signatures made and stored at a time
_KEPT_RUNS = 20_000_000  # of the texts last looked at: 160 MB
_MOST_REFUSED = 10  # doubtful pairs of one document that came to nothing: after so many its others are not looked at

Progress = Callable[[str, int, int], None]  # what is done, how much of it, of how much
Stop = Callable[[], bool]


class Duplicates:
    """Compares the texts of one store."""

    def __init__(self, database: Database, progress: Progress | None, stop: Stop) -> None:
        """`stop` is asked now and then; where it says so, the work ends with Stopped, and goes on at the next call."""
        self._database = database
        self._progress = progress
        self._stop = stop
        self._texts = _Texts(database)

    def groups(self, threshold: float = USUAL, filters: Filters = EVERYTHING) -> tuple[DuplicateGroup, ...]:
        """Documents that resemble each other by `threshold` (0.3 to 1) or more, and copies; the largest groups first.

        How much each resembles the one of its group that was read first is exact. Raises UsageError, Stopped.
        """
        if not LEAST <= threshold <= MOST:
            raise UsageError(
                "threshold_bound",
                f"The threshold must be from {LEAST:.0%} to {MOST:.0%}.",
                "Give another --threshold; 60 finds copies and versions.",
            )
        self._complete()
        ids, rows = signatures.every(self._database)
        wanted = narrowing.documents(self._database, filters)
        if wanted is not None:
            taking_part = np.isin(ids, wanted)
            ids, rows = ids[taking_part], rows[taking_part]
        pairs, estimates = minhash.candidates(rows, threshold)
        joined = self._joined(ids[pairs], estimates, threshold)
        together = [members for members in joined.groups() if len(members) > 1]
        copies = self._copies(wanted) - {one for members in together for one in members}
        found = [self._group(members) for members in [*together, *([one] for one in sorted(copies))]]
        return tuple(sorted((group for group in found if group.places > 1), key=_order))

    def _complete(self) -> None:
        """Make the signatures of documents that were read before there were any."""
        missing = signatures.missing(self._database)
        for start in range(0, len(missing), _BATCH):
            self._tell("signatures", start, len(missing))
            made = [(one, minhash.signature(self._texts.of(one))) for one in missing[start : start + _BATCH]]
            with self._database.atomic():
                for document_id, signature in made:
                    signatures.put(self._database, document_id, signature)

    def _joined(self, pairs: Indices, estimates: npt.NDArray[np.float64], threshold: float) -> "_Joined":
        """Compare the texts of pairs, but of those that are in one group already."""
        joined = _Joined()
        refused: dict[int, int] = {}
        for place, ((one, other), estimate) in enumerate(zip(pairs.tolist(), estimates.tolist(), strict=True)):
            if place % _BATCH == 0:
                self._tell("pairs", place, len(pairs))
            if joined.root(one) == joined.root(other):
                continue
            is_doubtful = estimate < threshold + minhash.MARGIN
            if is_doubtful and max(refused.get(one, 0), refused.get(other, 0)) >= _MOST_REFUSED:
                continue
            if shingles.resemblance(self._texts.of(one), self._texts.of(other)) >= threshold:
                joined.join(one, other)
            else:
                refused[one], refused[other] = refused.get(one, 0) + 1, refused.get(other, 0) + 1
        return joined

    def _copies(self, wanted: Indices | None) -> set[int]:
        """Documents whose very bytes lie at several paths."""
        rows = self._database.rows("SELECT document_id FROM paths GROUP BY document_id HAVING count(*) > 1")
        found = {int(row[0]) for row in rows}
        return found if wanted is None else found & set(wanted.tolist())

    def _group(self, members: list[int]) -> DuplicateGroup:
        first, *others = sorted(members)
        own = self._texts.of(first)
        alike = [(shingles.resemblance(own, self._texts.of(other)), other) for other in others]
        alike.sort(key=lambda pair: (-pair[0], pair[1]))
        with self._database.snapshot():
            found = [(1.0, first), *alike]
            return DuplicateGroup(tuple(Duplicate(row, score) for score, one in found for row in self._rows(one)))

    def _rows(self, document_id: int) -> Iterator[DocumentRow]:
        try:
            yield listing.document(self._database, document_id)
        except KeyError:  # it left meanwhile
            return

    def _tell(self, what: str, done: int, of: int) -> None:
        if self._stop():
            raise Stopped
        if self._progress is not None:
            self._progress(what, done, of)


class _Texts:
    """The runs of words of documents, those last asked for kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[int, Shingles] = OrderedDict()
        self._size = 0

    def of(self, document_id: int) -> Shingles:
        """The runs of a document."""
        if document_id in self._kept:
            self._kept.move_to_end(document_id)
            return self._kept[document_id]
        found = self._kept[document_id] = shingles.of(signatures.bodies(self._database, document_id))
        self._size += len(found)
        while self._size > _KEPT_RUNS and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)
        return found


class _Joined:
    """Which documents are in one group: disjoint sets, with paths halved (Tarjan, van Leeuwen 1984)."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def root(self, one: int) -> int:
        """The document that stands for the group of one."""
        while (above := self._above.setdefault(one, one)) != one:
            self._above[one] = self._above.setdefault(above, above)
            one = above
        return one

    def join(self, one: int, other: int) -> None:
        """Make one group of both."""
        first, second = sorted((self.root(one), self.root(other)))
        self._above[second] = first

    def groups(self) -> list[list[int]]:
        """All groups."""
        found: dict[int, list[int]] = {}
        for one in self._above:
            found.setdefault(self.root(one), []).append(one)
        return list(found.values())


def _order(group: DuplicateGroup) -> tuple[int, float, str]:
    """The largest first, then those that are most alike."""
    return -group.places, -group.similarity, str(group.documents[0].row.document)

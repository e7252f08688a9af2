"""Finds documents like a document, and passages like a passage, by meaning alone. Reads only.

Two documents are alike in two ways, and a search for the one must not hide the other: as a whole (another lease), or
because one says what a part of the other says (the lease in a bundle of three hundred pages). So the score is the mean
of both: the cosine of the means of their passages, and how well, on average, the passages of one are matched by the
nearest of the other, whichever way round is better.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.datatypes import EVERYTHING, Filters, Vectors
from pipeline.errors import UsageError
from pipeline.outcomes import Code
from pipeline.registry.active import ActiveModel
from pipeline.search import snippets
from pipeline.search.findings import SimilarHit
from pipeline.search.masking import Masker
from pipeline.storage import detail, members, narrowing, passage_vectors
from pipeline.storage.database import Database
from pipeline.storage.passage_vectors import Ids, Passages
from pipeline.storage.texts import Place, StoredTexts

MAX_LIMIT = 1000
_ASKED = 12  # passages of a document that are looked for in the index, beside the mean of all: each is one scan of it
_DEPTH = 300  # passages found for each of them
_COMPARED = 100  # documents that are then compared passage by passage, or three for each that is wanted
_OWN, _OTHERS = 256, 1024  # passages of a long document that take part in that, at even distances


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How alike two documents are, and the passage of the other one that is nearest."""

    whole: float
    part: float
    nearest: int

    @property
    def score(self) -> float:
        return (self.whole + self.part) / 2


class Comparison:
    """Compares documents of one store in the space of one model."""

    def __init__(self, database: Database, active: ActiveModel, masker: Masker) -> None:
        self._database = database
        self._masker = masker
        self._active = active

    def like(
        self, document: str, place: tuple[int | None, int | None], limit: int, filters: Filters = EVERYTHING
    ) -> tuple[SimilarHit, ...]:
        """Documents like one that is named by path or id; with a page, and perhaps a start on it, passages like that.

        Raises UsageError.
        """
        document_id, (page, start) = detail.identify(self._database, document), place
        if page is not None:
            return self.passages(document_id, (page, start), limit, filters)
        if start is not None:
            raise UsageError("page_missing", "A start alone names no passage.", "Give the page, too.")
        return self.documents(document_id, limit, filters)

    def documents(self, document_id: int, limit: int, filters: Filters = EVERYTHING) -> tuple[SimilarHit, ...]:
        """The documents most like this one, best first, without itself. Raises UsageError."""
        _check(limit)
        own = self._passages(document_id)
        candidates = self._candidates(own, document_id, limit, self._among(filters))
        own = own.sampled(_OWN)
        with self._database.snapshot():
            scored = [(_compared(own, other), number) for number, other in self._others(candidates)]
            scored.sort(key=lambda pair: (-pair[0].score, pair[1]))
            found = (self._hit(one.nearest, one.score, one) for one, _ in scored)
            return tuple(hit for hit in found if hit is not None)[:limit]

    def passages(
        self, document_id: int, place: tuple[int, int | None], limit: int, filters: Filters = EVERYTHING
    ) -> tuple[SimilarHit, ...]:
        """The nearest passages, one of each other document, to one passage or to any on its page; best first.

        `place` is the page, and the offset on it at which the passage begins, if one is meant. Raises UsageError.
        """
        _check(limit)
        asked = self._asked(document_id, *place)
        nearest = self._nearest(asked, document_id, _DEPTH + 10 * limit, self._among(filters))
        ordered = sorted(nearest.values(), key=lambda pair: (-pair[0], pair[1]))
        with self._database.snapshot():
            found = (self._hit(chunk_id, cosine) for cosine, chunk_id in ordered)
            return tuple(hit for hit in found if hit is not None)[:limit]

    def _others(self, candidates: Sequence[int]) -> Iterator[tuple[int, Passages]]:
        """The candidates, each with its passages; those that left meanwhile are left out."""
        for number in candidates:
            found = passage_vectors.of_document(self._database, self._active.model, number)
            if len(found):
                yield number, found.sampled(_OTHERS)

    def _passages(self, document_id: int) -> Passages:
        found = passage_vectors.of_document(self._database, self._active.model, document_id)
        if not len(found):
            raise UsageError(
                "document_without_text",
                "This document has no text to compare.",
                "`pipeline show` says what was read of it.",
            )
        return found

    def _asked(self, document_id: int, page: int, start: int | None) -> Vectors:
        """The vectors of the passage at `start` on a page, or of all passages on it."""
        rows = self._database.rows(
            "SELECT id, page, start, end FROM chunks WHERE document_id = ? ORDER BY id", (document_id,)
        )
        there = [row for row in rows if row["page"] == page]
        if start is not None:  # passages overlap a little: that which begins there is meant, else one that holds it
            there = [row for row in there if row["start"] <= start < row["end"]]
            there = [row for row in there if row["start"] == start] or there[:1]
        wanted = [int(row["id"]) for row in there]
        own = self._passages(document_id)
        if not wanted:
            raise UsageError(
                "passage_unknown",
                "There is no such passage in the document.",
                "Name a page that has text, and a start, as `pipeline search --json` gives them.",
            )
        asked: Vectors = own.vectors[np.isin(own.ids, wanted)]
        return asked

    def _among(self, filters: Filters) -> Ids | None:
        wanted = narrowing.documents(self._database, filters)
        return None if wanted is None else passage_vectors.ids_of(self._database, wanted)

    def _candidates(self, own: Passages, document_id: int, limit: int, among: Ids | None) -> list[int]:
        """The documents with passages near to the mean of this one's or to some of them, the likeliest first."""
        asked = np.vstack([_mean(own.vectors)[None], own.sampled(_ASKED).vectors])
        total: dict[int, float] = {}
        for vector in asked:
            for other, (cosine, _) in self._nearest(vector[None], document_id, _DEPTH + len(own), among).items():
                total[other] = total.get(other, 0.0) + cosine
        ordered = sorted(total, key=lambda other: (-total[other], other))
        return ordered[: max(_COMPARED, 3 * limit)]

    def _nearest(self, asked: Vectors, document_id: int, depth: int, among: Ids | None) -> dict[int, tuple[float, int]]:
        """The best passage of each other document for any of these vectors: its cosine, and its id."""
        best: dict[int, float] = {}
        self._active.index.catch_up()  # not within a snapshot: the index locks itself before it reads the store
        for vector in asked:
            for chunk_id, cosine in self._active.index.search(vector, depth, among).items():
                best[chunk_id] = max(cosine, best.get(chunk_id, -1.0))
        found: dict[int, tuple[float, int]] = {}
        for chunk_id, other in passage_vectors.documents_of(self._database, list(best)).items():
            if other != document_id and (other not in found or best[chunk_id] > found[other][0]):
                found[other] = best[chunk_id], chunk_id
        return found

    def _hit(self, chunk_id: int, score: float, likeness: _Likeness | None = None) -> SimilarHit | None:
        row = self._database.row(
            "SELECT page, start, end, document_id, sha256, code, label, language, dated, sensitivity FROM chunks "
            "JOIN documents ON documents.id = document_id WHERE chunks.id = ?",
            (chunk_id,),
        )
        place = None if row is None else members.place(self._database, int(row["document_id"]))
        if row is None or place is None:
            return None
        (text,) = StoredTexts(self._database).of_chunks([chunk_id]).values()
        stretch = Place(row["document_id"], row["page"], row["start"], row["end"])
        said = self._masker.masked(text, stretch, row["sensitivity"])
        return SimilarHit(
            document=row["sha256"],
            path=Path(os.fsdecode(place.path)),
            inside=place.inside,
            page=row["page"],
            start=row["start"],
            end=row["end"],
            snippet=snippets.snippet(said.text, ()).text,
            score=score,
            whole=None if likeness is None else likeness.whole,
            part=None if likeness is None else likeness.part,
            label=row["label"],
            language=row["language"],
            dated=row["dated"],
            state=Code(row["code"]).state,
            sensitivity=row["sensitivity"],
            masked=said.count,
        )


def _compared(own: Passages, other: Passages) -> _Likeness:
    cosines = own.vectors @ other.vectors.T
    part = max(float(cosines.max(axis=1).mean()), float(cosines.max(axis=0).mean()))
    nearest = int(other.ids[int(cosines.max(axis=0).argmax())])
    return _Likeness(float(_mean(own.vectors) @ _mean(other.vectors)), part, nearest)


def _mean(vectors: Vectors) -> Vectors:
    mean: Vectors = vectors.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / np.float32(length) if length else mean


def _check(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError("limit_bound", f"limit must be from 1 to {MAX_LIMIT}.", "Give another --limit.")

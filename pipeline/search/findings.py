"""What is found beside the answers to a question: news for saved searches, what is alike, what is nearly the same."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.datatypes import SearchHit
from pipeline.outcomes import State
from pipeline.reports import DocumentRow


@dataclass(frozen=True, slots=True)
class Alert:
    """What came for a saved search: documents that arrived after generation `after`, up to `through`.

    `more`: there may be more passages than these.
    """

    name: str
    hits: tuple[SearchHit, ...]
    more: bool
    after: int
    through: int


@dataclass(frozen=True, slots=True)
class SimilarHit:
    """A passage of another document that is like what was asked for, or, with `whole` and `part`, such a document.

    `whole` and `part` are cosines, as search/similar.py describes; the passage is then the nearest of the document.
    """

    document: str
    path: Path
    page: int
    start: int
    end: int
    snippet: str
    score: float
    whole: float | None
    part: float | None
    label: str | None
    language: str | None
    dated: str | None
    state: State
    inside: tuple[str, ...] = ()  # names within the file at `path`, outermost first; empty: the file itself
    sensitivity: str | None = None
    masked: int = 0  # findings of personal data that the snippet would show


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document of a group, and how much of its text is that of the first one: 0 to 1."""

    row: DocumentRow
    similarity: float


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Documents with nearly the same text, the one that was read first before those that are most like it."""

    documents: tuple[Duplicate, ...]

    @property
    def places(self) -> int:
        """In how many places all of them lie together: copies of the same bytes count, too."""
        return sum(max(1, len(one.row.paths)) for one in self.documents)

    @property
    def similarity(self) -> float:
        """How much the one that is least like the first resembles it."""
        return min(one.similarity for one in self.documents)

"""What scale.py finds out."""

from dataclasses import dataclass

from benchmarks.measure import Conditions


@dataclass(frozen=True, slots=True)
class Searches:
    """Searches of one kind: milliseconds, catching up with the store included, and recall of the ten nearest."""

    limit: int
    filtered: bool  # by what half of the documents pass
    p50_ms: float
    p95_ms: float
    recall: float


@dataclass(frozen=True, slots=True)
class Whole:
    """Milliseconds of whole questions, warm, explained; `filtered` by what half of the documents pass."""

    filtered: bool
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that answers whole questions: memory after all of them; `mapped_mb` of it are files of the index.

    `first_answer_ms`: from the start of a process to its first answer; `cold_ms`: whole runs of `pipeline search`.
    """

    words_s: float  # to make the index of words
    words_peak_mb: float
    first_answer_ms: list[float]
    resident_mb: float
    mapped_mb: float
    whole: list[Whole]
    cold_ms: list[float]


@dataclass(frozen=True, slots=True)
class Bytes:
    """On disk, per passage. `text` is that of the pages in UTF-8, which is kept `packed`; `rest` is SQLite's."""

    text: float
    packed: float
    codes: float
    vectors: float
    words: float
    rest: float

    @property
    def beyond(self) -> float:
        """What is on disk beyond the text itself."""
        return self.packed + self.codes + self.vectors + self.words + self.rest - self.text


@dataclass(frozen=True, slots=True)
class Size:
    """One store. Memory is that of a process with the index of vectors alone; `before_mb` is what it has without one.

    `first_answer_ms`: from the start of a process to its first answer, one entry per round.
    """

    chunks: int
    documents: int
    bytes: Bytes
    build_s: float
    build_peak_mb: float
    first_answer_ms: list[float]
    before_mb: float
    resident_mb: float
    peak_mb: float
    searches: list[Searches]
    serving: Serving


@dataclass(frozen=True, slots=True)
class Scale:
    """The result."""

    conditions: Conditions
    questions: int
    sizes: list[Size]

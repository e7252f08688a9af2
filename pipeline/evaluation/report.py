"""The frozen values of a dossier, in the order in which a reader meets them. Holds ids and numbers, never any text."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the bounds of its 95 % bootstrap interval (Efron 1979); passages or queries are resampled."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage by its id (chunk number, or set name and place) and how it fared."""

    id: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Cosines between a model's vectors and its reference's, of the same passages.

    `histogram` counts passages in equal steps from `histogram_from` to 1; what lies below is in the first.
    """

    passages: int
    mean: Interval
    p1: Interval
    least: float
    histogram_from: float
    histogram: tuple[int, ...]
    worst: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What searching finds: the share of the reference's ten best that are among the model's, and judged quality.

    `ndcg_at_10` and its difference to the reference's are None where no judgements were given.
    """

    queries: int
    passages: int
    overlap_at_10: Interval
    ndcg_at_10: Interval | None = None
    ndcg_difference: Interval | None = None


@dataclass(frozen=True, slots=True)
class Footprint:
    """What loading costs, each in a process of its own: bytes on disk, ms to load, ms from process start to the first
    vector, peak resident bytes after it (0: cannot be known here). Medians."""

    file_bytes: int
    load_ms: float
    first_vector_ms: float
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second on one thread and on all, and the time of one short query; medians of interleaved rounds.

    The ratios are medians over the rounds of this model's rate to the reference's in the same round; None where there
    is no reference.
    """

    threads: int
    one_thread: float
    all_threads: float
    query_p50_ms: float
    query_p95_ms: float
    one_thread_ratio: float | None = None
    all_threads_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class VariantReport:
    """One model. What compares it with the reference is None for the reference itself."""

    name: str
    precision: str
    sha256: str
    dimension: int
    max_tokens: int
    is_reference: bool
    is_active: bool
    footprint: Footprint
    speed: Speed
    fidelity: Fidelity | None = None
    names: Fidelity | None = None
    retrieval: Retrieval | None = None
    labels_alike: Interval | None = None  # share of documents that get the reference's label
    sentence_transformers: Fidelity | None = None  # to the vectors of sentence-transformers itself, where asked for


@dataclass(frozen=True, slots=True)
class Hardware:
    """The machine, as far as a decision needs it. `integer_kernel` says what adds INT8 products up; see hardware.py."""

    system: str
    processor: str
    cores: int
    memory_bytes: int
    features: tuple[str, ...]
    integer_kernel: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateResult:
    """One bound of `models.gate`, for one model."""

    model: str
    name: str
    measured: float
    bound: float

    @property
    def passed(self) -> bool:
        """Whether the model reaches the bound."""
        return self.measured >= self.bound


class Verdict(StrEnum):
    """A plain answer."""

    YES = "yes"
    WITH_CARE = "with care"
    NO = "no"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the three questions, answered in a word and in sentences."""

    question: str
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that was measured, and what follows from it. `recommended` is the name of a model, or None.

    `texts` says in words which passages and queries were used (never which documents).
    """

    created_at: str
    version: str
    model: str
    texts: str
    hardware: Hardware
    variants: tuple[VariantReport, ...]
    gate: tuple[GateResult, ...]
    answers: tuple[Answer, ...]
    recommended: str | None
    recommendation: str
    packages: tuple[str, ...]

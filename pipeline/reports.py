"""What is told of files, documents and runs: rows, details, outcomes. No behaviour beyond lookups."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.datatypes import Finding
from pipeline.outcomes import Code, State


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of the list of documents. `document` is None where the bytes could not be read at all."""

    document: str | None
    paths: tuple[Path, ...]
    state: State
    code: Code
    format: str | None
    size_bytes: int
    pages: int
    pages_failed: int
    pages_without_text: int
    chunks: int
    label: str | None
    label_score: float | None
    label_margin: float | None
    indexed_at: str | None
    inside: tuple[str, ...] = ()  # names within the file at the first path, outermost first; empty: the file itself
    language: str | None = None
    dated: str | None = None  # the day that it says it is of, YYYY-MM-DD
    misnamed: bool = False
    members: int = 0
    members_unread: int = 0
    pages_recognised: int = 0
    pages_uncertain: int = 0
    sensitivity: str | None = None
    sensitivity_chosen: str | None = None  # by a person; None: the rules decide
    personal: tuple[tuple[str, int], ...] = ()  # kinds of personal data with the number of findings


@dataclass(frozen=True, slots=True)
class PageRow:
    """How one page was read. Nothing of its text."""

    number: int
    characters: int
    code: Code | None
    reader: str | None
    confidence: float | None
    dpi: int | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One document in another. `document` is None where it was not read; the code says why."""

    number: int
    name: str
    code: Code
    document: str | None


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """One document with everything that is known of how it was read."""

    row: DocumentRow
    pages: tuple[PageRow, ...]
    members: tuple[MemberRow, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file of a run. `document` is None where the bytes could not be read at all."""

    path: Path
    document: str | None
    code: Code
    known: bool = False  # the same bytes were processed before: nothing was embedded
    pages: int = 0  # that were read now, those of the documents in it included

    @property
    def state(self) -> State:
        """The state that the code leads to."""
        return self.code.state


@dataclass(frozen=True, slots=True)
class FileGone:
    """A file that left the inbox, and with it the index, unless the same bytes lie elsewhere."""

    path: Path


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Counts by state over every file in scope, and the files that were not fully examined."""

    files: int
    states: Mapping[State, int]
    incomplete: tuple[FileOutcome, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every file was examined from its first to its last page."""
        return not self.incomplete


@dataclass(frozen=True, slots=True)
class ActivationReport:
    """What an activation did. `cut_short` passages are longer than the model sees: their ends are not embedded.

    `finds_names`: the model was taught to find names; else the next run drops those that the one before has found.
    """

    model: str
    sha256: str
    embedded: int
    cut_short: int
    seconds: float
    finds_names: bool

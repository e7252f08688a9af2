"""The frozen values that flow from a file to a hit, in the order in which they appear. No behaviour beyond lookups."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.outcomes import Code, State

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]  # shape (texts, dimension), each row of length 1
    Codes = npt.NDArray[np.int8]  # the same rows as stored: round(component * scale), clipped to int8
else:  # a search that a watcher answers has no use for numpy, which takes as long to load as all the rest
    Vectors = Codes = Any

NEEDS_REVIEW = "needs_review"  # the label of a document that resembles no description well enough


class FileKind(StrEnum):
    """What lies at a path. Only the first two are ever opened."""

    FILE = "file"
    LINKED_FILE = "linked_file"  # a regular file with several names (hard links)
    SYMBOLIC_LINK = "symbolic_link"
    SPECIAL = "special"  # a pipe, a socket or a device
    MOUNT = "mount"  # a folder on another file system


@dataclass(frozen=True, slots=True)
class FileSeen:
    """One thing that a scan saw and that must come to an end. `path` is absolute, in the bytes of the file system."""

    path: bytes
    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int
    mode: int
    kind: FileKind = FileKind.FILE

    @property
    def is_readable(self) -> bool:
        """Whether it has content that may be read at all."""
        return self.kind in (FileKind.FILE, FileKind.LINKED_FILE)

    @property
    def signature(self) -> str:
        """Changes whenever the content may have changed, or the right to read it.

        What is never read changes only by becoming something else: a pipe in use has a new time every moment.
        """
        if not self.is_readable:
            return str(self.kind)
        content = f"{self.size_bytes}:{self.modified_ns}:{self.inode}:{self.mode:o}"
        return content if self.kind is FileKind.FILE else f"{content}:{self.kind}"


@dataclass(frozen=True, slots=True)
class Job:
    """One file claimed for processing by one worker. `attempt` counts from 1."""

    path: bytes
    signature: str
    size_bytes: int
    attempt: int
    owner: str
    anew: bool = False  # what is known of it is not good enough: it is read again


@dataclass(frozen=True, slots=True)
class PageText:
    """One page as read: `number` counts from 1; `code` is set where the page was not fully read.

    `reader` names the library, or the engine of text recognition with its `confidence` (0 to 100) at `dpi`.
    `body` is the part of the text without lines that most pages repeat, as [start, end) in characters.
    """

    number: int
    text: str
    code: Code | None = None
    reader: str = ""
    confidence: float | None = None
    dpi: int | None = None
    body: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What the parser child made of one file. `page_count` may exceed len(pages) when a limit was hit.

    `end` says why reading ended early, None where it did not; with what each page gave it decides the code.
    """

    format: str
    page_count: int
    pages: tuple[PageText, ...]
    code: Code
    member_count: int = 0  # documents that lie in it, such as attachments
    misnamed: bool = False  # its name bears the suffix of another format
    end: Code | None = None
    dated: str | None = None  # the day that it says it is of, YYYY-MM-DD


@dataclass(frozen=True, slots=True)
class Extracted:
    """One document taken out of another. `content` is an open descriptor, None where `code` says why there is none."""

    number: int
    name: str
    content: int | None
    size_bytes: int
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as drawn: 8-bit grey, row by row from the top; None where `code` says why there is none."""

    page: int
    width: int
    height: int
    dpi: int
    content: int | None
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: page_text[start:end] == text, offsets in characters, never across pages."""

    page: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a document is, in one set of labels. `score` is its probability, `margin` what it is ahead of the next.

    `head` is the sha256 of what decided (insight/labelling/head.py), which gives a label from `threshold` on. The
    `alternatives` come with their probabilities, likeliest first; `evidence` are the page, start and end of the
    passages that spoke for the likeliest.
    """

    name: str
    score: float
    margin: float
    threshold: float = 0.0
    head: str | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    evidence: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at page_text[start:end] of a page; what it says is never kept.

    `kind` is one of `personal.PersonalKind`, or of the configuration. `score` is of 0 to 1: how likely it is what it
    seems. `detector` names the row of the table that found it.
    """

    kind: str
    page: int
    start: int
    end: int
    score: float
    detector: str


@dataclass(frozen=True, slots=True)
class ProcessedDocument:
    """Everything we keep about one document. `vectors` has one row per chunk."""

    sha256: str
    size_bytes: int
    parsed: ParsedDocument
    chunks: tuple[Chunk, ...]
    vectors: Vectors
    label: Label | None  # in the first set, `kind`
    language: str | None = None
    members: tuple["ProcessedMember", ...] = ()
    signature: bytes | None = None  # of its text (insight/minhash.py); None: not made yet
    findings: tuple[Finding, ...] = ()
    labels: tuple[tuple[str, Label], ...] = ()  # of all sets, by their names
    labelled_by: str | None = None  # insight/labelling/labellers.py; None: nothing did yet
    inspected_by: str | None = None  # what looked for them (insight/pii/inspector.py); None: nothing did yet

    @property
    def pages(self) -> int:
        """Pages read, those of the documents in it included."""
        return len(self.parsed.pages) + sum(one.document.pages for one in self.members if one.document is not None)


@dataclass(frozen=True, slots=True)
class ProcessedMember:
    """One document within another, and what became of it.

    `document` is None where it could not be taken out or was not read (`code` says why), and where it is `sha256` of a
    document that is known already.
    """

    number: int
    name: str
    code: Code
    document: ProcessedDocument | None = None
    sha256: str | None = None


class SearchMode(StrEnum):
    """By word and meaning together, or by one of them."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a document must be to take part; a field that is empty asks nothing.

    Of the values of one field any will do; what different fields ask must all be so. Days are inclusive. `paths` are
    absolute patterns in the bytes of the file system (storage/globs.py). `after` and `before` are of the day that a
    document is of (storage/dating.py), `arrived_after` is a generation of the index (storage/generations.py).
    """

    labels: tuple[str, ...] = ()  # kinds
    languages: tuple[str, ...] = ()  # ISO 639-1
    formats: tuple[str, ...] = ()  # as parsing/formats.py names them
    states: tuple[State, ...] = ()
    paths: tuple[bytes, ...] = ()
    after: date | None = None
    before: date | None = None
    indexed_after: date | None = None
    indexed_before: date | None = None
    arrived_after: int | None = None
    personal: tuple[str, ...] = ()  # kinds of personal data, of which one is found in it
    sensitivities: tuple[str, ...] = ()
    further_labels: tuple[tuple[str, str], ...] = ()  # set and name; one of each set that is named


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """A question, as given, and the documents of which it is asked."""

    text: str
    mode: SearchMode = SearchMode.HYBRID
    limit: int = 10
    filters: Filters = EVERYTHING
    by_document: bool = False  # each document once, with its best passage
    context: int = 0  # passages around a hit that are told with it
    reveal: bool = False  # personal data is shown as it stands, which is recorded


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One passage and why it was found. Ranks count from 1; None: not in that list.

    `words` is its score by word, its document's part included. `highlights` are the places of matching words in the
    snippet, as [start, end). `also` are other documents with the very same passage. `relevant` says whether it is as
    near to the question as answers are in this index, `named` that its document's name has most of the question.
    """

    document: str
    path: Path
    page: int
    start: int
    end: int
    snippet: str
    score: float
    semantic_rank: int | None
    cosine: float | None
    keyword_rank: int | None
    matched: tuple[str, ...]
    label: str | None
    label_score: float | None
    state: State
    inside: tuple[str, ...] = ()  # names within the file at `path`, outermost first; empty: the file itself
    language: str | None = None
    words: float | None = None
    highlights: tuple[tuple[int, int], ...] = ()
    reader: str | None = None
    confidence: float | None = None  # of text recognition, 0 to 100
    unsure: bool = False  # text recognition was not sure of the page
    also: tuple[Path, ...] = ()
    passages: int = 1  # of the document that were found, where each is there once
    before: str = ""  # the page's text around the passage, as far as asked for
    after: str = ""
    relevant: bool = True
    named: bool = False
    sensitivity: str | None = None
    masked: int = 0  # findings of personal data that snippet, before and after would show

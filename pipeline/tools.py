"""The parts that processing and committing use, wired once in app.py."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.config import ParsingConfig
from pipeline.datatypes import Extracted, PageText, ParsedDocument
from pipeline.inbox.roots import Roots
from pipeline.insight import relevance
from pipeline.insight.labelling.labellers import Labellers
from pipeline.insight.pii.inspector import Inspector
from pipeline.insight.sensitivity import Assessor
from pipeline.parsing.extraction import Allowance
from pipeline.registry.active import ActiveModel
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.jobs import Jobs
from pipeline.storage.lexicon.lexicon import Lexicon


class Parser(Protocol):
    """Reads untrusted bytes somewhere safe."""

    def parse(self, document: int, suffix: str) -> ParsedDocument:
        """The pages of an open file."""


class Extractor(Protocol):
    """Takes documents apart somewhere safe."""

    def members(self, document: int, suffix: str, count: int, allowance: Allowance) -> Iterator[Extracted]:
        """The documents in an open file, one at a time."""


class Recogniser(Protocol):
    """Reads text in pictures."""

    def complete(self, document: int, suffix: str, parsed: ParsedDocument) -> ParsedDocument:
        """The document with the text of those pages that show only pictures."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Threads share them."""

    sandbox: Parser
    extraction: Extractor
    recogniser: Recogniser
    active: ActiveModel
    labellers: Labellers
    inspector: Inspector
    assessor: Assessor
    language_of: Callable[[Sequence[PageText]], str | None]
    database: Database
    documents: Documents
    jobs: Jobs
    words: Lexicon
    roots: Roots
    limits: ParsingConfig
    clock: Callable[[], float]

    def index(self) -> None:
        """Bring the indexes up to what is stored: they are caches of SQLite, rebuilt if they are lost or behind."""
        self.active.index.catch_up()
        self.words.catch_up()

    def save(self) -> None:
        """Bring the indexes up to date and keep them, for others to load."""
        self.active.index.catch_up_and_save()
        self.words.catch_up()
        self.words.save()
        relevance.measure(self.database, self.active)

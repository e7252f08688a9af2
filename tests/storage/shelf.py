"""A store with documents that tests put there as they need them: real tables, invented content."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.datatypes import Chunk, Label, PageText, ParsedDocument, ProcessedDocument
from pipeline.outcomes import Code
from pipeline.storage import vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.vector_sets import VectorModel

DIMENSION, SCALE = 8, 127


@dataclass(frozen=True)
class Given:
    """What a document is to be. Vectors are random but for those in `vectors`; each page is one passage."""

    sha256: str
    texts: Sequence[str] = ("text",)
    format: str = "text"
    code: Code = Code.COMPLETE
    label: str = "contract"
    language: str | None = "en"
    dated: str | None = None
    vectors: Sequence[Sequence[float]] = ()
    members: Sequence[int] = field(default=())


@dataclass
class Shelf:
    """Puts documents into a store; the clock stands still until it is set."""

    database: Database
    documents: Documents
    model: VectorModel
    now: float = 0.0

    def put(self, given: Given, *paths: str, modified_s: float | None = None) -> int:
        """Store a document at these paths, last written at this time; returns its id."""
        with self.database.atomic():
            document = processed(given)
            codes = vector_sets.encode(document.vectors, SCALE)
            document_id = self.documents.put(document, codes, self.model.id)
            lying = [(number, f"{number}.txt", Code.COMPLETE, one) for number, one in enumerate(given.members, 1)]
            self.documents.put_members(document_id, lying)
            for path in paths:
                self.documents.attach(path.encode("utf-8", "surrogateescape"), document_id)
                self.job(path, given.code, modified_s)
        return document_id

    def job(self, path: str, code: Code, modified_s: float | None = None) -> None:
        """A file in the ledger that came to its end."""
        signature = "special" if modified_s is None else f"10:{int(modified_s * 1e9)}:1:644"
        self.database.run(
            "INSERT OR REPLACE INTO jobs (path, signature, size_bytes, status, attempts, not_before, queued, code) "
            "VALUES (?, ?, 10, 'done', 1, 0, 0, ?)",
            (path.encode("utf-8", "surrogateescape"), signature, code),
        )


def processed(given: Given) -> ProcessedDocument:
    """The document as processing gives it."""
    pages = tuple(PageText(number, text) for number, text in enumerate(given.texts, 1))
    chunks = tuple(Chunk(page.number, 0, len(page.text), page.text) for page in pages if page.text)
    rows = np.array(given.vectors, np.float32).reshape(-1, DIMENSION)
    if not given.vectors:
        rows = np.random.default_rng(len(given.sha256)).normal(size=(len(chunks), DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    parsed = ParsedDocument(given.format, len(pages), pages, given.code, len(given.members), dated=given.dated)
    return ProcessedDocument(
        given.sha256, 10, parsed, chunks, rows, Label(given.label, 0.5, 0.1), language=given.language
    )


@contextmanager
def opened(folder: Path) -> Iterator[Shelf]:
    """An empty shelf."""
    database = Database(folder)
    model = vector_sets.register(database, name="m", sha256="0" * 64, dimension=DIMENSION, scale=SCALE)
    vector_sets.adopt(database, model)
    shelf: Shelf

    def clock() -> float:
        return shelf.now

    shelf = Shelf(database, Documents(database, Audit(database, clock), clock), model)
    try:
        yield shelf
    finally:
        database.close()

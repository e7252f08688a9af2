"""Documents with their pages, chunks and vectors, and the paths at which their bytes lie; identified by sha256."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.datatypes import Codes, ProcessedDocument
from pipeline.outcomes import Code
from pipeline.storage import findings, generations, labels, members, names, signatures, texts
from pipeline.storage.audit import Audit, Event, utc_text
from pipeline.storage.database import Database, Value


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as far as the decision needs it whether to process its bytes again."""

    id: int
    sha256: str
    code: Code


class Documents:
    """What is kept about each distinct content."""

    def __init__(self, database: Database, audit: Audit, clock: Callable[[], float]) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def find(self, sha256: str) -> StoredDocument | None:
        """The document with these bytes, if it was processed before."""
        row = self._database.row("SELECT id, sha256, code FROM documents WHERE sha256 = ?", (sha256,))
        return None if row is None else StoredDocument(row["id"], row["sha256"], Code(row["code"]))

    def put(self, document: ProcessedDocument, codes: Codes, model_id: int) -> int:
        """Store a document in place of an earlier result for the same bytes; returns its id. Call inside atomic()."""
        earlier = self.find(document.sha256)
        if earlier is not None:
            self._remove_content(earlier.id)
        row = _columns(document) | {"indexed_at": utc_text(self._clock)}
        columns = ", ".join(row)
        updates = ", ".join(f"{name} = excluded.{name}" for name in row)
        self._database.run(
            f"INSERT INTO documents ({columns}) VALUES ({', '.join('?' * len(row))}) "  # noqa: S608 - our own words
            f"ON CONFLICT (sha256) DO UPDATE SET {updates}",
            tuple(row.values()),
        )
        stored = self.find(document.sha256)
        assert stored is not None
        self._insert_content(stored.id, document, codes, model_id)
        if document.chunks:  # the first time that anything of it can be found
            self._database.run(
                "UPDATE documents SET arrived = ? WHERE id = ? AND arrived IS NULL",
                (generations.current(self._database), stored.id),
            )
        self._audit.record(Event.INGESTED, document.sha256, document.parsed.code)
        return stored.id

    def put_members(self, document_id: int, lying: Sequence[tuple[int, str, Code, int | None]]) -> None:
        """Set what lies in a document: number, name, code, document id. What lay in it may leave. Inside atomic()."""
        left = members.replace(self._database, document_id, lying)
        for member_id in {member_id for *_, member_id in lying if member_id is not None}:
            names.refresh(self._database, member_id)
        for before in left:
            self._forget_unless_held(before)

    def attach(self, path: bytes, document_id: int) -> None:
        """Record that these bytes lie at `path`; what lay there leaves unless it lies elsewhere. Inside atomic()."""
        before = self._document_at(path)
        self._database.run(
            "INSERT INTO paths (path, document_id) VALUES (?, ?) "
            "ON CONFLICT (path) DO UPDATE SET document_id = excluded.document_id",
            (path, document_id),
        )
        names.refresh(self._database, document_id)
        if before is not None and before != document_id:
            self._forget_unless_held(before)

    def detach(self, path: bytes) -> None:
        """Record that nothing lies at `path` any more; its document leaves if it lies nowhere else. Inside atomic()."""
        before = self._document_at(path)
        if before is not None:
            self._database.run("DELETE FROM paths WHERE path = ?", (path,))
            self._forget_unless_held(before)

    def _document_at(self, path: bytes) -> int | None:
        row = self._database.row("SELECT document_id FROM paths WHERE path = ?", (path,))
        return None if row is None else int(row[0])

    def size_at(self, path: bytes) -> int | None:
        """Size of the document that lay at `path`, in bytes."""
        row = self._database.row(
            "SELECT size_bytes FROM documents JOIN paths ON document_id = documents.id WHERE path = ?", (path,)
        )
        return None if row is None else int(row[0])

    def _forget_unless_held(self, document_id: int) -> None:
        """Remove a document that lies nowhere any more, and what lay in it alone."""
        pending = [document_id]
        while pending:
            current = pending.pop()
            row = self._database.row("SELECT sha256 FROM documents WHERE id = ?", (current,))
            if row is None:
                continue
            names.refresh(self._database, current)
            if self._is_held(current):
                continue
            pending += members.replace(self._database, current, [])
            self._remove_content(current)
            labels.forget(self._database, current, of_people=True)
            self._database.run("DELETE FROM documents WHERE id = ?", (current,))
            self._audit.record(Event.FORGOTTEN, row["sha256"])

    def _is_held(self, document_id: int) -> bool:
        at_path = self._database.row("SELECT 1 FROM paths WHERE document_id = ? LIMIT 1", (document_id,))
        return at_path is not None or members.holds(self._database, document_id)

    def _insert_content(self, document_id: int, document: ProcessedDocument, codes: Codes, model_id: int) -> None:
        self._database.run_many(
            "INSERT INTO pages (document_id, number, characters, code, reader, confidence, dpi, body_start, body_end) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (document_id, page.number, len(page.text), page.code, page.reader or None, page.confidence, page.dpi)
                + (page.body or (None, None))
                for page in document.parsed.pages
            ],
        )
        texts.put(self._database, document_id, ((page.number, page.text) for page in document.parsed.pages))
        row = self._database.row("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'")
        first = int(row[0]) + 1 if row else 1
        self._database.run_many(
            "INSERT INTO chunks (id, document_id, page, start, end) VALUES (?, ?, ?, ?, ?)",
            [
                (chunk_id, document_id, chunk.page, chunk.start, chunk.end)
                for chunk_id, chunk in enumerate(document.chunks, first)
            ],
        )
        self._database.run_many(
            "INSERT INTO vectors (model_id, chunk_id, codes) VALUES (?, ?, ?)",
            [(model_id, chunk_id, row.tobytes()) for chunk_id, row in enumerate(codes, first)],
        )
        if document.inspected_by is not None:
            findings.put(self._database, document_id, document.inspected_by, document.findings)
        if document.labelled_by is not None:
            labels.put(self._database, document_id, document.labelled_by, document.labels, self._clock)
        if document.signature is not None:
            signatures.put(self._database, document_id, document.signature)
        generations.advance(self._database)

    def _remove_content(self, document_id: int) -> None:
        generation = generations.advance(self._database)
        here = "SELECT id FROM chunks WHERE document_id = ?"
        self._database.run(
            f"INSERT INTO removed_chunks (chunk_id, generation) SELECT id, ? FROM ({here})",  # noqa: S608 - our own words
            (generation, document_id),
        )
        self._database.run(f"DELETE FROM vectors WHERE chunk_id IN ({here})", (document_id,))  # noqa: S608
        self._database.run("DELETE FROM chunks WHERE document_id = ?", (document_id,))
        self._database.run("DELETE FROM pages WHERE document_id = ?", (document_id,))
        texts.forget(self._database, document_id)
        signatures.forget(self._database, document_id)
        findings.forget(self._database, document_id)
        labels.forget(self._database, document_id)


def _columns(document: ProcessedDocument) -> dict[str, Value]:
    parsed, label = document.parsed, document.label
    codes = [page.code for page in parsed.pages]
    return {
        "sha256": document.sha256,
        "size_bytes": document.size_bytes,
        "format": parsed.format or None,
        "code": parsed.code,
        "pages": parsed.page_count,
        "pages_failed": codes.count(Code.PAGES_FAILED),
        "pages_without_text": codes.count(Code.PAGES_WITHOUT_TEXT),
        "pages_recognised": sum(1 for page in parsed.pages if page.confidence is not None),
        "pages_uncertain": codes.count(Code.RECOGNITION_UNCERTAIN),
        "members": parsed.member_count,
        "members_unread": parsed.member_count - sum(1 for member in document.members if member.code.examined),
        "misnamed": parsed.misnamed,
        "language": document.language,
        "dated": parsed.dated,
        "chunks": len(document.chunks),
        "label": label.name if label else None,
        "label_score": label.score if label else None,
        "label_margin": label.margin if label else None,
    }

"""Documents, paths and what follows when they come and go: one document per content, whole or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pipeline.datatypes import Chunk, Label, PageText, ParsedDocument, ProcessedDocument
from pipeline.outcomes import Code
from pipeline.storage import names, vector_sets
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.lexicon.evidence import Sought, slots_of
from pipeline.storage.lexicon.lexicon import Lexicon

DIMENSION = 8


@dataclass(frozen=True)
class Store:
    database: Database
    documents: Documents
    model_id: int

    def put(self, document: ProcessedDocument) -> int:
        with self.database.atomic():
            return self.documents.put(document, vector_sets.encode(document.vectors, 508), self.model_id)

    def attach(self, path: str, document_id: int) -> None:
        with self.database.atomic():
            self.documents.attach(path.encode(), document_id)

    def counts(self) -> dict[str, int]:
        tables = ("documents", "paths", "pages", "chunks", "vectors")
        return {name: self.database.rows(f"SELECT count(*) FROM {name}")[0][0] for name in tables}

    def found(self, term: str) -> list[int]:
        """The passages with this term, in an index that was made anew."""
        parts = Lexicon(self.database).catch_up().parts
        return [int(chunk) for part in parts for chunk in part.segment.chunks[slots_of(part, Sought((term,)))]]

    def audited(self) -> list[tuple[str, str]]:
        return [(row["event"], row["document"]) for row in self.database.rows("SELECT * FROM audit ORDER BY id")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database(tmp_path)
    model = vector_sets.register(database, name="m", sha256="0" * 64, dimension=DIMENSION, scale=508)
    yield Store(database, Documents(database, Audit(database, lambda: 0.0), lambda: 0.0), model.id)
    database.close()


def document(sha256: str, *texts: str, language: str | None = None) -> ProcessedDocument:
    pages = tuple(PageText(number, text) for number, text in enumerate(texts, 1))
    chunks = tuple(Chunk(page.number, 0, len(page.text), page.text) for page in pages)
    rows = np.eye(DIMENSION, dtype=np.float32)[: len(chunks)]
    parsed = ParsedDocument("text", len(pages), pages, Code.COMPLETE)
    return ProcessedDocument(sha256, 10, parsed, chunks, rows, Label("contract", 0.5, 0.1), language=language)


def test_a_document_is_stored_with_all_that_belongs_to_it(store: Store) -> None:
    store.attach("/a", store.put(document("s1", "first page", "second page")))
    assert store.counts() == {"documents": 1, "paths": 1, "pages": 2, "chunks": 2, "vectors": 2}
    row = store.database.rows("SELECT * FROM documents")[0]
    assert (row["sha256"], row["code"], row["chunks"], row["label"]) == ("s1", "complete", 2, "contract")
    codes = store.database.rows("SELECT codes FROM vectors ORDER BY chunk_id")[1]["codes"]
    assert np.frombuffer(codes, np.int8).tolist() == [0, 127, 0, 0, 0, 0, 0, 0]
    assert store.found("second") == [2]
    assert store.audited() == [("ingested", "s1")]


def test_two_copies_are_one_document_that_stays_until_both_are_gone(store: Store) -> None:
    document_id = store.put(document("s1", "text"))
    store.attach("/a", document_id)
    store.attach("/b", document_id)
    store.documents.detach(b"/a")
    assert store.counts()["documents"] == 1
    store.documents.detach(b"/b")
    assert set(store.counts().values()) == {0}
    assert store.audited() == [("ingested", "s1"), ("forgotten", "s1")]


def test_other_bytes_at_a_path_replace_what_lay_there(store: Store) -> None:
    store.attach("/a", store.put(document("old", "old words")))
    store.attach("/a", store.put(document("new", "new words")))
    assert store.counts() == {"documents": 1, "paths": 1, "pages": 1, "chunks": 1, "vectors": 1}
    assert store.found("old") == []
    assert store.found("new") == [2]
    assert store.database.problems() == []


def test_processing_the_same_bytes_again_replaces_the_result(store: Store) -> None:
    first = store.put(document("s1", "a", "b"))
    assert store.put(document("s1", "c")) == first
    assert store.counts()["pages"] == store.counts()["chunks"] == 1


def test_a_chunk_id_is_never_given_twice(store: Store) -> None:
    store.attach("/a", store.put(document("s1", "a", "b")))
    store.documents.detach(b"/a")
    store.attach("/b", store.put(document("s2", "c")))
    assert [row["id"] for row in store.database.rows("SELECT id FROM chunks")] == [3]
    assert {row["chunk_id"] for row in store.database.rows("SELECT chunk_id FROM removed_chunks")} == {1, 2}


def test_a_crash_within_the_transaction_stores_nothing(store: Store) -> None:
    def crash() -> None:
        with store.database.atomic():
            store.documents.put(document("s1", "a"), np.zeros((1, DIMENSION), np.int8), store.model_id)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert set(store.counts().values()) == {0}
    assert store.audited() == []
    assert store.found("a") == []
    assert names.called(store.database, "a") == ()


@pytest.mark.parametrize(
    ("language", "text", "trace"),
    [
        ("en", "an unmistakable zanzibarian sentence", "zanzibarian"),
        ("de", "ein unverkennbarer zanzibarischer Satz", "zanzibarischer"),
        ("zh", "桑给巴尔的句子", "桑给"),
    ],
)
def test_forgotten_text_is_not_left_in_any_file(store: Store, language: str, text: str, trace: str) -> None:
    lexicon = Lexicon(store.database)
    for path in ("/zanzibarian 桑给.txt", None):
        if path:
            store.attach(path, store.put(document("s1", text, language=language)))
        else:
            store.documents.detach("/zanzibarian 桑给.txt".encode())
        lexicon.catch_up()
        lexicon.save()
    store.database.run("INSERT INTO names (names) VALUES ('optimize')")
    store.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in store.database.folder.iterdir():
        assert not any(one.encode() in file.read_bytes() for one in (trace, text, "zanzibar"))


def test_the_language_is_kept_and_says_how_words_are_found(store: Store) -> None:
    store.attach("/de", store.put(document("s1", "Die Mieten der Firmen.", language="de")))
    store.attach("/en", store.put(document("s2", "The tenants deliver.", "支付房租", language="en")))
    languages = [row["language"] for row in store.database.rows("SELECT language FROM documents ORDER BY id")]
    assert languages == ["de", "en"]
    assert (store.found("tenant"), store.found("miet"), store.found("房租")) == ([2], [1], [3])
    assert store.found("mieten") == store.found("tenants") == []


def test_a_document_that_is_read_anew_in_another_language_is_found_by_its_rules(store: Store) -> None:
    for language, term in ((None, "firmen"), ("de", "firm"), ("zh", "firmen"), ("de", "firm"), ("en", "firmen")):
        store.attach("/a", store.put(document("s1", "Die Mieten der Firmen.", language=language)))
        assert len(store.found(term)) == 1
        assert store.database.problems() == []


def test_what_a_document_is_called_goes_with_its_paths(store: Store) -> None:
    document_id = store.put(document("s1", "text"))
    assert names.called(store.database, "lease") == ()
    store.attach("/in/lease.txt", document_id)
    assert names.called(store.database, "lease") == (document_id,)
    store.attach("/in/lease.txt", store.put(document("s2", "other")))
    assert names.called(store.database, "lease") == (document_id + 1,)
    store.documents.detach(b"/in/lease.txt")
    assert names.called(store.database, "lease") == ()

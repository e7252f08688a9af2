"""FAISS is a cache: it agrees with a brute-force search over what SQLite holds, and comes back from any damage."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.datatypes import Chunk, PageText, ParsedDocument, ProcessedDocument, Vectors
from pipeline.outcomes import Code
from pipeline.storage import generations, vector_sets, vectors
from pipeline.storage.audit import Audit
from pipeline.storage.database import Database
from pipeline.storage.documents import Documents
from pipeline.storage.vector_sets import VectorModel
from pipeline.storage.vectors import VectorIndex

DIMENSION = 32


def unit_rows(count: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@dataclass
class Store:
    database: Database
    model: VectorModel
    added: int = 0

    def __post_init__(self) -> None:
        self.documents = Documents(self.database, Audit(self.database, lambda: 0.0), lambda: 0.0)

    def add(self, rows: Vectors) -> bytes:
        """One document with these vectors; its path."""
        self.added += 1
        path = f"/{self.added}".encode()
        chunks = tuple(Chunk(1, 0, 1, "x") for _ in rows)
        parsed = ParsedDocument("text", 1, (PageText(1, "x"),), Code.COMPLETE)
        document = ProcessedDocument(f"sha{self.added}", 1, parsed, chunks, rows, None)
        with self.database.atomic():
            codes = vector_sets.encode(rows, self.model.scale)
            self.documents.attach(path, self.documents.put(document, codes, self.model.id))
        return path

    def remove(self, path: bytes) -> None:
        with self.database.atomic():
            self.documents.detach(path)

    def index(self) -> VectorIndex:
        return VectorIndex(self.database, self.model)

    def brute_force(self, query: Vectors, limit: int) -> list[int]:
        found = [
            (-vectors.cosine(query, row["codes"]), row["chunk_id"])
            for row in self.database.rows("SELECT chunk_id, codes FROM vectors")
        ]
        return [chunk_id for _, chunk_id in sorted(found)[:limit]]

    def ids(self) -> list[int]:
        return [row[0] for row in self.database.rows("SELECT id FROM chunks ORDER BY id")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database(tmp_path)
    model = vector_sets.register(database, name="m", sha256="a" * 64, dimension=DIMENSION, scale=140)
    yield Store(database, model)
    database.close()


def cache_file(store: Store) -> Path:
    (file,) = store.database.folder.glob("*.faiss")
    return file


def test_search_agrees_with_brute_force(store: Store) -> None:
    for seed in range(10):
        store.add(unit_rows(30, seed))
    index = store.index()
    index.catch_up()
    for query in unit_rows(20, 99):
        found = index.search(query, 50)
        assert list(found)[:5] == store.brute_force(query, 5)
        assert list(found.values()) == sorted(found.values(), reverse=True)


def test_a_cosine_is_that_of_the_unrounded_vectors_to_within_the_code_step(store: Store) -> None:
    rows = unit_rows(50, 1)
    store.add(rows)
    index = store.index()
    index.catch_up()
    query = unit_rows(1, 2)[0]
    for chunk_id, cosine in index.search(query, 50).items():
        assert cosine == pytest.approx(float(rows[chunk_id - 1] @ query), abs=0.02)


def test_only_allowed_chunks_are_found_and_as_many_as_asked_for(store: Store) -> None:
    store.add(unit_rows(40, 3))
    index = store.index()
    index.catch_up()
    query = unit_rows(1, 4)[0]
    allowed = [2, 3, 5, 7, 11]
    assert sorted(index.search(query, 10, allowed)) == allowed
    assert index.search(query, 10, []) == {}


def test_an_index_follows_additions_and_removals_of_another_process(store: Store) -> None:
    first = store.add(unit_rows(5, 1))
    index = store.index()
    index.catch_up()
    other = Database(store.database.folder)
    elsewhere = Store(other, store.model, added=1)
    elsewhere.add(unit_rows(3, 2))
    elsewhere.remove(first)
    index.catch_up()
    assert index.ids() == store.ids() == [6, 7, 8]
    other.close()


def test_a_saved_cache_is_loaded_and_brought_up_to_date(store: Store) -> None:
    path = store.add(unit_rows(5, 1))
    store.add(unit_rows(4, 2))
    index = store.index()
    index.catch_up()
    index.save()
    store.remove(path)
    store.add(unit_rows(2, 3))
    again = store.index()
    again.catch_up()
    assert again.ids() == store.ids() == [6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize("harm", ["lost", "emptied", "cut", "flipped", "foreign", "other model"])
def test_a_cache_that_cannot_be_trusted_is_rebuilt(store: Store, harm: str) -> None:
    store.add(unit_rows(20, 1))
    index = store.index()
    index.catch_up()
    index.save()
    file = cache_file(store)
    content = bytearray(file.read_bytes())
    if harm == "lost":
        file.unlink()
    elif harm == "emptied":
        file.write_bytes(b"")
    elif harm == "cut":
        file.write_bytes(content[:-50])
    elif harm == "flipped":
        content[-100] ^= 1
        file.write_bytes(content)
    elif harm == "foreign":
        file.write_bytes(b"something else entirely")
    else:
        file.write_bytes(content.replace(b"a" * 64, b"b" * 64))
    again = store.index()
    again.catch_up()
    query = unit_rows(1, 5)[0]
    assert again.ids() == store.ids()
    assert again.search(query, 20) == index.search(query, 20)


def test_a_cache_newer_than_the_store_is_rebuilt(store: Store) -> None:
    store.add(unit_rows(20, 1))
    index = store.index()
    index.catch_up()
    index.save()
    store.database.run("UPDATE settings SET value = '0' WHERE name = 'generation'")
    store.database.run("DELETE FROM vectors WHERE chunk_id > 3")
    store.database.run("UPDATE documents SET chunks = 3")
    again = store.index()
    again.catch_up()
    assert again.ids() == [1, 2, 3]


def test_a_cache_too_far_behind_to_follow_is_rebuilt(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "MAX_REMOVED_ROWS", 3)
    path = store.add(unit_rows(5, 1))
    store.add(unit_rows(2, 2))
    old = store.index()
    old.catch_up()
    store.remove(path)
    new = store.index()
    new.catch_up()
    new.save()  # prunes what the old one would need
    assert store.database.rows("SELECT * FROM removed_chunks") == []
    old.catch_up()
    assert old.ids() == store.ids() == [6, 7]


def test_a_cache_that_cannot_be_written_does_no_harm(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(unit_rows(3, 1))
    index = store.index()
    index.catch_up()

    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vectors, "_write_whole", refuse)
    index.save()
    assert index.ids() == [1, 2, 3]
    assert list(store.database.folder.glob("*.faiss")) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.integers(1, 4), st.just(0)), max_size=12), st.integers(0, 12))
def test_whatever_comes_and_goes_the_index_holds_what_the_store_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], save_at: int
) -> None:
    database = Database(tmp_path_factory.mktemp("store"))
    store = Store(database, vector_sets.register(database, name="m", sha256="a" * 64, dimension=DIMENSION, scale=140))
    index = store.index()
    paths: list[bytes] = []
    for number, step in enumerate(steps):
        if step:
            paths.append(store.add(unit_rows(step, number)))
        elif paths:
            store.remove(paths.pop(0))
        index.catch_up()
        if number == save_at:
            index.save()
        assert index.ids() == store.ids()
    fresh = store.index()
    fresh.catch_up()
    assert fresh.ids() == store.ids()
    database.close()


def test_codes_are_rounded_and_clipped() -> None:
    rows = np.array([[0.0, 0.1, -0.1, 0.3, -0.9]], np.float32)
    assert vector_sets.encode(rows, 508).tolist() == [[0, 51, -51, 127, -127]]

"""Texts in blocks: any stretch of any page comes back as it was, and what left is nowhere in the file."""

import random
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import StoreError
from pipeline.storage import texts
from pipeline.storage.database import Database
from pipeline.storage.texts import BLOCK, Place, StoredTexts
from tests.storage.shelf import Given, Shelf, opened

PIECES = ("rent ", "Miete\n", "合同", "\U00020000", "\x00", "e\u0301", "x" * 500)
LONG = "".join(PIECES[number % len(PIECES)] for number in range(400))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def test_a_passage_is_its_stretch_of_the_page(shelf: Shelf) -> None:
    assert len(LONG) > 3 * BLOCK
    document = shelf.put(Given("a", ("first", "", LONG)), "/in/a")
    assert texts.of_pages(shelf.database, document) == {1: "first", 3: LONG}
    ids = [row[0] for row in shelf.database.rows("SELECT id FROM chunks ORDER BY id")]
    assert StoredTexts(shelf.database).of_chunks([*ids, 99]) == dict(zip(ids, ["first", LONG], strict=True))
    shelf.database.run("UPDATE chunks SET start = 8000, end = 8500 WHERE id = ?", (ids[1],))
    assert StoredTexts(shelf.database).of_chunks(ids[1:]) == {ids[1]: LONG[8000:8500]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(LONG)), st.integers(0, 20_000)), max_size=6))
def test_any_stretch_of_a_page_is_read(shelf: Shelf, stretches: list[tuple[int, int]]) -> None:
    row = shelf.database.row("SELECT id FROM documents")
    document = shelf.put(Given("a", ("", LONG)), "/in/a") if row is None else row[0]
    reader = StoredTexts(shelf.database)
    places = [Place(document, 2, start, min(len(LONG), start + length)) for start, length in stretches]
    assert reader.at(places) == [LONG[one.start : one.end] for one in places]
    assert reader.at(places[::-1]) == [LONG[one.start : one.end] for one in places[::-1]]


def test_what_is_not_there_is_empty(shelf: Shelf) -> None:
    document = shelf.put(Given("a", ("rent",)), "/in/a")
    reader = StoredTexts(shelf.database)
    assert reader.at([Place(document, 2, 0, 5), Place(99, 1, 0, 5), Place(document, 1, 9, 12)]) == ["", "", ""]
    assert reader.of_chunks([]) == {}
    assert texts.of_pages(shelf.database, 99) == {}


def test_a_reader_reads_each_block_once(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.put(Given("a", (LONG,)), "/in/a")
    reader = StoredTexts(shelf.database)
    (before,) = reader.of_chunks([1]).values()
    monkeypatch.setattr(zlib, "decompress", lambda _content: pytest.fail("a block was unpacked again"))
    assert reader.of_chunks([1]) == {1: before}


def test_many_passages_of_many_documents_are_read_in_parts(shelf: Shelf) -> None:
    for number in range(400):
        shelf.put(Given(f"s{number}", (f"text {number}", f"page two of {number}")), f"/in/{number}")
    ids = [row[0] for row in shelf.database.rows("SELECT id FROM chunks ORDER BY id")]
    found = StoredTexts(shelf.database).of_chunks(ids)
    assert list(found) == ids
    assert list(found.values()) == [text for one in range(400) for text in (f"text {one}", f"page two of {one}")]


def test_texts_go_with_their_document_and_are_overwritten(shelf: Shelf) -> None:
    text = "".join(random.Random(1).choices("abcdefghijklmnop \n", k=5000))
    ((_, content),) = texts.packed(text)
    with shelf.database.atomic():
        shelf.put(Given("a", (text,)), "/in/a")
        shelf.put(Given("b", ("stays",)), "/in/b")
    shelf.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    middle = content[1000:1060]
    assert middle in shelf.database.path.read_bytes()
    with shelf.database.atomic():
        shelf.documents.detach(b"/in/a")
    shelf.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    assert middle not in shelf.database.path.read_bytes()
    assert [row[0] for row in shelf.database.rows("SELECT DISTINCT document_id FROM texts")] == [2]


def test_reading_a_document_anew_replaces_its_texts(shelf: Shelf) -> None:
    shelf.put(Given("a", ("one", "two")), "/in/a")
    again = shelf.put(Given("a", ("three",)), "/in/a")
    assert texts.of_pages(shelf.database, again) == {1: "three"}


@pytest.mark.parametrize("damage", [b"", b"no zlib", zlib.compress(b"\xff\xfe"), zlib.compress(b"rent")[:-1] + b"!"])
def test_a_damaged_block_is_told_as_a_damaged_store(shelf: Shelf, damage: bytes) -> None:
    shelf.put(Given("a", ("rent",)), "/in/a")
    shelf.database.run("UPDATE texts SET content = ?", (damage,))
    with pytest.raises(StoreError) as caught:
        StoredTexts(shelf.database).of_chunks([1])
    assert caught.value.code == "store_damaged"


def test_a_page_that_has_lost_text_is_found(shelf: Shelf) -> None:
    whole, empty, damaged, cut = (shelf.put(Given(name, pages), f"/in/{name}") for name, pages in (
        ("whole", ("rent", LONG)), ("empty", ("", "")), ("damaged", ("rent",)), ("cut", ("rent", LONG)),
    ))  # fmt: skip
    assert texts.incomplete(shelf.database) == []
    shelf.database.run("UPDATE texts SET content = ? WHERE document_id = ?", (b"no zlib", damaged))
    shelf.database.run("DELETE FROM texts WHERE document_id = ? AND start = ?", (cut, BLOCK))
    assert texts.incomplete(shelf.database) == [damaged, cut]
    assert {whole, empty}.isdisjoint(texts.incomplete(shelf.database))


def test_a_document_that_leaves_meanwhile_has_lost_nothing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    document = shelf.put(Given("a", ("rent",)), "/in/a")
    read = texts.of_pages

    def as_a_watcher_forgets_it(database: Database, document_id: int) -> dict[int, str]:
        with closing(Database(shelf.database.folder)) as other, other.atomic():
            texts.forget(other, document)
            other.run("DELETE FROM pages WHERE document_id = ?", (document,))
        return read(database, document_id)

    monkeypatch.setattr(texts, "of_pages", as_a_watcher_forgets_it)
    assert texts.incomplete(shelf.database) == []
    assert read(shelf.database, document) == {}

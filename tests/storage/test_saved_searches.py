"""What is kept of searches, and when a document counts as arrived; and what a store of before has of all that."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from pipeline.datatypes import Filters, Query, SearchMode
from pipeline.outcomes import Code, State
from pipeline.storage import generations, migrations, narrowing, saved_searches, signatures
from pipeline.storage.database import SCHEMA_VERSION, Database
from pipeline.storage.saved_searches import SavedSearch
from tests.storage.shelf import Given, Shelf, opened

FILTERS = Filters(labels=("contract",), states=(State.PARTIAL,), paths=(b"/in/\xff*",), after=date(2024, 2, 29))
QUERY = Query("who pays „repairs“?", SearchMode.KEYWORD, 3, FILTERS)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def test_a_search_comes_back_as_it_was_saved(shelf: Shelf) -> None:
    assert saved_searches.add(shelf.database, "b", QUERY, 5, lambda: 86_400.0)
    assert saved_searches.add(shelf.database, "a", Query("rent"), 6, lambda: 0.0)
    assert saved_searches.every(shelf.database) == [
        SavedSearch("a", Query("rent"), 6, "1970-01-01T00:00:00+00:00"),
        SavedSearch("b", QUERY, 5, "1970-01-02T00:00:00+00:00"),
    ]


def test_a_name_is_given_once(shelf: Shelf) -> None:
    assert saved_searches.add(shelf.database, "a", QUERY, 5, lambda: 0.0)
    assert not saved_searches.add(shelf.database, "a", Query("rent"), 6, lambda: 0.0)
    assert saved_searches.every(shelf.database)[0].query == QUERY
    assert saved_searches.remove(shelf.database, "a")
    assert not saved_searches.remove(shelf.database, "a")


def test_a_mark_moves_from_where_it_was_seen(shelf: Shelf) -> None:
    saved_searches.add(shelf.database, "a", QUERY, 5, lambda: 0.0)
    assert saved_searches.report(shelf.database, "a", 5, 9)
    assert not saved_searches.report(shelf.database, "a", 5, 7)
    assert not saved_searches.report(shelf.database, "b", 5, 7)
    assert saved_searches.every(shelf.database)[0].mark == 9


def test_a_document_arrives_once_with_its_first_passage(shelf: Shelf) -> None:
    def arrived() -> dict[str, int | None]:
        return {row["sha256"]: row["arrived"] for row in shelf.database.rows("SELECT sha256, arrived FROM documents")}

    shelf.put(Given("locked", (), code=Code.PASSWORD_NEEDED), "/in/locked.pdf")
    shelf.put(Given("one", ("text",)), "/in/one.txt")
    first = arrived()
    assert first["locked"] is None
    assert first["one"] == generations.current(shelf.database)
    shelf.put(Given("one", ("better text",)), "/in/one.txt", "/in/copy.txt")  # read anew, and copied
    assert arrived() == first
    shelf.put(Given("locked", ("now open",)), "/in/locked.pdf")
    then = arrived()
    assert then["one"] == first["one"]
    assert then["locked"] == generations.current(shelf.database)
    shelf.put(Given("locked", (), code=Code.PASSWORD_NEEDED), "/in/locked.pdf")
    shelf.put(Given("locked", ("open again",)), "/in/locked.pdf")
    assert arrived() == then


def test_what_arrived_between_two_generations_is_told_and_searched(shelf: Shelf) -> None:
    shelf.put(Given("one"), "/in/1")
    middle = generations.current(shelf.database)
    shelf.put(Given("two"), "/in/2")
    shelf.put(Given("three"), "/in/3")
    now = generations.current(shelf.database)
    assert saved_searches.arrived(shelf.database, middle, now) == {"two", "three"}
    assert saved_searches.arrived(shelf.database, middle, now - 1) == {"two"}
    assert saved_searches.arrived(shelf.database, now, now) == frozenset()
    found = narrowing.documents(shelf.database, Filters(arrived_after=middle))
    assert found is not None
    assert found.tolist() == [2, 3]


def test_in_a_store_of_before_nothing_is_news_no_day_is_known_and_signatures_are_to_be_made(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)) as connection:
        migrations.apply(connection, stop_before="m006_days_of_documents")
        connection.executescript(
            "INSERT INTO documents (id, sha256, size_bytes, code, chunks) VALUES "
            "(1, 's1', 1, 'complete', 2), (2, 's2', 1, 'blank', 0);"
            "UPDATE settings SET value = '41' WHERE name = 'generation';"
            "PRAGMA user_version=5"
        )
    database = Database(tmp_path)
    try:
        rows = database.rows("SELECT sha256, dated, arrived FROM documents ORDER BY id")
        assert [tuple(row) for row in rows] == [("s1", None, 0), ("s2", None, None)]
        assert saved_searches.arrived(database, generations.current(database), 1 << 40) == frozenset()
        assert saved_searches.every(database) == []
        assert signatures.missing(database) == [1]
        assert database.rows("PRAGMA user_version")[0][0] == SCHEMA_VERSION
    finally:
        database.close()

"""Findings of documents: packed and unpacked, counted, and what a store of before had of them."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datatypes import Finding
from pipeline.storage import findings, migrations
from pipeline.storage.database import FILE_NAME, Database
from pipeline.storage.packed_findings import packed, unpacked

FOUND = [
    Finding("person", 1, 4, 16, 0.97, "names"),
    Finding("iban", 1, 30, 57, 0.95, "iban"),
    Finding("person", 1, 60, 66, 0.512, "names"),
    Finding("email", 3, 0, 20, 1.0, "email"),
]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A store with two documents."""
    made = Database(tmp_path / "store")
    with made.atomic():
        for number in (1, 2):
            made.run(
                "INSERT INTO documents (id, sha256, size_bytes, code) VALUES (?, ?, 1, 'complete')",
                (number, f"{number}"),
            )
    return made


def test_what_is_put_is_found_by_page_and_place_and_counted(database: Database) -> None:
    with database.atomic():
        findings.put(database, 1, "by", reversed(FOUND))
        findings.put(database, 2, "by", FOUND[3:])
    assert findings.of(database, 1) == FOUND
    assert findings.counts(database) == {1: {"email": 1, "iban": 1, "person": 2}, 2: {"email": 1}}
    assert findings.counts(database, [2]) == {2: {"email": 1}}
    assert findings.totals(database) == {"email": (2, 2), "iban": (1, 1), "person": (2, 1)}


@pytest.mark.parametrize(
    ("page", "start", "end", "expected"),
    [
        (1, 0, 4, []),
        (1, 0, 5, FOUND[:1]),
        (1, 15, 31, FOUND[:2]),
        (1, 66, 99, []),
        (3, 5, 6, FOUND[3:]),
        (2, 0, 99, []),
    ],
)
def test_those_that_touch_a_passage_are_told(
    database: Database, page: int, start: int, end: int, expected: list[Finding]
) -> None:
    with database.atomic():
        findings.put(database, 1, "by", FOUND)
    assert findings.within(database, 1, page, start, end) == expected


def test_a_new_inspection_takes_the_place_of_the_one_before(database: Database) -> None:
    with database.atomic():
        findings.put(database, 1, "first", FOUND)
        findings.put(database, 1, "second", FOUND[:1])
    assert findings.of(database, 1) == FOUND[:1]
    assert findings.counts(database) == {1: {"person": 1}}
    with database.atomic():
        findings.forget(database, 1)
    assert (findings.of(database, 1), findings.counts(database)) == ([], {})


@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.integers(1, 500), st.sampled_from(["person", "x-1"]), st.integers(0, 1000)),
        max_size=40,
    )
)
def test_packing_loses_nothing(made: list[tuple[int, int, str, int]]) -> None:
    found = [Finding(kind, 7, start, start + size, score / 1000, "d") for start, size, kind, score in sorted(made)]
    assert list(unpacked(7, packed(found))) == found


def test_a_finding_takes_few_bytes() -> None:
    many = [Finding("organisation", 1, 31 * number, 31 * number + 12, 0.987, "names") for number in range(100)]
    assert len(packed(many)) < 100 * 8


def test_findings_of_a_store_of_before_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    with sqlite3.connect(folder / FILE_NAME) as connection:
        migrations.apply(connection, stop_before="m012_findings_packed")
        connection.execute("INSERT INTO documents (id, sha256, size_bytes, code) VALUES (1, 'a', 1, 'complete')")
        connection.executemany(
            "INSERT INTO findings (document_id, page, start, end, kind, score, detector) VALUES (1, ?, ?, ?, ?, ?, ?)",
            [(one.page, one.start, one.end, one.kind, one.score, one.detector) for one in reversed(FOUND)],
        )
        connection.execute("PRAGMA user_version=11")
    connection.close()
    database = Database(folder)
    assert findings.of(database, 1) == FOUND
    assert findings.counts(database) == {1: {"email": 1, "iban": 1, "person": 2}}

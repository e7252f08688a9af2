"""Labels as stored: of several sets, with their reasons; what a person said stands, and goes with its document."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.datatypes import NEEDS_REVIEW, Label
from pipeline.storage import heads, labels
from pipeline.storage.database import Database

SURE = Label("contract", 0.9, 0.7, 0.6, "head", (("contract", 0.9), ("nda", 0.2)), ((1, 0, 9), (2, 3, 4)))
UNSURE = Label(NEEDS_REVIEW, 0.4, 0.1, 0.6, "head", (("hr", 0.4), ("legal", 0.3)))


def clock() -> float:
    return 0.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "store")
    for number in (1, 2, 3):
        opened.run(
            "INSERT INTO documents (id, sha256, size_bytes, code, chunks, indexed_at) "
            "VALUES (?, ?, 1, 'complete', 1, '')",
            (number, f"{number:064x}"),
        )
    yield opened
    opened.close()


def label_in_list(database: Database, document_id: int) -> tuple[str | None, float | None]:
    row = database.rows("SELECT label, label_score FROM documents WHERE id = ?", (document_id,))[0]
    return row["label"], row["label_score"]


def test_a_label_comes_back_with_its_reasons_and_the_first_set_stands_in_lists(database: Database) -> None:
    labels.put(database, 1, "by", [("kind", SURE), ("department", UNSURE)], clock)
    department, kind = labels.of(database, 1)
    assert (kind.set_name, kind.label, kind.by_person, kind.document) == ("kind", SURE, False, f"{1:064x}")
    assert (department.set_name, department.label) == ("department", UNSURE)
    assert label_in_list(database, 1) == ("contract", 0.9)
    assert labels.counts(database, "kind") == {"contract": 1}


def test_what_a_person_said_is_never_overwritten(database: Database) -> None:
    labels.put(database, 1, "by", [("kind", SURE), ("department", UNSURE)], clock)
    labels.choose(database, 1, "kind", "invoice", clock)
    assert label_in_list(database, 1) == ("invoice", 1.0)
    labels.put(database, 1, "other", [("kind", SURE), ("department", SURE)], clock)
    assert [(one.set_name, one.label.name) for one in labels.of(database, 1)] == [
        ("department", "contract"), ("kind", "invoice"),
    ]  # fmt: skip
    labels.forget(database, 1)
    assert [one.label.name for one in labels.by_people(database, "kind")] == ["invoice"]
    labels.forget(database, 1, of_people=True)
    assert labels.of(database, 1) == []


def test_what_is_taken_back_is_labelled_anew(database: Database) -> None:
    for number in (1, 2):
        labels.put(database, number, "by", [("kind", SURE)], clock)
    assert labels.unlabelled(database, "by") == [3]
    labels.choose(database, 1, "kind", "invoice", clock)
    assert labels.unlabelled(database, "by") == [3]
    labels.choose(database, 1, "kind", None, clock)
    assert labels.unlabelled(database, "by") == [1, 3]
    assert label_in_list(database, 1) == (None, None)
    assert labels.unlabelled(database, "other") == [1, 2, 3]


def test_the_least_certain_are_reviewed_first_and_none_that_a_person_has_seen(database: Database) -> None:
    labels.put(database, 1, "by", [("kind", SURE)], clock)
    labels.put(database, 2, "by", [("kind", UNSURE)], clock)
    labels.put(database, 3, "by", [("kind", SURE)], clock)
    assert [one.document_id for one in labels.least_certain(database, "kind", 9)] == [2, 1, 3]
    labels.choose(database, 2, "kind", "nda", clock)
    assert [one.document_id for one in labels.least_certain(database, "kind", 1)] == [1]
    assert labels.least_certain(database, "department", 9) == []


def test_heads_are_kept_for_going_back_once_and_no_more(database: Database) -> None:
    assert heads.current(database, "kind") is None
    assert not heads.roll_back(database, "kind")
    for name in ("one", "two", "three"):
        heads.put(database, name, "kind", "m", name.encode(), clock)
    heads.put(database, "other", "department", "m", b"other", clock)
    assert heads.current(database, "kind") == b"three"
    assert heads.roll_back(database, "kind")
    assert heads.current(database, "kind") == b"two"
    assert heads.roll_back(database, "kind")
    assert heads.current(database, "kind") == b"three"
    kept = [row[0] for row in database.rows("SELECT sha256 FROM heads ORDER BY sha256")]
    assert kept == ["other", "three", "two"]
    heads.put(database, "three", "kind", "m", b"three", clock)
    assert heads.roll_back(database, "kind")
    assert heads.current(database, "kind") == b"two"

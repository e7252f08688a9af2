"""The number of the index's state, and how far back its list of removed passages reaches."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.storage import generations
from tests.storage.shelf import Given, Shelf, opened


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def removed(shelf: Shelf) -> dict[int, int]:
    return {row[0]: row[1] for row in shelf.database.rows("SELECT chunk_id, generation FROM removed_chunks")}


def test_it_grows_with_every_change_of_what_is_searchable(shelf: Shelf) -> None:
    assert generations.current(shelf.database) == 0
    document_id = shelf.put(Given("s1", ("rent", "deposit")), "/a")
    first = generations.current(shelf.database)
    assert first > 0
    with shelf.database.atomic():
        shelf.documents.attach(b"/b", document_id)
    assert generations.current(shelf.database) == first
    shelf.put(Given("s1", ("notice",)), "/a")
    assert generations.current(shelf.database) > first
    assert removed(shelf).keys() == {1, 2}
    assert all(first < generation <= generations.current(shelf.database) for generation in removed(shelf).values())


def test_a_long_list_is_shortened_and_says_from_where_it_is_complete(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        shelf.put(Given("s1", (f"rent {number}",)), "/a")
    every = removed(shelf)
    middle = sorted(every.values())[2]
    generations.prune(shelf.database, middle)
    assert removed(shelf) == every  # it is short
    monkeypatch.setattr(generations, "MAX_REMOVED_ROWS", 1)
    generations.prune(shelf.database, middle)
    assert removed(shelf) == {chunk: generation for chunk, generation in every.items() if generation > middle}
    assert generations.removed_from(shelf.database) == middle


@pytest.mark.parametrize("through", [-1, 0, 1])
def test_a_cache_that_is_behind_does_not_claim_what_another_has_shortened(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, through: int
) -> None:
    monkeypatch.setattr(generations, "MAX_REMOVED_ROWS", 0)
    for number in range(5):
        shelf.put(Given("s1", (f"rent {number}",)), "/a")
    latest = sorted(removed(shelf).values())[-2]
    generations.prune(shelf.database, latest)
    generations.prune(shelf.database, through)
    assert generations.removed_from(shelf.database) == latest

"""FAISS is a cache: it agrees with a brute-force search over what SQLite holds, and comes back from any damage."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.storage import generations, vector_file, vector_sets
from pipeline.storage.database import Database
from pipeline.storage.vector_lists import Lists
from tests.storage.vector_store import Store, register, unit, unit_rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database(tmp_path)
    yield Store(database, register(database))
    database.close()


@pytest.fixture
def large(store: Store) -> Store:
    """One whose vectors are kept in lists as soon as there are more than ten."""
    store.largest_flat = 10
    return store


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
        assert list(found) == list(store.nearest(query, 50))
        assert list(found.values()) == pytest.approx(list(store.nearest(query, 50).values()), abs=1e-6)


def test_neighbours_that_are_nearly_as_near_are_told_apart(store: Store) -> None:
    alike = unit(unit_rows(1, 1) + 0.3 * unit_rows(3000, 2))
    store.add(alike)
    index = store.index()
    index.catch_up()
    queries = unit(unit_rows(1, 1) + 0.3 * unit_rows(30, 3))
    assert store.recall(index, queries, 3) > 0.99


def test_equal_passages_are_found_in_the_order_in_which_they_came(store: Store) -> None:
    rows = unit_rows(7, 1)
    store.add(np.concatenate([rows[:3], rows, rows[::-1]]))
    index = store.index()
    index.catch_up()
    for query in unit_rows(20, 2):
        found = index.search(query, 17)
        assert list(found) == sorted(found, key=lambda one: (-found[one], one))
        assert len(set(found.values())) == 7, "equal codes have equal cosines, to the last bit"


def test_a_cosine_is_that_of_the_unrounded_vectors_to_within_the_code_step(store: Store) -> None:
    rows = unit_rows(50, 1)
    store.add(rows)
    index = store.index()
    index.catch_up()
    query = unit_rows(1, 2)[0]
    for chunk_id, cosine in index.search(query, 50).items():
        assert cosine == pytest.approx(float(rows[chunk_id - 1] @ query), abs=0.02)


def test_cosines_of_given_chunks_are_those_that_a_search_tells(store: Store) -> None:
    store.add(unit_rows(700, 1))
    index = store.index()
    index.catch_up()
    query = unit_rows(1, 2)[0]
    wanted = [700, 3, 3, 5000, 41, -1]
    told = index.search(query, 700)
    assert index.cosines(query, wanted) == {one: told[one] for one in (3, 41, 700)}
    assert index.cosines(query, list(told)) == told, "more than one statement takes"
    assert index.cosines(query, []) == {}


def test_only_allowed_chunks_are_found_and_as_many_as_asked_for(store: Store) -> None:
    store.add(unit_rows(40, 3))
    index = store.index()
    index.catch_up()
    query = unit_rows(1, 4)[0]
    allowed = [2, 3, 5, 7, 11, 4000]
    assert list(index.search(query, 10, np.array(allowed))) == list(store.nearest(query, 10, allowed))
    assert list(index.search(query, 2, np.array(allowed))) == list(store.nearest(query, 2, allowed))
    assert index.search(query, 10, np.array([], np.int64)) == {}
    assert index.search(query, 10, np.array([2**40])) == {}


def test_half_of_many_chunks_may_be_allowed(store: Store) -> None:
    for seed in range(5):
        store.add(unit_rows(600, seed))
    index = store.index()
    index.catch_up()
    allowed = np.array([*range(1, 3001, 2), 2**40])
    for query in unit_rows(5, 9):
        assert list(index.search(query, 20, allowed)) == list(store.nearest(query, 20, allowed.tolist()))


def test_an_index_that_has_not_looked_yet_finds_nothing(store: Store) -> None:
    store.add(unit_rows(3, 1))
    index = store.index()
    assert (index.search(unit_rows(1, 2)[0], 3), index.ids(), len(index)) == ({}, [], 0)
    index.save()
    index.close()


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


def test_what_was_erased_is_not_found_even_before_the_index_follows(store: Store) -> None:
    path = store.add(unit_rows(5, 1))
    store.add(unit_rows(3, 2))
    index = store.index()
    index.catch_up()
    store.remove(path)
    assert sorted(index.search(unit_rows(1, 3)[0], 8)) == [6, 7, 8]


def test_a_flat_index_leaves_no_file(store: Store) -> None:
    store.add(unit_rows(20, 1))
    (store.database.folder / f"vectors-{'a' * 16}.faiss").write_bytes(b"of an earlier version")
    index = store.index()
    index.catch_up_and_save()
    assert list(store.database.folder.glob("vectors*")) == []


def test_a_saved_cache_is_loaded_and_brought_up_to_date(large: Store) -> None:
    path = large.add(unit_rows(5, 1))
    large.add(unit_rows(14, 2))
    large.index().settle()
    large.remove(path)
    large.add(unit_rows(2, 3))
    again = large.index()
    again.catch_up()
    assert again.ids() == large.ids() == [*range(6, 22)]
    assert isinstance(again._replica and again._replica.kind, Lists), "it was not built anew"


HARMS = ("lost", "emptied", "cut", "flipped", "foreign", "other model", "first form", "other kind", "long header")


@pytest.mark.parametrize("harm", HARMS)
def test_a_cache_that_cannot_be_trusted_is_rebuilt(large: Store, harm: str) -> None:
    large.add(unit_rows(20, 1))
    index = large.index()
    index.settle()
    file = cache_file(large)
    assert vector_file.read(file, large.model) is not None
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
    elif harm == "other model":
        file.write_bytes(content.replace(b"a" * 64, b"b" * 64))
    elif harm == "first form":
        header = json.dumps({"model": "a" * 64, "generation": 1, "max_id": 20, "sha256": "0" * 64}).encode()
        file.write_bytes(b"SEALEDIX" + len(header).to_bytes(4, "big") + header)
    elif harm == "long header":
        file.write_bytes(content[:8] + b"\xff" * 4 + content[12:])
    else:
        file.write_bytes(content.replace(b"ivf-rabitq", b"ivf-flat32"))
    assert vector_file.read(file, large.model) is None
    again = large.index()
    again.catch_up()
    query = unit_rows(1, 5)[0]
    assert again.ids() == large.ids()
    assert again.search(query, 20) == index.search(query, 20)
    assert not file.exists(), "what cannot be trusted is not kept"
    again.settle()
    assert vector_file.read(file, large.model) is not None


def test_a_cache_newer_than_the_store_is_rebuilt(large: Store) -> None:
    large.add(unit_rows(20, 1))
    large.index().settle()
    large.database.run("UPDATE settings SET value = '0' WHERE name = 'generation'")
    large.database.run("DELETE FROM vectors WHERE chunk_id > 3")
    large.database.run("UPDATE documents SET chunks = 3")
    again = large.index()
    again.catch_up()
    assert again.ids() == [1, 2, 3]


def test_a_cache_that_lacks_vectors_of_its_generation_is_rebuilt(large: Store) -> None:
    large.add(unit_rows(20, 1))
    large.index().settle()
    with large.database.atomic():
        large.database.run("INSERT INTO chunks SELECT -5, document_id, page, start, end FROM chunks WHERE id = 1")
        large.database.run("INSERT INTO vectors SELECT model_id, -5, codes FROM vectors WHERE chunk_id = 1")
        large.database.run("UPDATE documents SET chunks = 21")
    again = large.index()
    again.catch_up()
    assert cache_gone(large)
    again.close()


def cache_gone(store: Store) -> bool:
    return list(store.database.folder.glob("*.faiss")) == []


@pytest.mark.parametrize("largest_flat", [3, 1000])
def test_a_cache_too_far_behind_to_follow_is_rebuilt(
    store: Store, monkeypatch: pytest.MonkeyPatch, largest_flat: int
) -> None:
    monkeypatch.setattr(generations, "MAX_REMOVED_ROWS", 3)
    store.largest_flat = largest_flat
    path = store.add(unit_rows(5, 1))
    store.add(unit_rows(2, 2))
    old = store.index()
    old.settle()
    store.remove(path)
    new = store.index()
    new.catch_up()
    new.save()  # prunes what the old one would need
    assert store.database.rows("SELECT * FROM removed_chunks") == []
    old.catch_up()
    assert old.ids() == store.ids() == [6, 7]
    new.close()


def test_a_cache_that_cannot_be_written_does_no_harm(large: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    large.add(unit_rows(12, 1))
    index = large.index()

    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(vector_file, "write_whole", refuse)
        index.settle()
        assert index.ids() == [*range(1, 13)]
        assert cache_gone(large)
    index.save()
    assert not cache_gone(large), "what could not be written is written later"


def test_a_file_is_written_when_something_changed(large: Store) -> None:
    large.add(unit_rows(12, 1))
    index = large.index()
    index.settle()
    again = large.index()
    again.catch_up()
    file = cache_file(large)
    for unchanged in (index, again):
        before = file.stat().st_ino, file.stat().st_mtime_ns
        unchanged.catch_up_and_save()
        assert (file.stat().st_ino, file.stat().st_mtime_ns) == before
    large.add(unit_rows(1, 2))
    again.catch_up_and_save()
    assert file.stat().st_ino != before[0]


def test_the_file_is_for_its_owner_only(large: Store) -> None:
    large.add(unit_rows(12, 1))
    large.index().settle()
    assert cache_file(large).stat().st_mode & 0o777 == 0o600


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.integers(1, 4), st.just(0)), max_size=12), st.integers(0, 12), st.sampled_from([2, 6, 1000])
)
def test_whatever_comes_and_goes_the_index_holds_what_the_store_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], save_at: int, largest_flat: int
) -> None:
    database = Database(tmp_path_factory.mktemp("store"))
    store = Store(database, register(database), largest_flat=largest_flat)
    index = store.index()
    paths: list[bytes] = []
    for number, step in enumerate(steps):
        if step:
            paths.append(store.add(unit_rows(step, number)))
        elif paths:
            store.remove(paths.pop(0))
        index.catch_up()
        if number == save_at:
            index.settle()
        assert index.ids() == store.ids()
        assert len(index) == len(store.ids())
    fresh = store.index()
    fresh.catch_up()
    assert fresh.ids() == store.ids()
    query = unit_rows(1, 77)[0]
    true = store.nearest(query, 50)
    for found in (index.search(query, 50), fresh.search(query, 50)):
        assert found == {one: pytest.approx(true[one], abs=1e-6) for one in true if one in found}
    fresh.close()
    index.close()
    database.close()


def test_codes_are_rounded_and_clipped() -> None:
    rows = np.array([[0.0, 0.1, -0.1, 0.3, -0.9]], np.float32)
    assert vector_sets.encode(rows, 508).tolist() == [[0, 51, -51, 127, -127]]

"""Many vectors are kept in lists: nearly all of the nearest are found, nothing erased stays, searches never wait."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest

from pipeline.datatypes import Vectors
from pipeline.errors import StoreError
from pipeline.storage import vector_codes, vector_file, vectors
from pipeline.storage.database import Database
from pipeline.storage.vector_codes import Ids
from pipeline.storage.vector_kinds import Flat
from pipeline.storage.vector_lists import Lists
from pipeline.storage.vector_sets import VectorModel
from pipeline.storage.vector_training import Pause, Trained, train
from pipeline.storage.vectors import VectorIndex
from tests.storage.vector_store import FOREVER, Store, centres_of_clusters, clustered_rows, register, unit, unit_rows

ROWS = 4_000
WAIT_S = 30.0


def filled(folder: Path) -> Store:
    store = Store(Database(folder), register(Database(folder)), largest_flat=ROWS // 2)
    for number in range(ROWS // 100):
        store.add(clustered_rows(100, number))
    return store


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, VectorIndex]]:
    """A store with its index, which no test changes."""
    store = filled(tmp_path_factory.mktemp("store"))
    index = store.index()
    index.settle()
    yield store, index
    store.database.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A small one, of 30 documents."""
    store = Store(Database(tmp_path), register(Database(tmp_path)), largest_flat=100)
    for number in range(30):
        store.add(clustered_rows(10, number))
    yield store
    store.database.close()


def kind(index: VectorIndex) -> Flat | Lists:
    assert index._replica is not None
    found = index._replica.kind
    assert isinstance(found, Flat | Lists)
    return found


def lists(index: VectorIndex) -> Lists:
    found = kind(index)
    assert isinstance(found, Lists)
    return found


def questions(count: int) -> Vectors:
    """As far from the passages as questions are."""
    return unit(clustered_rows(count, 1234) + unit_rows(count, 4321))


def test_nearly_all_of_the_nearest_are_found_in_their_order(shared: tuple[Store, VectorIndex]) -> None:
    store, index = shared
    assert (index.ids(), len(index)) == (store.ids(), ROWS)
    assert lists(index).effort.probes < lists(index).index.nlist, "it does not look everywhere"
    assert store.recall(index, questions(40), 10) >= 0.98
    assert store.recall(index, clustered_rows(40, 77), 10) >= 0.98
    for query in questions(5):
        found = index.search(query, 10)
        true = store.nearest(query, ROWS)
        assert found == {one: pytest.approx(true[one], abs=1e-6) for one in true if one in found}
        assert len(found) == 10


@pytest.mark.parametrize("step", [1, 2, 3])
def test_what_is_allowed_is_found_wherever_it_lies(shared: tuple[Store, VectorIndex], step: int) -> None:
    store, index = shared
    allowed = [*range(2, ROWS + 1, step)]
    ids = np.array([*allowed, 2**40])
    hit = [
        len(index.search(query, 10, ids).keys() & store.nearest(query, 10, allowed).keys()) for query in questions(20)
    ]
    assert len(allowed) > vectors._SCANNED
    assert sum(hit) >= 0.98 * 200


def test_the_allowed_may_all_lie_in_lists_that_are_far_from_the_query(shared: tuple[Store, VectorIndex]) -> None:
    store, index = shared
    centres = unit(centres_of_clusters())
    rows = vector_codes.unit(vector_codes.of(store.database, store.model, store.ids()).codes)
    nearest = np.argmax(rows @ centres.T, axis=1)
    hits = 0
    for query in questions(20):
        far = np.argsort(centres @ query)[:25]
        allowed = np.flatnonzero(np.isin(nearest, far)) + 1
        assert len(allowed) > vectors._SCANNED
        hits += len(index.search(query, 10, allowed).keys() & store.nearest(query, 10, allowed.tolist()).keys())
    assert hits >= 0.95 * 200


def test_a_few_allowed_ones_are_found_exactly(shared: tuple[Store, VectorIndex]) -> None:
    store, index = shared
    for allowed in ([7], [*range(5, ROWS, 9)], [3, ROWS + 5]):
        found = index.search(questions(1)[0], 10, np.array(allowed))
        assert list(found) == list(store.nearest(questions(1)[0], 10, allowed))
    assert index.search(questions(1)[0], 10, np.array([ROWS + 1, ROWS + 2, 2**40])) == {}
    assert index.search(questions(1)[0], 10, np.array([], np.int64)) == {}


def test_a_restart_gives_the_same_answers(shared: tuple[Store, VectorIndex]) -> None:
    store, index = shared
    again = store.index()
    again.catch_up()
    assert lists(again).effort == lists(index).effort
    half = np.arange(1, ROWS, 2)
    for query in questions(20):
        assert list(again.search(query, 50).items()) == list(index.search(query, 50).items())
        assert list(again.search(query, 50, half).items()) == list(index.search(query, 50, half).items())


def test_the_same_vectors_make_the_same_lists_whatever_the_number_of_threads(
    shared: tuple[Store, VectorIndex],
) -> None:
    store, index = shared
    made: list[bytes] = []

    def make(threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        trained = train(store.database, store.model, np.arange(1, ROWS + 1), lambda: None)
        made.append(faiss.serialize_index(trained.lists.index).tobytes())
        assert faiss.omp_get_max_threads() == 1

    for threads in (1, 2, 3):
        one = threading.Thread(target=make, args=(threads,))
        one.start()
        one.join()
    assert len(made) == 3
    assert made == [faiss.serialize_index(lists(index).index).tobytes()] * 3


@pytest.mark.parametrize("of_lists", [True, False])
def test_every_thread_that_searches_takes_one_core(store: Store, of_lists: bool) -> None:
    store.largest_flat = 100 if of_lists else 1000
    index = store.index()
    index.settle()
    seen: list[int] = []

    def search() -> None:
        faiss.omp_set_num_threads(2)
        index.search(unit_rows(1, 1)[0], 5)
        seen.append(faiss.omp_get_max_threads())

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()
    assert seen == [1]


def test_threads_may_search_while_others_add(store: Store) -> None:
    index = store.index()
    index.settle()
    wrong: list[object] = []
    ended = threading.Event()

    def search(seed: int) -> None:
        for query in unit_rows(10_000, seed):
            found = index.search(query, 10)
            if len(found) != 10 or list(found.values()) != sorted(found.values(), reverse=True):
                wrong.append(found)
            if ended.is_set():
                return

    threads = [threading.Thread(target=search, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    for number in range(20):
        path = store.add(clustered_rows(5, 500 + number))
        index.catch_up()
        store.remove(path)
        index.catch_up()
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert index.ids() == store.ids()


def test_what_was_erased_is_neither_found_nor_in_the_file(store: Store) -> None:
    rows = unit_rows(3, 9)
    path = store.add(rows)
    erased = store.ids()[-3:]
    index = store.index()
    index.settle()
    codes = codes_of(lists(index), erased)
    saved = file_of(store).read_bytes()
    assert all(code in saved for code in codes), "the test looks for what is there"
    store.remove(path)
    everything = np.array(store.ids() + erased)
    for moment in ("erased", "followed", "saved", "loaded"):
        if moment == "followed":
            index.catch_up()
        elif moment == "saved":
            index.save()
        elif moment == "loaded":
            index = store.index()
            index.catch_up()
            assert isinstance(kind(index), Lists)
        for row in rows:
            for among in (None, everything):
                assert not index.search(row, 50, among).keys() & set(erased), moment
        assert index.cosines(rows[0], erased) == {}
    assert not any(code in file_of(store).read_bytes() for code in codes)


def test_of_a_store_that_was_emptied_nothing_stays_in_the_file(store: Store) -> None:
    index = store.index()
    index.settle()
    codes = codes_of(lists(index), store.ids())
    for number in range(1, 31):
        store.remove(f"/{number}".encode())
    index.catch_up_and_save()
    assert isinstance(kind(index), Lists), "another kind was not made yet"
    kept = file_of(store).read_bytes()
    assert not any(code in kept for code in codes)
    assert len(kept) < 3_000 + 4 * 32 * 20, "a header and means"
    assert index.search(unit_rows(1, 1)[0], 10) == {}
    index.settle()
    assert (kind(index).ids().size, list(store.database.folder.glob("vectors*"))) == (0, [])


def codes_of(held: Lists, ids: list[int]) -> list[bytes]:
    """The codes of these rows in their lists, each long enough not to be met by chance."""
    found: dict[int, bytes] = {}
    inverted = held.index.invlists
    assert inverted is not None
    for number in range(inverted.nlist):
        size = inverted.list_size(number)
        if size:
            here = faiss.rev_swig_ptr(inverted.get_ids(number), size).tolist()
            rows = faiss.rev_swig_ptr(inverted.get_codes(number), size * inverted.code_size).reshape(size, -1)
            found |= {one: row.tobytes() for one, row in zip(here, rows, strict=True)}
    assert all(len(code) >= 12 for code in found.values())
    return [found[one] for one in ids]


def file_of(store: Store) -> Path:
    (file,) = store.database.folder.glob("vectors-*")
    return file


def test_the_kind_follows_the_size_but_does_not_flap(store: Store) -> None:
    store.largest_flat = len(store.ids())
    index = store.index()
    index.settle()
    assert isinstance(kind(index), Flat), "as many as may be flat"
    store.add(unit_rows(1, 1))
    index.settle()
    assert lists(index).trained == 301
    for number in range(1, 13):
        store.remove(f"/{number}".encode())
    index.settle()
    assert (len(index), lists(index).trained) == (181, 301), "more than six in ten"
    again = store.index()
    again.settle()
    assert lists(again).trained == 301, "also after a restart"
    store.remove(b"/13")
    again.settle()
    assert isinstance(kind(again), Flat)
    assert again.ids() == store.ids()
    store.add(unit_rows(100, 2))
    again.settle()
    assert isinstance(kind(again), Flat), "not again before there are more than may be flat"


def test_lists_are_made_anew_when_there_are_twice_as_many_vectors(store: Store) -> None:
    index = store.index()
    index.settle()
    assert lists(index).trained == 300
    store.add(clustered_rows(300, 1))
    index.settle()
    assert lists(index).trained == 300
    store.add(clustered_rows(1, 2))
    index.settle()
    assert (lists(index).trained, len(index)) == (601, 601)


class Gate:
    """Lets a training begin, and end only when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.open, self.calls = threading.Event(), threading.Event(), 0
        monkeypatch.setattr(vectors, "train", self.train)

    def train(self, database: Database, model: VectorModel, ids: Ids, pause: Pause) -> Trained:
        self.calls += 1
        made = train(database, model, ids, pause)  # of the store as it is now
        self.begun.set()
        while not self.open.wait(0.01):
            pause()
        return made


def test_searches_go_on_and_see_what_changes_while_lists_are_made(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    store.patience_s = 0.0
    index = store.index()
    index.catch_up()
    assert gate.begun.wait(WAIT_S)
    row = unit_rows(1, 5)
    store.add(row)
    store.remove(b"/3")
    started = time.monotonic()
    index.catch_up()
    found = index.search(row[0], 400)
    assert time.monotonic() - started < WAIT_S / 10, "nobody waited for what is being made"
    assert isinstance(kind(index), Flat)
    assert (next(iter(found)), sorted(found)) == (store.ids()[-1], store.ids())
    index.save()
    assert list(store.database.folder.glob("*.faiss")) == []
    gate.open.set()
    index.settle()
    assert lists(index).trained == 300, "made of the store as it was"
    assert index.ids() == store.ids(), "and brought up to date"
    assert vector_file.read(file_of(store), store.model) is not None
    assert gate.calls == 1


def test_of_several_processes_one_makes_the_lists(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    store.patience_s = 0.0
    other = Store(Database(store.database.folder), store.model, largest_flat=100, patience_s=0.0)
    indexes = [store.index(), other.index()]
    for index in indexes:
        index.catch_up()
    assert gate.begun.wait(WAIT_S)
    gate.open.set()
    for index in indexes:
        index.settle()
    assert [lists(index).trained for index in indexes] == [300, 300]
    assert gate.calls == 1
    assert indexes[0].ids() == indexes[1].ids() == store.ids()
    other.database.close()


def test_a_process_that_ends_soon_makes_no_lists(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    store.patience_s = FOREVER
    index = store.index()
    index.catch_up()
    index.close()
    assert (gate.calls, isinstance(kind(index), Flat)) == (0, True)


def test_lists_that_cannot_be_made_leave_the_index_as_it_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def fail(*_arguments: object) -> Trained:
        calls.append(1)
        raise StoreError("store_full", "The disk of the store is full.")

    monkeypatch.setattr(vectors, "train", fail)
    index = store.index()
    index.settle()
    store.add(unit_rows(2, 1))
    index.settle()
    assert len(index.search(unit_rows(1, 1)[0], 400)) == 302
    assert len(calls) == 1, "not again and again"


def test_lists_that_do_not_hold_what_the_store_holds_are_not_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(database: Database, model: VectorModel, ids: Ids, pause: Pause) -> Trained:
        made = train(database, model, ids, pause)
        made.lists.remove(np.array([5]))
        return made

    monkeypatch.setattr(vectors, "train", forgetful)
    index = store.index()
    index.settle()
    assert isinstance(kind(index), Flat)
    assert index.ids() == store.ids()


def test_a_process_may_end_while_lists_are_made(store: Store) -> None:
    script = f"""
import sys, threading
from pathlib import Path
from pipeline.storage import vector_sets, vectors
from pipeline.storage.database import Database
begun = threading.Event()
def endless(database, model, ids, pause):
    begun.set()
    try:
        while True:
            pause()
    finally:
        print("stopped")
vectors.train = endless
database = Database(Path(sys.argv[1]))
model = vector_sets.register(database, name="m", sha256="a" * 64, dimension=32, scale=140)
index = vectors.VectorIndex(database, model, largest_flat=100, patience_s=0.0)
index.catch_up()
assert begun.wait({WAIT_S})
"""
    ended = subprocess.run(
        [sys.executable, "-c", script, str(store.database.folder)],
        capture_output=True, text=True, timeout=2 * WAIT_S, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "stopped\n", "")


def test_lists_of_few_and_equal_vectors_can_be_made(tmp_path: Path) -> None:
    store = Store(Database(tmp_path), register(Database(tmp_path)), largest_flat=10)
    row = unit_rows(1, 1)
    store.add(np.concatenate([np.repeat(row, 500, axis=0), np.zeros_like(row)]))
    index = store.index()
    index.settle()
    assert lists(index).index.nlist == 1
    found = index.search(row[0], 10)
    assert list(found) == sorted(found), "ties by id"
    assert len(set(found.values())) == 1
    zero = vector_codes.of(store.database, store.model, [501])
    assert not zero.codes.any()
    assert index.cosines(row[0], [501]) == {501: 0.0}
    store.database.close()

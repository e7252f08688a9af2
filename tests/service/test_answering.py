"""Searches beside a run: they wait for no commit, see each document wholly or not at all, and change nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.datatypes import Query, SearchHit, SearchMode, Vectors
from pipeline.errors import ModelChanged, ModelError, StoreError
from pipeline.search.query import query_of
from pipeline.service.answering import answer, answer_of_one_state
from pipeline.storage import vector_sets
from pipeline.storage.vector_sets import Role
from tests.conftest import write

SENTENCE = "The zebra in paragraph {} of document {} crosses the river before the storm reaches the northern village."
PARAGRAPHS = 20  # of a document: several passages
PATIENCE_S = 20.0


def put(inbox: Path, number: int) -> Path:
    """A document of several passages, each of which has the word."""
    text = "\n\n".join(" ".join([SENTENCE.format(part, number)] * 4) for part in range(PARAGRAPHS))
    return write(inbox, f"{number:03}.txt", text)


@pytest.fixture
def beside(pipeline: Pipeline, inbox: Path) -> Iterator[Pipeline]:
    """A second Pipeline beside one that has indexed a document."""
    put(inbox, 0)
    pipeline.drain()
    second = pipeline.beside()
    yield second
    second.close()


def found_in(pipeline: Pipeline, mode: SearchMode = SearchMode.HYBRID) -> set[str]:
    """The names of the documents that are found; each with all its passages, and as many as are stored."""
    with pipeline.database.snapshot():
        hits = pipeline.answer(query_of(pipeline.config, "zebra", limit=1000, mode=mode))
        rows = pipeline.database.rows(
            "SELECT sha256, start, end FROM chunks JOIN documents ON documents.id = document_id"
        )
    shown = [(hit.document, hit.start, hit.end) for hit in hits]
    # Of passages that overlap only the best is shown: each must be, or overlap one that is.
    lost = [tuple(row) for row in rows if not any(overlap(tuple(row), one) for one in shown)]
    assert lost == []
    assert {document for document, _, _ in shown} == {row["sha256"] for row in rows}
    if mode is SearchMode.HYBRID:
        assert all(hit.semantic_rank is not None and hit.keyword_rank is not None for hit in hits)
    return {hit.path.name for hit in hits}


def overlap(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def test_it_finds_what_the_other_finds(pipeline: Pipeline, beside: Pipeline, inbox: Path) -> None:
    for number in range(1, 4):
        assert beside.search("zebra river", limit=20) == pipeline.search("zebra river", limit=20)
        put(inbox, number)
        pipeline.drain()
    assert found_in(beside) == {f"{number:03}.txt" for number in range(4)}
    (inbox / "000.txt").unlink()
    pipeline.drain()
    assert found_in(beside) == found_in(pipeline) == {f"{number:03}.txt" for number in range(1, 4)}


def test_it_has_the_others_model_and_an_index_of_its_own(pipeline: Pipeline, beside: Pipeline) -> None:
    assert found_in(beside)
    ours, theirs = pipeline._models.current(), beside._models.current()
    assert theirs.embedder is ours.embedder
    assert theirs.index is not ours.index
    beside.close()
    assert pipeline.embed(["still there"]).shape[0] == 1


def test_it_waits_for_no_commit(pipeline: Pipeline, beside: Pipeline) -> None:
    """A transaction of the run is open, and has changed something, for as long as the search takes."""
    assert found_in(beside)
    with ThreadPoolExecutor(1) as other, pipeline.database.atomic():
        pipeline.database.run("UPDATE documents SET label = 'changed'")
        found = other.submit(beside.search, "zebra").result(PATIENCE_S)
    assert {hit.label for hit in found} != {"changed"}
    assert {hit.label for hit in beside.search("zebra")} == {"changed"}


def test_it_changes_nothing(beside: Pipeline) -> None:
    with pytest.raises(StoreError):
        beside.database.run("DELETE FROM documents")
    assert found_in(beside) == {"000.txt"}


def test_a_document_that_is_committed_amid_a_search_is_no_part_of_it(
    pipeline: Pipeline, beside: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between one look at the store and the next: it would be found by its words, say, and not by its meaning."""
    before = answer(beside, query_of(beside.config, "zebra", limit=1000))
    embedder = beside._models.current().embedder
    question = embedder.question

    def asked_late(text: str) -> Future[Vectors]:
        monkeypatch.undo()
        put(inbox, 1)
        pipeline.drain()
        return question(text)

    monkeypatch.setattr(embedder, "question", asked_late)
    assert answer_of_one_state(beside, query_of(beside.config, "zebra", limit=1000)) == before
    assert found_in(beside) == {"000.txt", "001.txt"}


def test_what_is_said_of_the_files_is_of_the_same_state_as_the_passages(
    pipeline: Pipeline, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = pipeline.beside()
    look = second.answer

    def answer_late(query: Query) -> tuple[SearchHit, ...]:
        found = look(query)
        put(inbox, 0)
        pipeline.drain()
        return found

    monkeypatch.setattr(second, "answer", answer_late)
    found = answer_of_one_state(second, query_of(second.config, "zebra", mode="keyword"))
    assert (found.hits, found.has_files) == ((), False), "nothing is found, and nothing is indexed yet"
    second.close()


@pytest.mark.parametrize("mode", list(SearchMode))
def test_during_a_run_documents_are_there_wholly_or_not_at_all(
    pipeline: Pipeline, beside: Pipeline, inbox: Path, mode: SearchMode
) -> None:
    assert found_in(beside, mode) == {"000.txt"}
    for number in range(1, 6):
        put(inbox, number)
    run = threading.Thread(target=pipeline.drain)
    run.start()
    seen: list[int] = []
    while run.is_alive():
        seen.append(len(found_in(beside, mode)))
    run.join()
    assert seen == sorted(seen)
    assert len(set(seen)) > 2, "it was seen to grow"
    assert found_in(beside, mode) == {f"{number:03}.txt" for number in range(6)}


def test_several_threads_may_search_while_others_commit(pipeline: Pipeline, beside: Pipeline, inbox: Path) -> None:
    for number in range(1, 6):
        put(inbox, number)
    ended = threading.Event()

    def search() -> int:
        count = 0
        while not ended.is_set():
            assert found_in(beside)
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        searching = [pool.submit(search) for _ in range(4)]
        pipeline.drain()
        ended.set()
        assert sum(one.result(PATIENCE_S) for one in searching) > 4


def test_a_model_that_only_this_connection_sees_is_not_searched_with(pipeline: Pipeline, beside: Pipeline) -> None:
    before = pipeline._models.current().model
    assert found_in(beside)
    other = vector_sets.register(pipeline.database, name="other", sha256="0" * 64, dimension=384, scale=400.0)
    with pipeline.database.atomic():
        vector_sets.assign(pipeline.database, Role.ACTIVE, other)
    with pytest.raises(ModelError, match="model_replaced"):
        beside.search("zebra")
    with pipeline.database.atomic():
        vector_sets.assign(pipeline.database, Role.ACTIVE, before)
    assert found_in(beside)


def test_an_index_without_a_model_is_searched_by_word_only(pipeline: Pipeline) -> None:
    second = pipeline.beside()
    assert answer(second, query_of(second.config, "zebra", mode="keyword")).hits == ()
    with pytest.raises(ModelChanged):
        second.search("zebra")
    second.close()


def test_what_there_is_to_say_of_an_empty_answer_travels_with_it(pipeline: Pipeline, inbox: Path) -> None:
    query = query_of(pipeline.config, "zebra", mode="keyword")
    assert answer(pipeline, query).has_files is False
    write(inbox, "a.txt", "Nothing of that animal.")
    pipeline.drain()
    found = answer(pipeline, query)
    assert (found.hits, found.has_files, found.unfinished) == ((), True, False)
    pipeline.database.run("UPDATE jobs SET status = 'waiting'")
    found = answer(pipeline, query)
    assert (found.has_files, found.unfinished) == (False, True)

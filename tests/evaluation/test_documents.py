"""The sample of an index: random, reproducible, whole where labels and judgements need it, and in memory only."""

from pathlib import Path

import numpy as np
import pytest

from pipeline import Pipeline
from pipeline.errors import UsageError
from pipeline.evaluation import documents
from pipeline.evaluation.judgements import JudgedQuery
from pipeline.evaluation.texts import Texts
from pipeline.storage.texts import StoredTexts
from tests.conftest import write
from tests.evaluation.conftest import NAMES, write_texts

LONG = " ".join(f"Sentence {number} of a long treatise is about matter {number * 13}." for number in range(400))
SMALL = 12


@pytest.fixture
def filled(pipeline: Pipeline, inbox: Path) -> Pipeline:
    """One long document and a dozen of one passage."""
    write(inbox, "private-name.txt", LONG)
    for number in range(SMALL):
        write(inbox, f"{number}.txt", f"Letter {number} is about a secret matter. It has another sentence.")
    pipeline.drain()
    return pipeline


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    models = tmp_path / "models"
    models.mkdir()
    write_texts(models)
    return models


def sample(
    pipeline: Pipeline, root: Path, size: int = 3000, judged: tuple[JudgedQuery, ...] = (), seed: int = 1
) -> Texts:
    return documents.sample(pipeline.database, root, judged, size, np.random.default_rng(seed))


def chunks(pipeline: Pipeline) -> dict[str, tuple[str, str]]:
    rows = pipeline.database.rows("SELECT chunks.id, sha256 FROM chunks JOIN documents d ON d.id = document_id")
    texts = StoredTexts(pipeline.database).of_chunks([row["id"] for row in rows])
    return {str(row["id"]): (texts[row["id"]], row["sha256"]) for row in rows}


def test_a_small_index_is_taken_whole(filled: Pipeline, folder: Path) -> None:
    found, known = sample(filled, folder), chunks(filled)
    total = len(known)
    assert total > SMALL + 5
    assert (found.measured, found.corpus, found.names) == (range(total), range(total), range(total, total + len(NAMES)))
    assert {
        one: (text, sha) for one, text, sha in zip(found.ids, found.passages, found.documents, strict=False)
    } == known
    assert found.passages[total:] == NAMES
    assert len(found.whole) == SMALL + 1
    assert found.of_index


def test_a_whole_document_has_its_passages_in_reading_order(filled: Pipeline, folder: Path) -> None:
    found = sample(filled, folder)
    for places in found.whole:
        ids = [int(found.ids[place]) for place in places]
        assert ids == sorted(ids)
        assert len({found.documents[place] for place in places}) == 1
    assert sorted(place for places in found.whole for place in places) == list(found.corpus)


def test_a_large_index_is_sampled_and_some_documents_are_there_whole(filled: Pipeline, folder: Path) -> None:
    found = sample(filled, folder, size=8)
    assert found.measured == range(8)
    assert 8 <= len(found.corpus) <= 8 + 2, "a quarter of the sample on top, at most"
    assert len(set(found.ids)) == len(found.ids)
    assert found.whole
    known = chunks(filled)
    assert all(known[one][0] == text for one, text in zip(found.ids[: len(found.corpus)], found.passages, strict=False))
    assert sample(filled, folder, size=8) == found, "the same seed draws the same"
    assert sample(filled, folder, size=8, seed=2).ids != found.ids


def test_every_passage_is_as_likely_as_the_other(filled: Pipeline, folder: Path) -> None:
    drawn = [sample(filled, folder, size=5, seed=seed).ids[:5] for seed in range(200)]
    counts = {one: sum(one in ids for ids in drawn) for one in chunks(filled)}
    expected = 200 * 5 / len(counts)
    assert all(expected / 3 < count < expected * 2.5 for count in counts.values())


def test_questions_are_beginnings_of_passages_that_do_not_find_their_own(filled: Pipeline, folder: Path) -> None:
    found = sample(filled, folder)
    assert [query.passage for query in found.queries] == list(found.measured)
    for query in found.queries:
        assert query.text is not None
        assert query.passage is not None
        assert found.passages[query.passage].startswith(query.text)
        assert len(query.text.split()) <= documents.QUERY_WORDS


@pytest.mark.parametrize(
    ("passage", "question"),
    [
        ("  First sentence. Second.", "First sentence."),
        ("Version 1.5 is out! More.", "Version 1.5 is out!"),
        ("A heading\nand a text", "A heading"),
        ("合同终止。第二句", "合同终止。"),
        ("word " * 50, " ".join(["word"] * 20)),
        ("x" * 5000, "x" * 200),
        ("", ""),
    ],
)
def test_the_beginning_of_a_passage(passage: str, question: str) -> None:
    assert documents._beginning(passage) == question


def test_all_passages_of_judged_documents_are_searched(filled: Pipeline, folder: Path) -> None:
    known = chunks(filled)
    long = max({sha for _, sha in known.values()}, key=lambda one: sum(sha == one for _, sha in known.values()))
    judged = (JudgedQuery(1, "what is it about?", {long[:8]: 2}), JudgedQuery(2, "and this?", {}))
    found = sample(filled, folder, size=3, judged=judged)
    assert sum(sha == long for sha in found.documents) == sum(sha == long for _, sha in known.values())
    assert [(query.text, query.passage, query.relevant) for query in found.queries] == [
        ("what is it about?", None, {long: 2}), ("and this?", None, None),
    ]  # fmt: skip
    with pytest.raises(UsageError) as caught:
        sample(filled, folder, judged=(JudgedQuery(7, "secret", {"0" * 64: 1}),))
    assert "Line 7 " in caught.value.message


def test_an_empty_index_cannot_be_evaluated_on(pipeline: Pipeline, folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        sample(pipeline, folder)
    assert caught.value.code == "nothing_indexed"


def test_nothing_of_a_document_is_in_description_or_printed_value(filled: Pipeline, folder: Path) -> None:
    found = sample(filled, folder, size=8)
    for told in (found.description, repr(found)):
        assert not [word for word in ("Sentence", "Letter", "secret", "private") if word in told]
    assert found.description.startswith("Your index: 8 passages drawn at random from ")

"""A change of model: the old one serves until the new one is whole; nothing is mixed, nothing is lost."""

import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import Pipeline
from pipeline import activation as activations
from pipeline.datatypes import SearchHit
from pipeline.errors import ModelError, Stopped, StoreError, UsageError
from pipeline.outcomes import State
from pipeline.registry.active import ActiveModels
from pipeline.registry.runtime import Embedder
from pipeline.reports import ActivationReport
from pipeline.storage import vector_sets
from pipeline.storage.texts import StoredTexts
from pipeline.storage.vector_sets import Role, VectorModel
from tests.conftest import Configure, write

INT8, FLOAT = "all-minilm-l6-v2-int8", "all-minilm-l6-v2-fp32"
TEXTS = {
    "lease.txt": "The tenant shall pay the monthly rent in advance to the landlord.",
    "blood.txt": "Ferritin was measured in the blood sample of the patient.",
    "minutes.txt": "Minutes of the meeting: attendees, agenda, decisions and actions.",
}


@pytest.fixture
def filled(pipeline: Pipeline, inbox: Path, float_model: Path) -> Pipeline:
    """Three documents, embedded with the INT8 model, and a second model that is built."""
    for name, text in TEXTS.items():
        write(inbox, name, text)
    pipeline.drain()
    return pipeline


def activate(pipeline: Pipeline, name: str) -> ActivationReport:
    return pipeline.activate(name, lambda _done, _total: None, gated=False)


def roll_back(pipeline: Pipeline) -> ActivationReport:
    return pipeline.roll_back(lambda _done, _total: None)


def model(pipeline: Pipeline, role: Role = Role.ACTIVE) -> VectorModel:
    found = vector_sets.current(pipeline.database, role)
    assert found is not None
    return found


def vectors(pipeline: Pipeline, of: VectorModel) -> dict[str, bytes]:
    """The stored codes of one model by the text of their passage."""
    rows = pipeline.database.rows("SELECT chunk_id, codes FROM vectors WHERE model_id = ?", (of.id,))
    texts = StoredTexts(pipeline.database).of_chunks([row["chunk_id"] for row in rows])
    return {texts[row["chunk_id"]]: row["codes"] for row in rows}


def expected(embedder: Embedder, texts: list[str]) -> dict[str, bytes]:
    codes = vector_sets.encode(embedder.encode(texts), embedder.manifest.vector_scale)
    return {text: row.tobytes() for text, row in zip(texts, codes, strict=True)}


def ranking(hits: tuple[SearchHit, ...]) -> list[tuple[str, float | None]]:
    return [(hit.path.name, hit.cosine) for hit in hits]


def test_every_passage_gets_the_vector_of_the_new_model_and_keeps_that_of_the_old(filled: Pipeline) -> None:
    before = model(filled)
    old = vectors(filled, before)
    report = activate(filled, FLOAT)
    assert (report.model, report.embedded, report.cut_short) == (FLOAT, 3, 0)
    assert model(filled).name == FLOAT
    assert model(filled, Role.PREVIOUS) == before
    assert vectors(filled, before) == old == expected_by(filled, INT8)
    assert vectors(filled, model(filled)) == expected_by(filled, FLOAT) != old
    assert filled.vector_ids() == [row[0] for row in filled.database.rows("SELECT id FROM chunks ORDER BY id")]


def expected_by(pipeline: Pipeline, name: str) -> dict[str, bytes]:
    embedder = Embedder(pipeline.config.models_path / name, threads=1)
    try:
        return expected(embedder, list(TEXTS.values()))
    finally:
        embedder.close()


def test_searches_are_answered_by_the_active_model_alone(filled: Pipeline) -> None:
    with_int8 = ranking(filled.search("rent", mode="semantic"))
    activate(filled, FLOAT)
    with_float = ranking(filled.search("rent", mode="semantic"))
    assert [name for name, _ in with_float] == [name for name, _ in with_int8]
    assert with_float != with_int8
    roll_back(filled)
    assert ranking(filled.search("rent", mode="semantic")) == with_int8


def test_rolling_back_embeds_nothing_unless_documents_came_since(filled: Pipeline, inbox: Path) -> None:
    activate(filled, FLOAT)
    assert roll_back(filled).embedded == 0
    activate(filled, FLOAT)
    write(inbox, "new.txt", "Invoice for oak shelves, amount due within fourteen days.")
    filled.drain()
    assert roll_back(filled).embedded == 1
    assert model(filled).name == INT8
    assert filled.search("oak shelves", mode="semantic", limit=1)[0].path.name == "new.txt"


def test_without_an_earlier_model_there_is_no_way_back(filled: Pipeline) -> None:
    with pytest.raises(UsageError) as refused:
        roll_back(filled)
    assert refused.value.code == "no_previous_model"


def test_a_change_that_is_interrupted_changes_nothing_and_goes_on_later(
    filled: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "BATCH", 1)
    before, answer = model(filled), ranking(filled.search("rent"))

    def stop_after_one(done: int, _total: int) -> None:
        if done == 1:
            filled.stop()

    with pytest.raises(Stopped):
        filled.activate(FLOAT, stop_after_one, gated=False)
    assert model(filled) == before
    assert ranking(filled.search("rent")) == answer
    status = filled.model_status()
    assert (status.active, status.activation, status.passages_left) == (INT8, FLOAT, 2)
    assert activate(filled, FLOAT).embedded == 2
    assert filled.model_status().activation is None


def test_a_document_that_comes_during_the_change_is_in_the_new_set_too(
    filled: Pipeline, inbox: Path, configure: Configure
) -> None:
    def another_process(done: int, _total: int) -> None:
        if done == 3 and not (inbox / "late.txt").exists():
            write(inbox, "late.txt", "A late letter about beehives.")
            with Pipeline.open(configure()) as other:
                other.drain()

    assert filled.activate(FLOAT, another_process, gated=False).embedded == 4
    assert filled.search("beehives", mode="semantic", limit=1)[0].path.name == "late.txt"
    assert len(vectors(filled, model(filled))) == 4


def test_a_document_that_leaves_during_the_change_leaves_both_sets(
    filled: Pipeline, inbox: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = vector_sets.add

    def forgotten_meanwhile(*arguments: object) -> None:
        (inbox / "lease.txt").unlink(missing_ok=True)
        with Pipeline.open(configure()) as other:
            other.drain()
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(vector_sets, "add", forgotten_meanwhile)
    activate(filled, FLOAT)
    kept = set(TEXTS.values()) - {TEXTS["lease.txt"]}
    assert set(vectors(filled, model(filled))) == set(vectors(filled, model(filled, Role.PREVIOUS))) == kept


def test_a_run_that_began_with_the_old_model_stores_nothing_of_it_after_the_switch(
    filled: Pipeline, inbox: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch happens between embedding and committing: the file is embedded again, with the new model."""
    real, switched = Embedder.encode, threading.Event()

    def slow(self: Embedder, texts: list[str], **how: Any) -> object:  # noqa: ANN401 - as encode() takes it
        rows = real(self, texts, **how)
        if texts == ["A late letter."] and not switched.is_set():
            switched.set()
            with Pipeline.open(configure()) as other:
                activate(other, FLOAT)
        return rows

    monkeypatch.setattr(Embedder, "encode", slow)
    write(inbox, "late.txt", "A late letter.")
    report = filled.drain()
    assert switched.is_set()
    assert (report.states[State.INDEXED], report.files) == (4, 4)
    assert len(vectors(filled, model(filled))) == 4
    assert "A late letter." not in vectors(filled, model(filled, Role.PREVIOUS))


def test_a_search_that_began_before_the_switch_ends_with_the_model_it_began_with(
    filled: Pipeline, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_hits = ranking(filled.search("rent"))
    real = Embedder.question

    def switching(self: Embedder, text: str) -> object:
        begun = real(self, text)
        monkeypatch.setattr(Embedder, "question", real)
        with Pipeline.open(configure()) as other:
            activate(other, FLOAT)
        return begun

    monkeypatch.setattr(Embedder, "question", switching)
    assert ranking(filled.search("rent")) == expected_hits
    assert model(filled).name == FLOAT
    assert ranking(filled.search("rent")) != expected_hits


def test_labels_are_those_of_the_new_model(filled: Pipeline) -> None:
    before = {row.paths[0].name: row.label_score for row in filled.documents()}
    activate(filled, FLOAT)
    after = {row.paths[0].name: row.label_score for row in filled.documents()}
    for name, score in after.items():
        assert score == pytest.approx(before[name], abs=0.05)
        assert score != before[name]
    roll_back(filled)
    assert {row.paths[0].name: row.label_score for row in filled.documents()} == pytest.approx(before, abs=0.01)


def test_the_trail_names_the_models(filled: Pipeline) -> None:
    activate(filled, FLOAT)
    roll_back(filled)
    rows = filled.database.rows("SELECT event, document, model FROM audit WHERE model IS NOT NULL ORDER BY id")
    shas = {name: Embedder(filled.config.models_path / name).manifest.model.sha256 for name in (INT8, FLOAT)}
    assert [tuple(row) for row in rows] == [
        ("model_activated", None, shas[FLOAT]), ("model_rolled_back", None, shas[INT8]),
    ]  # fmt: skip


def test_a_full_disk_is_foreseen(filled: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1 << 20

    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage)
    with pytest.raises(StoreError) as refused:
        activate(filled, FLOAT)
    assert refused.value.code == "disk_short"
    assert filled.model_status().activation is None
    assert len(filled.database.rows("SELECT DISTINCT model_id FROM vectors")) == 1


def test_a_model_that_sees_less_than_a_passage_is_refused(filled: Pipeline) -> None:
    vector_sets.allow_passages(filled.database, 384)
    with pytest.raises(ModelError) as refused:
        activate(filled, FLOAT)
    assert (refused.value.code, refused.value.exit_status) == ("model_too_short", 4)
    assert activate(filled, INT8).embedded == 0, "the active model sees what it sees"


def test_only_the_active_set_and_the_one_before_are_kept(filled: Pipeline) -> None:
    stray = vector_sets.register(filled.database, name="stray", sha256="c" * 64, dimension=384, scale=320)
    chunk = int(filled.database.rows("SELECT min(id) FROM chunks")[0][0])
    vector_sets.add(filled.database, stray, [chunk], np.zeros((1, 384), np.int8))
    (filled.database.folder / "vectors-cccccccccccccccc.faiss").write_bytes(b"stray")
    activate(filled, FLOAT)
    assert vectors(filled, stray) == {}
    assert list(filled.database.folder.glob("vectors-*.faiss")) == [], "so few vectors need no file"


def test_an_index_whose_model_was_rebuilt_differently_says_so_and_is_mended_by_activating(filled: Pipeline) -> None:
    with filled.database.atomic():
        filled.database.run("UPDATE models SET sha256 = ?", ("d" * 64,))
    assert isinstance(filled._models, ActiveModels)
    filled._models._loaded = None
    with pytest.raises(ModelError) as refused:
        filled.search("rent")
    assert (refused.value.code, refused.value.exit_status) == ("model_replaced", 4)
    assert "pipeline models activate" in refused.value.advice
    assert [hit.path.name for hit in filled.search("rent", mode="keyword")] == ["lease.txt"]
    assert activate(filled, INT8).embedded == 3
    assert filled.search("rent", mode="semantic", limit=1)[0].path.name == "lease.txt"

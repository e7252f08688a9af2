"""The whole way on the real models: figures that agree with plain numpy, and not a word of a document in them."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest

from pipeline import Pipeline
from pipeline.config import Config, GateConfig, LabelsConfig, load
from pipeline.datatypes import Vectors
from pipeline.errors import UsageError
from pipeline.evaluation import encoding, footprint, gate, page, request, speed, texts
from pipeline.evaluation.evaluate import Settings, evaluate
from pipeline.evaluation.report import Dossier, Verdict
from pipeline.evaluation.request import Request
from pipeline.registry import catalogue, reference
from pipeline.registry.manifest import Manifest
from pipeline.registry.runtime import Embedder
from tests.conftest import Configure, write
from tests.evaluation.conftest import FLOAT, INT8, PASSAGES

THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress to nobody."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process instead of three: what is tested here is not how long anything takes."""
    monkeypatch.setattr(footprint, "TRIALS", 1)


def of_models(root: Path, *names: str, settings: Settings | None = None) -> Dossier:
    used = settings or Settings(GateConfig(), LabelsConfig(), threads=2, clock=lambda: THEN)
    return evaluate(root, names, texts.builtin(root), catalogue.find(root, INT8), used, silent)


def encoded(root: Path, name: str, passages: tuple[str, ...]) -> Vectors:
    model = Embedder(root / name, 1)
    try:
        return model.encode(passages)
    finally:
        model.close()


def test_the_dossier_of_the_built_in_texts(root: Path) -> None:
    stages: list[tuple[str, int, int]] = []
    settings = Settings(GateConfig(), LabelsConfig(), threads=2, clock=lambda: THEN)
    known = texts.builtin(root)
    found = evaluate(root, [], known, catalogue.find(root, INT8), settings, lambda *stage: stages.append(stage))
    float32, int8 = found.variants
    assert (found.created_at, found.model, found.texts) == ("2026-03-01T12:00:00+00:00", INT8, known.description)
    assert (float32.name, float32.is_reference, float32.is_active, float32.fidelity) == (FLOAT, True, False, None)
    assert (int8.name, int8.is_reference, int8.is_active, int8.precision) == (INT8, False, True, "int8-static")
    assert int8.footprint.file_bytes < float32.footprint.file_bytes / 3
    ours, theirs = (encoded(root, name, PASSAGES).astype(np.float64) for name in (INT8, FLOAT))
    cosines = (ours * theirs).sum(axis=1)
    assert int8.fidelity is not None
    assert int8.fidelity.mean.value == pytest.approx(cosines.mean(), abs=1e-6)
    assert int8.fidelity.least == pytest.approx(cosines.min(), abs=1e-6)
    assert int8.fidelity.worst[0].id == f"evaluation {int(cosines.argmin()) + 1}"
    assert int8.retrieval is not None
    assert (int8.retrieval.queries, int8.retrieval.passages) == (14, 24)
    assert int8.speed.all_threads_ratio is not None
    assert found.gate == gate.measure(root, catalogue.find(root, INT8), GateConfig(), 1), "one truth for both"
    assert found.answers[2].verdict in (Verdict.YES, Verdict.WITH_CARE)
    assert {stage.split(" with ")[0] for stage, _, _ in stages} == {
        "loading in fresh processes", "embedding", "measuring speed",
    }  # fmt: skip
    assert all(0 <= done <= total for _, done, total in stages)
    assert f"Model dossier: {INT8}" in page.render(found)


def test_a_float32_model_alone_is_a_dossier_too(root: Path) -> None:
    found = of_models(root, FLOAT)
    assert [one.name for one in found.variants] == [FLOAT]
    assert (found.recommended, found.gate) == (FLOAT, ())


def test_the_same_models_and_texts_give_the_same_figures_of_quality(root: Path) -> None:
    first, second = (of_models(root, INT8) for _ in range(2))
    for one, other in zip(first.variants, second.variants, strict=True):
        for name in ("fidelity", "names", "retrieval", "labels_alike"):
            assert getattr(one, name) == getattr(other, name)
    assert first.gate == second.gate


def test_sentence_transformers_itself_may_be_compared_with(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real library is tested where it is installed; here its place is taken by the float32 model."""
    asked: list[tuple[Path, str]] = []

    def encode(source: Path, passages: tuple[str, ...], manifest: Manifest) -> Vectors:
        asked.append((source, manifest.name))
        return encoded(root, FLOAT, tuple(passages))

    monkeypatch.setattr(reference, "encode", encode)
    settings = Settings(GateConfig(), LabelsConfig(), threads=2, sentence_transformers=True)
    float32, int8 = of_models(root, settings=settings).variants
    assert asked == [(root / INT8 / "source", INT8)]
    assert float32.sentence_transformers is not None
    assert float32.sentence_transformers.least == pytest.approx(1.0, abs=1e-6)
    assert int8.sentence_transformers is not None
    assert int8.fidelity is not None
    assert int8.sentence_transformers.mean.value == pytest.approx(int8.fidelity.mean.value, abs=1e-9)


SECRETS = ("Quillworth", "embezzled", "Brackenmere", "sapphire", "clandestine-ledger", "whistleblower")


@pytest.fixture
def index(configure: Configure, inbox: Path, root: Path) -> Path:
    """The configuration of an index with documents that must not be told, and the models of `root`."""
    file = configure()
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"model: {{path: {root}}}\n")
    write(inbox, "clandestine-ledger.txt", "Quillworth embezzled the rent of Brackenmere. The tenant paid in advance.")
    write(inbox, "sapphire.txt", "Invoice No. 2214. Oak shelves, 3 pieces. VAT 19 %. The amount is due within 14 days.")
    for number in range(6):
        write(
            inbox,
            f"{number}.txt",
            f"Haemoglobin {number} and ferritin in the blood sample of a patient of Brackenmere.",
        )
    return file


def test_the_dossier_of_an_index_is_complete_and_private(
    index: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Pipeline(load(index)) as pipeline:
        pipeline.drain()
        judged = str(next(row.document for row in pipeline.documents() if row.paths[0].name == "sapphire.txt"))
        queries = tmp_path / "whistleblower.jsonl"
        lines = ({"query": "who embezzled it, Quillworth?"}, {"query": "oak shelves", "relevant": {judged: 1}})
        queries.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines))
        asked = Request(on_my_documents=True, queries=queries)
        found = request.run(pipeline.config, asked, pipeline.database, silent)
    float32, int8 = found.variants
    assert int8.retrieval is not None
    assert (int8.retrieval.queries, int8.retrieval.passages) == (2, 8)
    assert int8.retrieval.ndcg_at_10 is not None
    assert int8.retrieval.ndcg_at_10.value == 1.0, "the one invoice is the first for oak shelves"
    assert int8.retrieval.ndcg_difference is not None
    assert int8.retrieval.ndcg_difference.value == 0.0
    assert float32.retrieval is not None
    assert int8.labels_alike is not None
    assert int8.fidelity is not None
    assert {one.id for one in int8.fidelity.worst} == {str(number) for number in range(1, 9)}
    told = [encoding.encode(found), page.render(found), repr(found), *capfd.readouterr()]
    for text in told:
        assert not [secret for secret in SECRETS if secret.lower() in text.lower()]
        assert not re.search(r"haemoglobin|ferritin|invoice no|oak", text, re.IGNORECASE)
        assert str(tmp_path) not in text
        assert judged not in text
    assert json.loads(told[0])["texts"].startswith("Your index: all 8 passages of 8 documents")


def test_the_model_of_the_index_is_evaluated_whatever_is_configured(index: Path) -> None:
    with Pipeline(load(index)) as pipeline:
        pipeline.embed(["adopts the configured model"])
        config: Config = msgspec.structs.replace(
            pipeline.config, model=msgspec.structs.replace(pipeline.config.model, name=FLOAT)
        )
        assert request.active_model(config, pipeline.database).manifest.name == INT8
        assert request.active_model(config, None).manifest.name == FLOAT


def test_my_documents_need_an_index(config: Config) -> None:
    with pytest.raises(UsageError) as caught:
        request.run(config, Request(on_my_documents=True), None, silent)
    assert caught.value.code == "nothing_indexed"


def test_threads_are_those_that_are_asked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "ROUND_TOKENS", 50)
    settings = replace(Settings(GateConfig(), LabelsConfig()), threads=3)
    assert {one.speed.threads for one in of_models(root, INT8, settings=settings).variants} == {3}

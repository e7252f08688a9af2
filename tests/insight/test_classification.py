"""The nearest description wins when it is near enough and clearly nearest; otherwise a person is asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import LabelDescription, LabelsConfig
from pipeline.datatypes import NEEDS_REVIEW, Label, Vectors
from pipeline.insight.classification import BEGINNING, Classifier
from pipeline.registry.runtime import Embedder

MODEL = Path(__file__).parents[2] / "models" / "all-minilm-l6-v2-int8"
AXES = ("east", "north", "up")  # each described by itself, and embedded as the unit vector along that axis


def along_axes(texts: Sequence[str]) -> Vectors:
    return np.stack([np.eye(3, dtype=np.float32)[AXES.index(text)] for text in texts])


def classifier(min_score: float = 0.0, min_margin: float = 0.0) -> Classifier:
    kinds = tuple(LabelDescription(name=f"to the {axis}", description=axis) for axis in AXES)
    return Classifier(LabelsConfig(kind=kinds, min_score=min_score, min_margin=min_margin), along_axes)


def unit(*rows: tuple[float, float, float]) -> Vectors:
    vectors = np.array(rows, np.float32)
    rows_of_length_1: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return rows_of_length_1


def label(found: Label | None) -> Label:
    assert found is not None
    return found


def test_the_nearest_description_names_the_document() -> None:
    found = label(classifier().classify(unit((0.6, 0.8, 0.0))))
    assert found.name == "to the north"
    assert found.score == pytest.approx(0.8, abs=1e-6)
    assert found.margin == pytest.approx(0.2, abs=1e-6)


@pytest.mark.parametrize(
    ("min_score", "min_margin", "name"),
    [(0.79, 0.19, "to the north"), (0.81, 0.19, NEEDS_REVIEW), (0.79, 0.21, NEEDS_REVIEW)],
)
def test_a_person_is_asked_below_either_threshold(min_score: float, min_margin: float, name: str) -> None:
    found = label(classifier(min_score, min_margin).classify(unit((0.6, 0.8, 0.0))))
    assert found.name == name
    assert found.score == pytest.approx(0.8, abs=1e-6)


def test_a_document_without_passages_has_no_label() -> None:
    assert classifier().classify(np.empty((0, 3), np.float32)) is None


def test_passages_that_cancel_each_other_out_need_review() -> None:
    found = label(classifier(min_score=0.1).classify(unit((1, 0, 0), (-1, 0, 0))))
    assert found == Label(NEEDS_REVIEW, 0.0, 0.0)


def test_the_beginning_weighs_as_much_as_all_of_the_document() -> None:
    beginning = [(1.0, 0.0, 0.0)] * BEGINNING
    found = label(classifier().classify(unit(*beginning, *[(0.0, 1.0, 0.0)] * 50)))
    assert found.name == "to the east"


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(*[st.floats(0.01, 1.0)] * 3), min_size=1, max_size=12))
def test_score_and_margin_are_those_of_the_formula(rows: list[tuple[float, float, float]]) -> None:
    vectors = unit(*rows)
    document = np.mean([list(map(float, row)) for row in vectors[:BEGINNING]], axis=0)
    document = document + np.mean([list(map(float, row)) for row in vectors], axis=0)
    cosines = sorted(float(part) / float(np.sqrt((document**2).sum())) for part in document)
    found = label(classifier().classify(vectors))
    assert found.score == pytest.approx(cosines[-1], abs=1e-5)
    assert found.margin == pytest.approx(cosines[-1] - cosines[-2], abs=1e-5)


@pytest.fixture(scope="module")
def embedder() -> Iterator[Embedder]:
    model = Embedder(MODEL)
    yield model
    model.close()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("INVOICE No. 2214. Oak shelves, 3 pieces, 412.00. VAT 19 %. Amount due within 14 days.", "invoice"),
        ("The Recipient shall keep all Confidential Information secret and disclose it to no third party.", "nda"),
        (
            "The patient was discharged after hip surgery. Continue apixaban; see us in six weeks.",
            "discharge-letter",
        ),
        ("Haemoglobin 13.9 g/dl (13.5-17.5). Ferritin 41 ug/l. Creatinine 0.9 mg/dl. Blood sample.", "lab-report"),
    ],
)
def test_documents_are_told_apart_with_the_real_model(embedder: Embedder, text: str, name: str) -> None:
    real = Classifier(LabelsConfig(), embedder.encode)
    assert label(real.classify(embedder.encode([text]))).name == name

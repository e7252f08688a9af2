"""Labels under two models."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.config import LabelDescription, LabelsConfig
from pipeline.datatypes import Vectors
from pipeline.evaluation.labels import agreement, labels

AXES = ("east", "north")


def along_axes(texts: Sequence[str]) -> Vectors:
    return np.stack([np.eye(2, dtype=np.float32)[AXES.index(text)] for text in texts])


def test_documents_are_labelled_by_their_own_passages() -> None:
    config = LabelsConfig(kind=tuple(LabelDescription(name=axis, description=axis) for axis in AXES))
    vectors = np.array([[1, 0], [0, 1], [0, 1], [0.1, 0.995]], np.float32)
    assert labels(vectors, [(0,), (1, 2), (3, 1)], config, along_axes) == ["east", "north", "north"]
    assert labels(vectors, [], config, along_axes) == []


def test_agreement_is_the_share_that_stays() -> None:
    found = agreement(["a", "b", "c", "d"], ["a", "b", "x", "d"], np.random.default_rng(1))
    assert found is not None
    assert found.value == pytest.approx(0.75)
    assert 0 <= found.low < 0.75 < found.high <= 1
    assert agreement([], [], np.random.default_rng(1)) is None

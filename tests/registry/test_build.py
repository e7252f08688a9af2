"""Building a model from its weights: the same bytes every time, or an error and nothing changed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry import weights
from pipeline.registry.build import build
from pipeline.registry.graph import QMAX, Floats, quantize_columns


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    """A model folder with the real source files and no built model."""
    if not (model / "source" / "model.safetensors").is_file():
        pytest.skip("the weights are not here; `make setup` gets them")
    folder = tmp_path / model.name
    (folder / "source").mkdir(parents=True)
    shutil.copy(model / "manifest.yaml", folder)
    for file in (model / "source").iterdir():
        (folder / "source" / file.name).symlink_to(file)
    return folder


def test_building_twice_gives_the_promised_bytes_twice(copy: Path) -> None:
    promised = manifests.read(copy).model.sha256
    for _ in range(2):
        assert build(copy) == promised == weights.sha256_of(copy / "model.onnx")
    assert sorted(path.name for path in copy.iterdir()) == ["manifest.yaml", "model.onnx", "source"]


def refused(folder: Path) -> ModelError:
    """Build where a model stands already, which must then still stand, alone."""
    (folder / "model.onnx").write_bytes(b"the model before")
    with pytest.raises(ModelError) as caught:
        build(folder)
    assert (folder / "model.onnx").read_bytes() == b"the model before"
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.yaml", "model.onnx", "source"]
    return caught.value


def test_a_result_that_differs_from_the_promise_is_not_kept(copy: Path) -> None:
    text = (copy / "manifest.yaml").read_text(encoding="utf-8")
    (copy / "manifest.yaml").write_text(text.replace(manifests.read(copy).model.sha256, "f" * 64), encoding="utf-8")
    assert refused(copy).code == "model_differs"


def test_tampered_weights_are_not_built_from(copy: Path) -> None:
    content = bytearray((copy / "source" / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (copy / "source" / "model.safetensors").unlink()
    (copy / "source" / "model.safetensors").write_bytes(content)
    assert refused(copy).code == "model_tampered"


def test_an_architecture_that_the_graph_does_not_know_is_refused(copy: Path) -> None:
    config = copy / "source" / "config.json"
    described = json.loads(config.read_text(encoding="utf-8")) | {"hidden_act": "relu"}
    before = weights.sha256_of(config)
    config.unlink()
    config.write_text(json.dumps(described), encoding="utf-8")
    text = (copy / "manifest.yaml").read_text(encoding="utf-8")
    (copy / "manifest.yaml").write_text(text.replace(before, weights.sha256_of(config)), encoding="utf-8")
    error = refused(copy)
    assert error.code == "model_architecture"
    assert "hidden_act" in error.message


MATRICES = arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(
    -1000, 1000, width=32
))  # fmt: skip


@settings(deadline=None, derandomize=True)
@given(MATRICES)
def test_columns_are_quantized_as_by_hand(weight: Floats) -> None:
    codes, scale = quantize_columns(weight)
    assert (str(codes.dtype), str(scale.dtype)) == ("int8", "float32")
    assert (codes.shape, scale.shape) == (weight.shape, weight.shape[1:])
    for row, column in np.ndindex(weight.shape):
        largest = max(abs(float(value)) for value in weight[:, column])
        assert float(scale[column]) == pytest.approx(max(largest, 1e-12) / QMAX, rel=1e-6)
        exact = float(weight[row, column]) / float(scale[column])
        assert abs(float(codes[row, column]) - exact) <= 0.5 + 1e-3
        assert abs(int(codes[row, column])) <= QMAX


def test_a_column_of_zeros_stays_zero() -> None:
    codes, scale = quantize_columns(np.array([[0.0, 2.0], [0.0, -4.0]], np.float32))
    np.testing.assert_array_equal(codes, np.array([[0, 64], [0, -127]], np.int8))
    assert np.isfinite(scale).all()

"""Building a model from its weights: the same bytes every time, or an error and nothing changed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry import pinning, weights
from pipeline.registry.build import build


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    """A model folder with the real source files and no built model."""
    if not (model / "source" / "model.safetensors").is_file():
        pytest.skip("the weights are not here; `make setup` gets them")
    folder = tmp_path / model.name
    (folder / "source").mkdir(parents=True)
    shutil.copy(model / "manifest.yaml", folder)
    shutil.copy(model / "ranges.json", folder)
    for file in (model / "source").iterdir():
        (folder / "source" / file.name).symlink_to(file)
    return folder


def test_building_twice_gives_the_promised_bytes_twice(copy: Path) -> None:
    promised = manifests.read(copy).model.sha256
    for _ in range(2):
        assert build(copy) == promised == weights.sha256_of(copy / "model.onnx")
    assert sorted(path.name for path in copy.iterdir()) == ["manifest.yaml", "model.onnx", "ranges.json", "source"]


def test_a_processor_with_fewer_instructions_builds_the_same_bytes(copy: Path) -> None:
    """numpy chooses its loops by what the processor can; sums and powers would differ in the last bit."""
    code = "import sys; from pathlib import Path; from pipeline.registry.build import build; build(Path(sys.argv[1]))"
    reduced = {"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3"}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(copy)], env=os.environ | reduced, check=True)
    assert weights.sha256_of(copy / "model.onnx") == manifests.read(copy).model.sha256


def test_the_float32_reference_is_built_from_the_source_folder_of_its_sibling(copy: Path, model: Path) -> None:
    folder = copy.parent / "all-minilm-l6-v2-fp32"
    folder.mkdir()
    shutil.copy(model.parent / folder.name / "manifest.yaml", folder)
    assert build(folder) == manifests.read(folder).model.sha256


def test_damaged_ranges_are_not_built_from(copy: Path) -> None:
    content = (copy / "ranges.json").read_text(encoding="utf-8")
    (copy / "ranges.json").write_text(content.replace("1", "2", 1), encoding="utf-8")
    assert refused(copy).code == "model_tampered"


def test_ranges_of_another_graph_are_refused_though_their_hash_is_right(copy: Path) -> None:
    ranges = json.loads((copy / "ranges.json").read_text(encoding="utf-8"))
    ranges["linears"]["another"] = ranges["linears"].pop("encoder.layer.0.qkv")
    (copy / "ranges.json").write_text(json.dumps(ranges), encoding="utf-8")
    pinning.pin(copy, "ranges", weights.sha256_of(copy / "ranges.json"))
    assert refused(copy).code == "model_ranges"


def refused(folder: Path) -> ModelError:
    """Build where a model stands already, which must then still stand, alone."""
    (folder / "model.onnx").write_bytes(b"the model before")
    with pytest.raises(ModelError) as caught:
        build(folder)
    assert (folder / "model.onnx").read_bytes() == b"the model before"
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.yaml", "model.onnx", "ranges.json", "source"]
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

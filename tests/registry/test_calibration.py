"""Calibration: the ranges are those of the texts, and everything that is pinned fits together."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import numpy_helper

from pipeline.errors import ModelError
from pipeline.registry import build, calibrate, catalogue, pinning, quantize, weights
from pipeline.registry import manifest as manifests
from pipeline.registry import ranges as ranges_file
from pipeline.registry.ranges import Ranges
from pipeline.registry.runtime import Embedder, session, tokenizer

TEXTS = ["The tenant pays the rent.", "Ferritin, iron and transferrin.", "Zoë Ibarra; Piet de Wit; Oksana Hrytsenko"]


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    """A model folder with the real source files."""
    if not (model / "source" / "model.safetensors").is_file():
        pytest.skip("the weights are not here; `make setup` gets them")
    folder = tmp_path / model.name
    (folder / "source").mkdir(parents=True)
    for name in ("manifest.yaml", "ranges.json"):
        shutil.copy(model / name, folder)
    for file in (model / "source").iterdir():
        (folder / "source" / file.name).symlink_to(file)
    return folder


def calibrated(folder: Path, alpha: float = calibrate.ALPHA) -> Ranges:
    manifest = manifests.read(folder)
    words = tokenizer(weights.verified(folder / "source", manifest.tokenizer))
    return calibrate.calibrate(build.float_graph(folder, manifest), words, TEXTS, alpha)


def test_ranges_are_what_the_texts_reach(copy: Path) -> None:
    """Of one multiplication, computed by hand from the values that the float graph feeds into it."""
    manifest = manifests.read(copy)
    graph = build.float_graph(copy, manifest)
    name = "encoder.layer.3.intermediate.dense"
    linear = next(one for one in quantize.linears(graph) if one.name == name)
    run = session(calibrate._tapped(graph, [linear.node.input[0]]).SerializeToString())
    words = tokenizer(weights.verified(copy / "source", manifest.tokenizer))
    rows = np.concatenate(
        [run.run(None, {"input_ids": np.array([words.encode(text).ids], np.int32)})[0][0] for text in TEXTS]
    ).astype(np.float64)
    weight = next(numpy_helper.to_array(one) for one in graph.graph.initializer if one.name == linear.weight)
    found = calibrated(copy, alpha=0.5).linears[name]
    smooth = np.sqrt(np.abs(rows).max(axis=0) / np.abs(weight).max(axis=1))
    np.testing.assert_allclose(found.smooth, smooth, rtol=1e-3)
    np.testing.assert_allclose(found.mean, rows.mean(axis=0), rtol=2e-3, atol=1e-6)
    smoothed = rows / np.array(found.smooth)
    assert (found.low, found.high) == pytest.approx((smoothed.min(), smoothed.max()), rel=1e-3)


def test_ranges_hold_numbers_and_hashes_and_survive_their_file(copy: Path) -> None:
    found = calibrated(copy)
    content = ranges_file.encode(found)
    assert ranges_file.decode(content) == found
    for text in TEXTS:
        for word in text.split():
            assert json.dumps(word)[1:-1].encode() not in content or len(word) < 6
    assert found.passages == len(TEXTS)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"alpha": "x"}'])
def test_a_file_that_holds_no_ranges_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError) as refused:
        ranges_file.decode(content)
    assert (refused.value.code, refused.value.exit_status) == ("model_ranges", 4)


def test_calibrating_pins_ranges_and_result_so_that_the_model_builds(copy: Path) -> None:
    before = (copy / "manifest.yaml").read_text(encoding="utf-8")
    sha256 = pinning.calibrate(copy, TEXTS)
    manifest = manifests.read(copy)
    assert manifest.model.sha256 == sha256
    assert manifest.ranges is not None
    assert manifest.ranges.sha256 == weights.sha256_of(copy / "ranges.json")
    assert build.build(copy) == sha256
    after = (copy / "manifest.yaml").read_text(encoding="utf-8").splitlines()
    changed = [line for old, line in zip(before.splitlines(), after, strict=True) if old != line]
    assert [line.split(":")[0].strip() for line in changed] == ["sha256", "sha256"], "comments and order stay"
    embedder = Embedder(copy, threads=1)
    assert float(embedder.encode(TEXTS[:1])[0] @ embedder.encode(["The renter pays."])[0]) > 0.5
    embedder.close()


def test_a_model_without_ranges_cannot_be_calibrated(float_model: Path) -> None:
    with pytest.raises(ModelError) as refused:
        pinning.calibrate(float_model, TEXTS)
    assert refused.value.code == "model_precision"


def test_the_shipped_ranges_were_made_from_the_shipped_texts_and_weights(model: Path, copy: Path) -> None:
    shipped = ranges_file.decode((model / "ranges.json").read_bytes())
    texts = catalogue.texts(model.parent, "calibration")
    assert shipped.texts_sha256 == hashlib.sha256("\0".join(texts).encode()).hexdigest()
    assert shipped.passages == len(texts) >= 100
    assert shipped.alpha == calibrate.ALPHA
    graph = build.float_graph(copy, manifests.read(copy))
    assert shipped.graph_sha256 == hashlib.sha256(graph.SerializeToString(deterministic=True)).hexdigest()


def test_no_passage_of_the_evaluation_was_calibrated_with(model: Path) -> None:
    calibration = set(catalogue.texts(model.parent, "calibration"))
    for name in ("evaluation", "names"):
        held_out = catalogue.texts(model.parent, name)
        assert len(held_out) >= 40
        assert not calibration & set(held_out)

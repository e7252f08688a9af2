"""The manifest: what it may say, and that every mistake in it is an error of the model, not of the program."""

import json
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry.manifest import FileEntry

HASH = "0" * 64
GOOD: dict[str, object] = {
    "name": "small", "description": "d", "licence": "Apache-2.0", "architecture": "bert", "precision": "int8-dynamic",
    "dimension": 4, "max_tokens": 16, "vector_scale": 508,
    "model": {"path": "model.onnx", "sha256": HASH},
    "tokenizer": {"path": "tokenizer.json", "sha256": "f" * 64},
    "source": {"package": "p==1", "folder": "p/data", "files": [{"path": "deep/weights", "sha256": HASH}]},
}  # fmt: skip


def written(folder: Path, text: str) -> Path:
    (folder / "manifest.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder has its name."""
    (tmp_path / "small").mkdir()
    return tmp_path / "small"


def test_a_good_manifest_is_read(folder: Path) -> None:
    read = manifests.read(written(folder, json.dumps(GOOD)))  # JSON is YAML
    assert (read.name, read.dimension, read.max_tokens, read.vector_scale) == ("small", 4, 16, 508.0)
    assert read.tokenizer == FileEntry(path="tokenizer.json", sha256="f" * 64)
    assert read.source.files == (FileEntry(path="deep/weights", sha256=HASH),)


def test_the_manifest_of_the_shipped_model_is_read(model: Path) -> None:
    read = manifests.read(model)
    assert (read.name, read.dimension, read.max_tokens) == (model.name, 384, 256)
    assert {entry.path for entry in read.source.files} >= {read.tokenizer.path, "model.safetensors"}


def test_a_model_that_is_not_there_is_named_with_its_folder(folder: Path) -> None:
    with pytest.raises(ModelError, match="There is no model `none`") as caught:
        manifests.read(folder / "none")
    assert (caught.value.code, caught.value.exit_status) == ("model_unknown", 4)
    assert "model.name" in caught.value.advice


@pytest.mark.parametrize(
    "changed",
    [
        {"colour": "blue"},
        {"dimension": 0},
        {"dimension": "384"},
        {"max_tokens": 4},
        {"vector_scale": float("nan")},
        {"vector_scale": 0},
        {"model": {"path": "model.onnx"}},
        {"model": {"path": "model.onnx", "sha256": HASH[1:]}},
        {"model": {"path": "model.onnx", "sha256": "G" * 64}},
        {"model": {"path": "/etc/passwd", "sha256": HASH}},
        {"model": {"path": "../other/model.onnx", "sha256": HASH}},
        {"model": {"path": "a/../../model.onnx", "sha256": HASH}},
        {"tokenizer": {"path": "a/../../t.json", "sha256": HASH}},
        {"source": {"package": "p", "folder": "f", "files": [{"path": "a/../../b", "sha256": HASH}]}},
        {"source": {"package": "p", "folder": "f", "files": [], "extra": 1}},
        {"source": {"package": "p", "folder": "f", "files": [], "beside": "../other"}},
        {"name": "another"},
        {"architecture": "gpt"},
        {"precision": "int4"},
        {"pooling": "weighted"},
        {"reference": "a/b"},
        {"precision": "int8-static"},
        {"ranges": {"path": "ranges.json", "sha256": HASH}},
        {"ranges": {"path": "a/../../r", "sha256": HASH}, "precision": "int8-static"},
    ],
)
def test_a_manifest_that_breaks_its_bounds_is_refused(folder: Path, changed: dict[str, object]) -> None:
    text = json.dumps(GOOD | changed).replace("NaN", ".nan")
    with pytest.raises(ModelError) as caught:
        manifests.read(written(folder, text))
    assert caught.value.code == "model_manifest"


def test_a_shared_source_folder_is_the_sibling_s(folder: Path) -> None:
    source = {"package": "p", "files": [], "beside": "big"}
    text = json.dumps(GOOD | {"source": source})
    assert manifests.source_folder(folder, manifests.read(written(folder, text))) == folder.parent / "big" / "source"
    assert manifests.source_folder(folder, manifests.read(written(folder, json.dumps(GOOD)))) == folder / "source"


@pytest.mark.parametrize("name", GOOD)
def test_no_entry_may_be_missing(folder: Path, name: str) -> None:
    text = json.dumps({key: value for key, value in GOOD.items() if key != name})
    with pytest.raises(ModelError, match=f"missing required field `{name}`"):
        manifests.read(written(folder, text))


@pytest.mark.parametrize("text", ["", "- a", "a: [", "a: 1\na: 2", "!!python/name:os.system", "[" * 1000])
def test_a_file_that_is_no_manifest_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(ModelError) as caught:
        manifests.read(written(folder, text))
    assert caught.value.code == "model_manifest"

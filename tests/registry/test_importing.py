"""Importing a directory: two models whose vectors are the published weights', or an error and nothing changed."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, ModelError, UsageError
from pipeline.registry import build, calibrate, catalogue, variants, weights
from pipeline.registry import manifest as manifests
from pipeline.registry.importing import Imported, import_model
from pipeline.registry.ranges import Ranges
from pipeline.registry.runtime import Embedder
from tests.conftest import MODELS
from tests.registry import directories
from tests.registry.test_accuracy import Reference

TEXTS = ("", "rent", "The tenant pays the rent.", "who " * 60)


def quietly(_line: str) -> None:
    """Progress that nobody looks at."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder of models."""
    return directories.root(tmp_path / "models")


@pytest.fixture
def imported(root: Path, tmp_path: Path) -> Imported:
    """The models of a tiny BERT."""
    return import_model(directories.bert(tmp_path / "Tiny Model"), root, None, say=quietly)


def vectors(folder: Path, *, as_query: bool = False) -> np.ndarray:
    embedder = Embedder(folder, threads=1)
    try:
        return embedder.encode(TEXTS, as_query=as_query)
    finally:
        embedder.close()


@pytest.mark.parametrize("as_query", [False, True])
def test_the_vectors_are_those_of_the_weights(root: Path, imported: Imported, as_query: bool) -> None:
    source = root / "tiny-model-int8" / "source"
    reference, tokenizer = Reference(source), directories.tokenizer()
    tokenizer.enable_truncation(32)
    prompt = "who " if as_query else "the "
    expected = np.stack([reference.encode(tokenizer.encode(prompt + text).ids) for text in TEXTS])
    assert ((vectors(root / "tiny-model-fp32", as_query=as_query) * expected).sum(axis=1) > 0.999999).all()
    assert (
        (vectors(root / "tiny-model-int8", as_query=as_query) * expected).sum(axis=1) > 0.95
    ).all()  # random weights bear less


def test_the_manifests_promise_every_file_and_can_be_kept(root: Path, imported: Imported) -> None:
    assert imported.names == ("tiny-model-int8", "tiny-model-fp32")
    for installed in catalogue.installed(root):
        folder, manifest = installed.folder, installed.manifest
        assert (manifest.architecture, manifest.dimension, manifest.max_tokens) == ("bert", 32, 32)
        assert (manifest.licence, manifest.query_prompt, manifest.document_prompt) == ("mit", "who ", "the ")
        build.verify(folder, manifest)
        before = directories.everything(folder)
        assert build.build(folder) == manifest.model.sha256 == weights.sha256_of(folder / "model.onnx")
        assert directories.everything(folder) == before
    int8, float32 = catalogue.installed(root)[1].manifest, catalogue.installed(root)[0].manifest
    assert (int8.precision, int8.reference, int8.source.beside) == ("int8-static", "tiny-model-fp32", None)
    assert (float32.precision, float32.reference, float32.source.beside) == ("float32", None, "tiny-model-int8")
    listed = {entry.path for entry in int8.source.files}
    assert listed == set(directories.everything(root / "tiny-model-int8" / "source"))
    assert sorted(path.name for path in root.iterdir()) == ["texts", "tiny-model-fp32", "tiny-model-int8"]


def test_no_component_of_a_calibration_passage_is_clipped_when_stored(root: Path, imported: Imported) -> None:
    embedder = Embedder(root / "tiny-model-fp32", threads=1)
    found = np.abs(embedder.encode(catalogue.texts(root, "calibration"))).max()
    embedder.close()
    scale = embedder.manifest.vector_scale
    assert found * scale < 127


@pytest.mark.parametrize("pooling", ["cls", "max"])
def test_pooling_is_taken_over(root: Path, tmp_path: Path, pooling: str) -> None:
    folder = directories.bert(tmp_path / pooling, directories.settings(pooling))
    import_model(folder, root, None, say=quietly)
    assert manifests.read(root / f"{pooling}-int8").pooling == pooling


def test_a_flipped_bit_in_the_source_is_found_before_anything_is_built(root: Path, imported: Imported) -> None:
    file = root / "tiny-model-int8" / "source" / "1_Pooling" / "config.json"
    content = bytearray(file.read_bytes())
    content[10] ^= 1
    file.write_bytes(content)
    for name in imported.names:
        with pytest.raises(ModelError) as caught:
            build.build(root / name)
        assert caught.value.code == "model_tampered"


def test_a_taken_name_is_refused_unless_it_is_to_be_replaced(root: Path, imported: Imported, tmp_path: Path) -> None:
    other = directories.bert(tmp_path / "other", seed=1)
    before = directories.everything(root)
    with pytest.raises(UsageError) as caught:
        import_model(other, root, "tiny-model", say=quietly)
    assert caught.value.code == "model_exists"
    assert directories.everything(root) == before
    import_model(other, root, "tiny-model", replace=True, say=quietly)
    after = directories.everything(root)
    assert after["tiny-model-fp32/model.onnx"] != before["tiny-model-fp32/model.onnx"]
    assert not list(root.glob(".*"))
    assert build.is_built(root / "tiny-model-int8", manifests.read(root / "tiny-model-int8"))


def test_a_model_that_was_not_imported_is_never_replaced(root: Path, tmp_path: Path) -> None:
    (root / "all-minilm-l6-v2-int8").symlink_to(MODELS / "all-minilm-l6-v2-int8")
    with pytest.raises(UsageError, match="not imported"):
        import_model(directories.bert(tmp_path / "x"), root, "all-minilm-l6-v2", replace=True, say=quietly)


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "x" * 60, "x\n", "-x"])
def test_a_name_that_is_none_is_refused(root: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        import_model(directories.bert(tmp_path / "x"), root, name, say=quietly)
    assert caught.value.code == "model_name"


@pytest.mark.parametrize("step", ["make", "second rename"])
def test_a_failure_leaves_nothing_behind_and_what_was_there_as_it_was(
    root: Path, imported: Imported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = directories.everything(root)
    if step == "make":
        monkeypatch.setattr(variants, "_encoded", lambda *_texts, **_options: exec("raise OSError(28, 'full')"))
    else:
        rename = Path.rename

        def fail(self: Path, target: Path) -> Path:
            if self == root / ".importing-tiny-model" / "tiny-model-fp32":
                raise OSError(28, "No space left on device")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ModelError) as caught:
        import_model(directories.bert(tmp_path / "y", seed=1), root, "tiny-model", replace=True, say=quietly)
    assert caught.value.code == "import_unwritable"
    monkeypatch.undo()
    assert directories.everything(root) == before
    assert not list(root.glob(".*"))


def test_what_a_killed_import_left_is_cleared_away(root: Path, tmp_path: Path) -> None:
    (root / ".importing-x" / "x-int8").mkdir(parents=True)
    (root / ".importing-x" / "x-int8" / "model.onnx").write_bytes(b"half")
    import_model(directories.bert(tmp_path / "x"), root, None, say=quietly)
    assert not list(root.glob(".*"))


def test_a_replacement_that_was_killed_is_undone_by_the_next_import(
    root: Path, imported: Imported, tmp_path: Path
) -> None:
    before = directories.everything(root)
    (root / ".replaced-tiny-model").mkdir()
    (root / "tiny-model-int8").rename(root / ".replaced-tiny-model" / "tiny-model-int8")
    (root / "tiny-model-int8").mkdir()
    (root / "tiny-model-int8" / "manifest.yaml").write_text("the new one", encoding="utf-8")
    with pytest.raises(UsageError):
        import_model(directories.bert(tmp_path / "y"), root, "tiny-model", say=quietly)
    assert directories.everything(root) == before


def test_ranges_that_lose_more_than_none_are_not_used(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = calibrate.calibrate

    def narrow(*given: object) -> Ranges:
        ranges = original(*given)  # type: ignore[arg-type]
        cut = {
            name: type(one)(low=one.low / 50, high=one.high / 50, smooth=one.smooth, mean=one.mean)
            for name, one in ranges.linears.items()
        }
        return Ranges(
            graph_sha256=ranges.graph_sha256, texts_sha256=ranges.texts_sha256, passages=1, alpha=0.5, linears=cut
        )

    monkeypatch.setattr(calibrate, "calibrate", narrow)
    made = import_model(directories.bert(tmp_path / "x"), root, None, say=quietly)
    monkeypatch.undo()
    assert made.variants.static.mean < made.variants.dynamic.mean
    manifest = manifests.read(root / "x-int8")
    assert (manifest.precision, manifest.ranges) == ("int8-dynamic", None)
    assert not (root / "x-int8" / "ranges.json").exists()
    assert build.build(root / "x-int8") == manifest.model.sha256
    assert any("ranges" in note for note in made.notes)


def test_nothing_in_the_directory_is_executed(root: Path, tmp_path: Path) -> None:
    folder = directories.bert(tmp_path / "x")
    for name in ("__init__.py", "modeling.py", "sitecustomize.py", "tokenizers.py"):
        (folder / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    code = "import sys; from pathlib import Path; from pipeline.registry.importing import import_model as i; "
    run = f"{code}i(Path('.'), Path(sys.argv[1]), 'x')"
    environment = os.environ | {"PYTHONSAFEPATH": "1"}
    subprocess.run([sys.executable, "-c", run, str(root)], cwd=folder, env=environment, check=True, capture_output=True)
    assert not (tmp_path / "ran").exists()
    assert not [file for file in (root / "x-int8" / "source").iterdir() if file.suffix == ".py"]


def test_the_command_tells_figures_and_what_comes_next(root: Path, tmp_path: Path) -> None:
    directories.bert(tmp_path / "tiny")
    (tmp_path / "config.yaml").write_text("model: {path: models}\n", encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipeline", "models", "import", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=300)

    ran = run("tiny", "--json")
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert answer["names"] == ["tiny-int8", "tiny-fp32"]
    assert (answer["precision"], answer["licence"]) == ("int8-static", "mit")
    assert 0.99 < answer["cosine_p1"] <= answer["cosine_mean"] <= 1.0001
    again = run("tiny")
    assert (again.returncode, again.stdout) == (2, "")
    assert "--replace" in again.stderr
    (tmp_path / "tiny" / "model.safetensors").unlink()
    (tmp_path / "tiny" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    refused = run("tiny", "--replace")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert "import_pickle" in refused.stderr
    assert run("tiny/none").returncode == 4


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="this environment has the extra")
def test_an_encoder_that_needs_the_extra_says_how_to_get_it(root: Path, tmp_path: Path) -> None:
    """In the environment that reads documents there is no torch."""
    folder = directories.bert(tmp_path / "x", {"config.json": directories.config() | {"hidden_act": "relu"}})
    with pytest.raises(ConfigError, match="make setup-models") as caught:
        import_model(folder, root, None, say=quietly)
    assert caught.value.code == "extra_missing"
    assert [path.name for path in root.iterdir()] == ["texts"]

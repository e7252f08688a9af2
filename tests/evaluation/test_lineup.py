"""Which models are compared; manifests are invented copies of the real one."""

from pathlib import Path

import pytest

from pipeline.errors import ModelError, UsageError
from pipeline.evaluation import lineup
from pipeline.registry import build, catalogue
from pipeline.registry.catalogue import Installed
from tests.evaluation.conftest import FLOAT, INT8, MODELS


def install(root: Path, name: str, like: str = INT8, *changes: tuple[str, str]) -> Installed:
    """A model with the manifest of another one, and a model file that is not looked at."""
    folder = root / name
    folder.mkdir()
    text = (MODELS / like / "manifest.yaml").read_text(encoding="utf-8").replace(f"name: {like}", f"name: {name}", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "manifest.yaml").write_text(text, encoding="utf-8")
    (folder / "model.onnx").write_bytes(b"invented")
    return catalogue.find(root, name)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A float32 model, its INT8 form, one of other weights; all count as built."""
    monkeypatch.setattr(build, "is_built", lambda folder, manifest: (folder / manifest.model.path).is_file())
    install(tmp_path, FLOAT, FLOAT)
    install(tmp_path, INT8)
    weights = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    install(tmp_path, "stranger", FLOAT, (weights, "a" * 64))
    return tmp_path


def names(found: lineup.Lineup) -> list[str]:
    return [one.manifest.name for one in found.models]


def test_the_active_model_meets_its_reference_and_its_built_kin(models: Path) -> None:
    install(models, "another-int8", INT8)
    (install(models, "unbuilt-int8", INT8).folder / "model.onnx").unlink()
    found = lineup.choose(models, [], catalogue.find(models, INT8))
    assert names(found) == [FLOAT, INT8, "another-int8"]
    assert found.subject.manifest.name == INT8
    assert found.reference is not None
    assert found.reference.manifest.name == FLOAT


def test_models_of_the_same_weights_are_kin_whatever_they_name(models: Path) -> None:
    install(models, "orphan-int8", INT8, ("reference: all-minilm-l6-v2-fp32\n", ""))
    assert "orphan-int8" in names(lineup.choose(models, [], catalogue.find(models, INT8)))


def test_a_float32_model_is_its_own_reference(models: Path) -> None:
    found = lineup.choose(models, [], catalogue.find(models, FLOAT))
    assert (found.reference, names(found)) == (found.subject, [FLOAT, INT8])


def test_a_model_without_a_reference_stands_alone(models: Path) -> None:
    install(models, "orphan-int8", INT8, ("reference: all-minilm-l6-v2-fp32\n", ""))
    found = lineup.choose(models, ["orphan-int8"], catalogue.find(models, FLOAT))
    assert (found.reference, names(found)) == (None, ["orphan-int8"])


def test_named_models_are_compared_and_no_others(models: Path) -> None:
    install(models, "another-int8", INT8)
    found = lineup.choose(models, ["another-int8"], catalogue.find(models, INT8))
    assert (found.subject.manifest.name, names(found)) == ("another-int8", [FLOAT, "another-int8"])
    assert names(lineup.choose(models, [INT8, INT8, FLOAT], found.subject)) == [FLOAT, INT8]


def test_models_of_other_weights_are_not_compared(models: Path) -> None:
    with pytest.raises(UsageError) as caught:
        lineup.choose(models, [INT8, "stranger"], catalogue.find(models, INT8))
    assert caught.value.code == "models_unrelated"


def test_unknown_and_outside_names_are_refused(models: Path) -> None:
    for name in ("absent", "../elsewhere"):
        with pytest.raises(ModelError) as caught:
            lineup.choose(models, [name], catalogue.find(models, INT8))
        assert caught.value.code == "model_unknown"


def test_a_reference_that_is_none_is_refused(models: Path) -> None:
    for number, name in enumerate((f"second-{INT8}", "stranger-wide")):
        install(models, name, INT8) if number == 0 else install(
            models, name, FLOAT, ("dimension: 384", "dimension: 385")
        )
        bad = install(models, f"bad-{number}", INT8, (f"reference: {FLOAT}", f"reference: {name}"))
        with pytest.raises(ModelError) as caught:
            lineup.reference_of(models, bad)
        assert caught.value.code == "reference_unusable"


def test_a_reference_that_cannot_be_built_is_told_with_the_command(models: Path) -> None:
    (models / FLOAT / "model.onnx").unlink()
    with pytest.raises(ModelError) as caught:
        lineup.reference_of(models, catalogue.find(models, INT8))
    assert (caught.value.code, caught.value.exit_status) == ("reference_missing", 4)
    assert f"pipeline models build {FLOAT}" in caught.value.advice


def test_a_reference_that_is_not_built_is_built(models: Path) -> None:
    if not (MODELS / INT8 / "source" / "model.safetensors").is_file():
        pytest.skip("the weights are not here; `make setup` gets them")
    (models / INT8 / "source").symlink_to(MODELS / INT8 / "source", target_is_directory=True)
    file = models / FLOAT / "model.onnx"
    file.unlink()
    found = lineup.reference_of(models, catalogue.find(models, INT8))
    assert found is not None
    build.verify(found.folder, found.manifest)

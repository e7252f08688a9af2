"""The gate on the real models: who passes, who is refused, and with which words."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from pipeline.config import GateConfig
from pipeline.errors import ModelError
from pipeline.evaluation import gate
from pipeline.evaluation.measuring import Compared
from pipeline.evaluation.report import GateResult
from pipeline.registry import catalogue
from pipeline.registry.manifest import Manifest
from tests.evaluation.conftest import FLOAT, INT8, MODELS, write_texts

OPEN = GateConfig(cosine_mean=0, cosine_p1=0, names_cosine_mean=0, overlap_at_10=0)


def test_every_bound_is_measured_on_the_built_in_texts(root: Path) -> None:
    found = gate.measure(root, catalogue.find(root, INT8), GateConfig())
    assert [one.name for one in found] == ["cosine_mean", "cosine_p1", "names_cosine_mean", "overlap_at_10"]
    assert [one.bound for one in found] == [0.997, 0.993, 0.99, 0.93]
    assert {one.model for one in found} == {INT8}
    assert all(0.9 < one.measured < 1 for one in found[:3])
    assert found[3].measured > 0.5
    assert found == gate.measure(root, catalogue.find(root, INT8), GateConfig(), threads=1), "the figures are exact"


def test_the_shipped_int8_model_passes_the_shipped_gate() -> None:
    if not (MODELS / INT8 / "model.onnx").is_file() or not (MODELS / FLOAT / "model.onnx").is_file():
        pytest.skip("the models are not built")
    found = gate.measure(MODELS, catalogue.find(MODELS, INT8), GateConfig())
    gate.refuse(found)
    assert [one.name for one in found if one.passed] == [
        "cosine_mean", "cosine_p1", "names_cosine_mean", "overlap_at_10",
    ]  # fmt: skip


def test_a_float32_model_passes_by_definition(root: Path) -> None:
    assert gate.measure(root, catalogue.find(root, FLOAT), GateConfig()) == ()
    gate.refuse(())


def test_a_model_below_a_bound_is_refused_with_the_figures(root: Path) -> None:
    found = gate.measure(root, catalogue.find(root, INT8), GateConfig(cosine_mean=1.0))
    with pytest.raises(ModelError) as caught:
        gate.refuse(found)
    assert (caught.value.code, caught.value.exit_status) == ("gate_refused", 4)
    assert f"cosine_mean is {found[0].measured:.5f}, below 1" in caught.value.message
    assert INT8 in caught.value.message
    assert "names_cosine_mean" not in caught.value.message


def test_a_figure_that_is_no_number_is_refused() -> None:
    with pytest.raises(ModelError, match="nan"):
        gate.refuse([GateResult("m", "cosine_mean", float("nan"), 0.5)])


def test_a_bound_that_is_just_reached_is_reached() -> None:
    reached = GateResult("m", "cosine_mean", 0.997, 0.997)
    assert reached.passed
    gate.refuse([reached])


def test_what_could_not_be_measured_has_no_result() -> None:
    assert gate.results("m", Compared(None, None, None), OPEN) == ()


def test_without_its_reference_a_model_is_not_activated_unseen(root: Path, tmp_path: Path) -> None:
    write_texts(tmp_path)
    (tmp_path / INT8).symlink_to(root / INT8, target_is_directory=True)
    alone = catalogue.find(tmp_path, INT8)
    nameless = replace(alone, manifest=_without_reference(alone))
    for model in (alone, nameless):
        with pytest.raises(ModelError) as caught:
            gate.measure(tmp_path, model, OPEN)
        assert (caught.value.code, caught.value.exit_status) == ("gate_unmeasured", 4)
        assert INT8 in caught.value.message
        assert caught.value.advice


def _without_reference(model: catalogue.Installed) -> Manifest:
    return msgspec.structs.replace(model.manifest, reference=None)

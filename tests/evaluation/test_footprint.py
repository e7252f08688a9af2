"""What loading costs, measured in real processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.evaluation import footprint, trial
from pipeline.registry import catalogue
from tests.evaluation.conftest import FLOAT, INT8


def test_a_model_is_loaded_in_a_process_of_its_own(root: Path) -> None:
    small, large = (footprint.footprint(catalogue.find(root, name)) for name in (INT8, FLOAT))
    assert small.file_bytes == (root / INT8 / "model.onnx").stat().st_size
    assert 0 < small.load_ms < small.first_vector_ms
    if sys.platform.startswith("linux"):
        assert 20e6 < small.resident_bytes < large.resident_bytes
        assert large.resident_bytes > large.file_bytes


def test_a_model_that_does_not_load_is_refused(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / INT8
    folder.mkdir()
    for name in ("manifest.yaml", "ranges.json"):
        (folder / name).write_bytes((root / INT8 / name).read_bytes())
    (folder / "model.onnx").write_bytes(b"rubbish")
    with pytest.raises(ModelError) as caught:
        footprint.footprint(catalogue.find(tmp_path, INT8))
    assert caught.value.code == "model_unloadable"


def test_the_process_inherits_nothing_private(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, object]] = []
    real = subprocess.Popen

    def spy(arguments: list[str], **settings: object) -> "subprocess.Popen[bytes]":
        seen.append({"arguments": arguments} | settings)
        return real(arguments, **settings)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setenv("SECRET_TOKEN", "private")
    monkeypatch.setenv("HF_HOME", "private")
    monkeypatch.setattr(footprint, "TRIALS", 1)
    monkeypatch.setattr("pipeline.evaluation.footprint.subprocess.Popen", spy)
    footprint.footprint(catalogue.find(root, INT8))
    (one,) = seen
    assert one["arguments"] == [sys.executable, "-m", "pipeline.evaluation.trial", str(root / INT8)]
    assert one["stdin"] == one["stderr"] == subprocess.DEVNULL
    assert "private" not in str(one["env"])
    assert one["cwd"] == Path(sys.executable).anchor


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="VmHWM is Linux's")
def test_the_peak_is_of_this_process_not_of_the_one_that_forked_it() -> None:
    ballast = bytearray(os.urandom(1) * (200 << 20))  # pages of the parent, resident as it forks
    code = "from pipeline.evaluation.trial import peak_resident_bytes as peak; print(peak())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(ballast) < trial.peak_resident_bytes()
    assert 1 << 20 < int(ran.stdout) < len(ballast)

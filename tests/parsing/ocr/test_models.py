"""The files of RapidOCR's models are those that were published, or they are not used."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.parsing.ocr import models
from tests.isolation.conftest import ROOT

CONTENTS = {models.DETECTOR: b"finds", models.RECOGNISER: b"reads"}


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
    monkeypatch.setattr(models, "HASHES", hashes)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An unpacked package, with code that is of no interest."""
    unpacked = tmp_path / "package"
    licences = unpacked / "rapidocr-3.10.0.dist-info" / "licenses"
    (unpacked / "rapidocr" / "models").mkdir(parents=True)
    licences.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (unpacked / "rapidocr" / "models" / name).write_bytes(content)
    (unpacked / "rapidocr" / "__init__.py").write_text("raise SystemExit('it was run')", encoding="utf-8")
    (licences / "LICENSE").write_text("licence", encoding="utf-8")
    return unpacked


def test_models_and_licences_are_taken_and_nothing_else(package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "rapidocr"
    assert not models.are_there(folder)
    models.take(package, folder)
    assert models.are_there(folder)
    assert {name: models.verified(folder, name) for name in CONTENTS} == CONTENTS
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {*CONTENTS, "source/LICENSE"}


def test_a_file_that_differs_is_not_taken(package: Path, tmp_path: Path) -> None:
    (package / "rapidocr" / "models" / models.RECOGNISER).write_bytes(b"other")
    with pytest.raises(OSError, match="not the file that was published"):
        models.take(package, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_file_that_was_changed_since_is_not_loaded(package: Path, tmp_path: Path) -> None:
    models.take(package, tmp_path)
    (tmp_path / models.DETECTOR).write_bytes(b"changed")
    with pytest.raises(OSError, match="not the file that was published"):
        models.verified(tmp_path, models.DETECTOR)


def test_set_up_says_when_the_package_is_another() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pipeline.parsing.ocr.models", "nowhere", "nowhere"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode != 0
    assert not (ROOT / "nowhere").exists()

"""Which engine is found, told from files alone, and what there is to do where one or a language is missing."""

from pathlib import Path
from typing import Literal

import pytest

from pipeline.config import Config, ModelConfig, OcrConfig
from pipeline.parsing.ocr import models
from pipeline.parsing.ocr.engines import Engine, Found, find

Chosen = Literal["auto", "tesseract", "rapidocr", "off"]
LIBRARY = "usr/lib/x86_64-linux-gnu/libtesseract.so.5"
MODELS = "usr/share/tesseract-ocr/5/tessdata"
CONTENT = b"\x7fELF\0some text 1.2.3 \0" + b"5.3.0" + b"\0more\0"


def put(root: Path, name: str, content: bytes = CONTENT) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def found(root: Path, *languages: str, engine: Chosen = "auto", **environment: str) -> Found:
    settings = OcrConfig(engine=engine, languages=languages or ("eng",))
    return find(Config(ocr=settings, model=ModelConfig(path=str(root / "models"))), environment, root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with tesseract and two of its languages."""
    put(tmp_path, LIBRARY)
    for language in ("eng", "deu", "osd"):
        put(tmp_path, f"{MODELS}/{language}.traineddata")
    return tmp_path


def test_the_engine_and_the_languages_that_are_asked_for(root: Path) -> None:
    engine = Engine(name="tesseract", library=str(root / LIBRARY), models=str(root / MODELS), languages=("deu", "eng"))
    assert found(root, "deu", "eng") == Found(engine=engine, finding="tesseract 5.3.0, languages: deu, eng")


def test_a_missing_language_is_told_and_the_others_serve(root: Path) -> None:
    result = found(root, "eng", "chi_sim", "fra")
    assert result.engine is not None and result.engine.languages == ("eng",)
    assert result.finding == "tesseract 5.3.0, languages: eng; no models for chi_sim, fra"
    assert "apt install tesseract-ocr-chi-sim tesseract-ocr-fra" in result.advice


def test_without_any_of_its_languages_it_is_of_no_use(root: Path) -> None:
    result = found(root, "fra")
    assert (result.engine, result.finding) == (None, "tesseract 5.3.0, without models for fra")
    assert "apt install tesseract-ocr-fra" in result.advice


def test_where_none_is_installed_it_says_how(tmp_path: Path) -> None:
    result = found(tmp_path)
    assert result.engine is None
    assert "not installed" in result.finding
    assert "apt install tesseract-ocr" in result.advice


class TestRapidOcr:
    """The other engine, whose models set-up fetches."""

    @pytest.fixture(autouse=True)
    def set_up(self, tmp_path: Path) -> None:
        for name in models.HASHES:
            put(tmp_path, f"models/rapidocr/{name}")

    def engine(self, root: Path, *languages: str) -> Engine:
        return Engine(name="rapidocr", models=str(root / "models" / "rapidocr"), languages=languages)

    def test_it_serves_where_tesseract_is_not_installed(self, tmp_path: Path) -> None:
        result = found(tmp_path, "eng", "deu")
        assert result == Found(engine=self.engine(tmp_path, "eng", "deu"), finding="rapidocr, languages: eng, deu")

    def test_it_serves_where_tesseract_has_none_of_the_languages(self, root: Path) -> None:
        assert found(root, "fra").engine == self.engine(root, "fra")

    def test_else_tesseract_comes_first(self, root: Path) -> None:
        chosen = found(root, "eng").engine
        assert chosen is not None and chosen.name == "tesseract"

    def test_unless_it_is_asked_for(self, root: Path) -> None:
        assert found(root, "eng", engine="rapidocr").engine == self.engine(root, "eng")

    def test_nobody_gets_it_who_asks_for_tesseract(self, tmp_path: Path) -> None:
        assert found(tmp_path, engine="tesseract").engine is None

    def test_a_language_that_it_does_not_know_is_told(self, tmp_path: Path) -> None:
        result = found(tmp_path, "eng", "rus")
        assert (result.engine, result.finding) == (
            self.engine(tmp_path, "eng"),
            "rapidocr, languages: eng; it does not know rus",
        )
        assert result.advice
        result = found(tmp_path, "rus", engine="rapidocr")
        assert (result.engine, result.finding) == (None, "rapidocr, which does not know rus")

    @pytest.mark.parametrize("name", list(models.HASHES))
    def test_both_of_its_models_are_needed(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "models" / "rapidocr" / name).unlink()
        result = found(tmp_path, engine="rapidocr")
        assert (result.engine, result.finding) == (None, "rapidocr is not set up; scans are not read")
        assert "make setup-ocr" in result.advice
        assert found(tmp_path).finding == "tesseract is not installed; scans are not read"


def test_off_is_off_and_nothing_is_wrong(root: Path) -> None:
    assert found(root, engine="off") == Found(engine=None, finding="switched off (ocr.engine: off)")


@pytest.mark.parametrize(
    "library",
    ["usr/lib/aarch64-linux-gnu/libtesseract.so.5", "usr/lib64/libtesseract.so.5", "usr/local/lib/libtesseract.so.4"],
)
def test_other_systems_have_it_in_other_places(tmp_path: Path, library: str) -> None:
    put(tmp_path, library)
    put(tmp_path, "usr/share/tessdata/eng.traineddata")
    result = found(tmp_path)
    assert result.engine is not None
    assert (result.engine.library, result.engine.models) == (
        str(tmp_path / library),
        str(tmp_path / "usr/share/tessdata"),
    )


def test_a_folder_of_models_that_the_user_names_comes_first(root: Path, tmp_path: Path) -> None:
    own = put(tmp_path, "own/eng.traineddata").parent
    result = found(root, TESSDATA_PREFIX=str(own))
    assert result.engine is not None and result.engine.models == str(own)
    put(tmp_path, "other/tessdata/eng.traineddata")
    result = found(root, TESSDATA_PREFIX=str(tmp_path / "other"))
    assert result.engine is not None and result.engine.models == str(tmp_path / "other" / "tessdata")


def test_the_folder_with_most_of_the_languages_is_taken(root: Path) -> None:
    put(root, "usr/share/tesseract-ocr/4.00/tessdata/fra.traineddata")
    put(root, "usr/share/tesseract-ocr/4.00/tessdata/eng.traineddata")
    result = found(root, "eng", "fra")
    assert result.engine is not None and result.engine.models.endswith("4.00/tessdata")
    result = found(root, "eng", "deu")
    assert result.engine is not None and result.engine.models.endswith("5/tessdata")


@pytest.mark.parametrize("content", [b"", b"no version", b"\0" + b"5.3.0" + b"\0\0" + b"5.4.1" + b"\0"])
def test_a_library_that_names_no_version_has_none(root: Path, content: bytes) -> None:
    put(root, LIBRARY, content)
    assert found(root).finding == "tesseract, languages: eng"

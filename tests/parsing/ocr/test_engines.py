"""Which engine is found, told from files alone, and what there is to do where one or a language is missing."""

from pathlib import Path

import pytest

from pipeline.config import Config, OcrConfig
from pipeline.parsing.ocr.engines import Engine, Found, find

LIBRARY = "usr/lib/x86_64-linux-gnu/libtesseract.so.5"
MODELS = "usr/share/tesseract-ocr/5/tessdata"
CONTENT = b"\x7fELF\0some text 1.2.3 \0" + b"5.3.0" + b"\0more\0"


def put(root: Path, name: str, content: bytes = CONTENT) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def found(root: Path, *languages: str, engine: str = "auto", **environment: str) -> Found:
    settings = OcrConfig(engine=engine, languages=languages or ("eng",))  # type: ignore[arg-type]
    return find(Config(ocr=settings), environment, root)


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

"""Which engines of text recognition are installed, told from their files alone: no library is loaded here."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.config import Config, OcrConfig
from pipeline.parsing.ocr import models

_LIBRARIES = ("libtesseract.so.5", "libtesseract.so.4", "libtesseract.5.dylib", "libtesseract-5.dll")
# Where distributions, Homebrew and the installer for Windows put them; some in a folder named for the processor.
_WINDOWS = "C:/Program Files/Tesseract-OCR"
_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/lib", "/usr/local/lib", "/opt/homebrew/lib", _WINDOWS)
_MODEL_FOLDERS = ("/usr/share/tesseract-ocr", "/usr/share", "/usr/local/share", "/opt/homebrew/share", _WINDOWS)
_MODELS, _MODEL = "tessdata", ".traineddata"
_MODELS_VARIABLE = "TESSDATA_PREFIX"  # where a user says that the models lie, as tesseract itself knows it
_VERSION = re.compile(rb"\0(\d\.\d{1,2}\.\d{1,2})\0")
_LARGEST_LIBRARY_BYTES = 100 << 20


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """An engine that can be started. `languages` are those of the configuration that it has models for."""

    name: Literal["tesseract", "rapidocr"]
    library: str = ""
    models: str
    languages: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the search for an engine. `finding` says it in words; `advice` is empty where all is well."""

    engine: Engine | None
    finding: str
    advice: str = ""


def find(config: Config, environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Found:
    """The engine that the configuration asks for. `root` is where the system's folders lie."""
    wanted = config.ocr
    if wanted.engine == "off":
        return Found(engine=None, finding="switched off (ocr.engine: off)")
    if wanted.engine == "rapidocr":
        return _rapidocr(wanted, config.models_path / models.FOLDER)
    found = _tesseract(wanted, environment, root)
    if found.engine is None and wanted.engine == "auto" and models.are_there(config.models_path / models.FOLDER):
        return _rapidocr(wanted, config.models_path / models.FOLDER)
    return found


def _rapidocr(config: OcrConfig, folder: Path) -> Found:
    if not models.are_there(folder):
        advice = "Set it up by `make setup-ocr`, or set ocr.engine: off."
        return Found(engine=None, finding="rapidocr is not set up; scans are not read", advice=advice)
    languages = tuple(one for one in config.languages if one in models.LANGUAGES)
    missing = [one for one in config.languages if one not in languages]
    advice = "Change ocr.languages, or install tesseract, which knows more." if missing else ""
    if not languages:
        return Found(engine=None, finding=f"rapidocr, which does not know {', '.join(missing)}", advice=advice)
    lacking = f"; it does not know {', '.join(missing)}" if missing else ""
    engine = Engine(name="rapidocr", models=str(folder.absolute()), languages=languages)
    return Found(engine=engine, finding=f"rapidocr, languages: {', '.join(languages)}{lacking}", advice=advice)


def _tesseract(config: OcrConfig, environment: Mapping[str, str], root: Path) -> Found:
    library = next(_libraries(root), None)
    if library is None:
        advice = (
            "Install tesseract, such as by `apt install tesseract-ocr`, or set up rapidocr by `make setup-ocr`, "
            "or set ocr.engine: off."
        )
        return Found(engine=None, finding="tesseract is not installed; scans are not read", advice=advice)
    name = f"tesseract {_version(library)}".strip()
    folders = list(_model_folders(environment, root))
    found = {folder: [one for one in config.languages if (folder / f"{one}{_MODEL}").is_file()] for folder in folders}
    folder = max(folders, key=lambda one: len(found[one]), default=None)
    languages = [] if folder is None else found[folder]
    missing = [one for one in config.languages if one not in languages]
    packages = " ".join(f"tesseract-ocr-{one.lower().replace('_', '-')}" for one in missing)
    advice = f"Install them, such as by `apt install {packages}`, or change ocr.languages." if missing else ""
    if folder is None or not languages:
        return Found(engine=None, finding=f"{name}, without models for {', '.join(missing)}", advice=advice)
    lacking = f"; no models for {', '.join(missing)}" if missing else ""
    engine = Engine(name="tesseract", library=str(library), models=str(folder.absolute()), languages=tuple(languages))
    return Found(engine=engine, finding=f"{name}, languages: {', '.join(languages)}{lacking}", advice=advice)


def _libraries(root: Path) -> Iterator[Path]:
    for folder in (root / one.removeprefix("/") for one in _LIBRARY_FOLDERS):
        for name in _LIBRARIES:
            for path in (folder / name, *sorted(folder.glob(f"*-linux-*/{name}"))):
                if path.is_file():
                    yield path


def _model_folders(environment: Mapping[str, str], root: Path) -> Iterator[Path]:
    """Folders that may hold models, in the order in which they are to be looked at; newer versions first."""
    if named := environment.get(_MODELS_VARIABLE):
        yield from (Path(named), Path(named) / _MODELS)
    for folder in (root / one.removeprefix("/") for one in _MODEL_FOLDERS):
        yield from (
            path for path in (folder / _MODELS, *sorted(folder.glob(f"*/{_MODELS}"), reverse=True)) if path.is_dir()
        )


def _version(library: Path) -> str:
    """The version that a library's file names, if it names one; nothing is loaded for it."""
    try:
        if library.stat().st_size > _LARGEST_LIBRARY_BYTES:
            return ""
        named = set(_VERSION.findall(library.read_bytes()))
    except OSError:
        return ""
    return named.pop().decode("ascii") if len(named) == 1 else ""

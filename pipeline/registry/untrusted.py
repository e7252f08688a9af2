"""Reads small files that somebody else wrote, within bounds, and words the refusals. Decides nothing about a model."""

from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.errors import ModelError

MAX_FILE_BYTES = 256 << 20  # the largest tokenizer.json of a published encoder has 34 MB

T = TypeVar("T")


def parsed(directory: Path, name: str, kind: type[T], *, missing: T | None = None) -> T:
    """A JSON file as `kind`; `missing` stands for one that is not there. Raises ModelError."""
    if missing is not None and not (directory / name).exists():
        return missing
    try:
        return msgspec.json.decode(content(directory / name), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(name, str(error)) from None


def content(file: Path) -> bytes:
    """The bytes of a small file. Raises ModelError."""
    try:
        if not file.is_file() or file.stat().st_size > MAX_FILE_BYTES:  # a pipe or a device would never end
            raise OSError
        return file.read_bytes()
    except OSError:
        raise ModelError(
            "import_missing", f"{file.name} is missing, unreadable or too large.", "Copy the whole directory again."
        ) from None


def unsupported(what: str, advice: str = "") -> ModelError:
    """The error for a directory that is sound but holds what is not known here."""
    known = "Importing knows Transformer, Pooling, Dense and Normalize modules with their usual settings."
    return ModelError("import_unsupported", f"This model cannot be imported: {what}.", advice or known)


def malformed(name: str, why: str) -> ModelError:
    """The error for a file that does not hold what it should."""
    return ModelError("import_malformed", f"{name} is not valid: {why}.", "Copy the whole directory again.")


def own_code(name: str) -> ModelError:
    """The error for a model that brings code."""
    advice = "Code that comes with a model is never run here; choose a model that the transformers library knows."
    return ModelError("import_code", f"{name} names code of the model's own.", advice)

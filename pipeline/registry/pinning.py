"""Writes manifests: new ones, and into those there are what is promised from now on, with the hash of what it builds.

For importing and for maintainers of a model; building and running only ever check.
"""

import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry import ranges as ranges_file
from pipeline.registry import weights
from pipeline.registry.build import building, float_graph, made
from pipeline.registry.manifest import FILE_NAME, Manifest

RANGES_FILE = "ranges.json"
_HEAD = (
    "# What this model is, and the sha256 of every file that goes into it and comes out. "
    "A file that differs is refused.\n"
)


def calibrate(folder: Path, texts: Sequence[str], alpha: float | None = None) -> str:
    """Calibrate the int8-static model in `folder` with the texts, pin ranges and result; returns the new sha256.

    The model file itself is not touched: `build` makes it. Raises ModelError, ConfigError.
    """
    manifest = manifests.read(folder)
    if manifest.precision != "int8-static":
        raise ModelError("model_precision", f"`{manifest.name}` is {manifest.precision}: it has no ranges.")
    with building():
        from pipeline.registry import calibrate as calibration  # noqa: PLC0415 - imports onnx
        from pipeline.registry.runtime import tokenizer  # noqa: PLC0415 - imports onnxruntime

        words = tokenizer(weights.verified(manifests.source_folder(folder, manifest), manifest.tokenizer))
        words.enable_truncation(manifest.max_tokens)
        graph = float_graph(folder, manifest)
        begun = [manifest.document_prompt + text for text in texts]  # as the model sees them when it runs
        found = calibration.calibrate(graph, words, begun, calibration.ALPHA if alpha is None else alpha)
        content = ranges_file.encode(found)
        write_whole(folder / RANGES_FILE, content)
        pin(folder, "ranges", hashlib.sha256(content).hexdigest())
        sha256 = hashlib.sha256(made(folder, manifests.read(folder))).hexdigest()
    pin(folder, "model", sha256)
    return sha256


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a new model, in the form of those that come with the project."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - as in manifest.py
    from ruamel.yaml.comments import CommentedMap  # noqa: PLC0415

    document = {key: value for key, value in msgspec.to_builtins(manifest).items() if value not in (None, "")}
    source = {key: value for key, value in document["source"].items() if value not in (None, ".")}
    source["files"] = [CommentedMap(entry) for entry in source["files"]]
    for entry in source["files"]:
        entry.fa.set_flow_style()
    yaml, text = YAML(), io.StringIO()
    yaml.width = 200
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(document | {"source": source}, text)
    write_whole(folder / FILE_NAME, (_HEAD + text.getvalue()).encode())


def pin(folder: Path, entry: str, sha256: str) -> None:
    """Change the hash of one file of the manifest; its comments and its order stay."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - as in manifest.py

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 200
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load((folder / FILE_NAME).read_text(encoding="utf-8"))
    document[entry]["sha256"] = sha256
    text = io.StringIO()
    yaml.dump(document, text)
    write_whole(folder / FILE_NAME, text.getvalue().encode())


def write_whole(file: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves the old one or the new one."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)

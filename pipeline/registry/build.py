"""Makes a model's ONNX file from verified files, in seconds and without torch; its hash must be the promised one."""

import json
import os
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError, ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry import ranges as ranges_file
from pipeline.registry import weights
from pipeline.registry.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import onnx

CONFIG_FILE, WEIGHTS_FILE, EXPORT_FILE = "config.json", "model.safetensors", "float.onnx"
_NEEDED_FILES = {"bert": (CONFIG_FILE, WEIGHTS_FILE), "onnx": (EXPORT_FILE,)}
_NEEDED = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
_DEFAULTS = {"position_embedding_type": "absolute", "hidden_act": "gelu", "layer_norm_eps": 1e-12}  # BertConfig's own


def build(folder: Path, archive: Path | None = None) -> str:
    """Build the model in `folder` from its source files, first taken from `archive` when one is given.

    Returns the sha256 of the file built, which is the one the manifest promises. Raises ModelError and leaves an
    existing model as it is when anything differs; ConfigError when the packages for building are not installed.
    """
    manifest = manifests.read(folder)
    if archive is not None:
        weights.unpack(archive, manifest, manifests.source_folder(folder, manifest))
    built = folder / f"{manifest.model.path}.{os.getpid()}.tmp"
    try:
        with building():
            built.write_bytes(made(folder, manifest))
        sha256 = weights.sha256_of(built)
        if sha256 != manifest.model.sha256:
            raise ModelError(
                "model_differs",
                f"The build gave {sha256}, but the manifest promises {manifest.model.sha256}.",
                "Install the hash-locked packages of requirements/ with `make setup`, and build again.",
            )
        built.replace(folder / manifest.model.path)
    finally:
        built.unlink(missing_ok=True)
    return sha256


def is_built(folder: Path, manifest: Manifest) -> bool:
    """Whether the model and its tokenizer are there and are the promised ones."""
    try:
        verify(folder, manifest)
    except ModelError:
        return False
    return True


def verify(folder: Path, manifest: Manifest) -> None:
    """Check the files that running the model needs. Raises ModelError naming the first that differs or is missing."""
    weights.verified(folder, manifest.model)
    weights.verified(manifests.source_folder(folder, manifest), manifest.tokenizer)


def made(folder: Path, manifest: Manifest) -> bytes:
    """The bytes of the model that the manifest describes, from verified source files. Raises ModelError."""
    from pipeline.registry import quantize  # noqa: PLC0415 - imports onnx, which only building needs

    graph = float_graph(folder, manifest)
    if manifest.precision != "float32":
        entry = manifest.ranges
        fixed = None if entry is None else ranges_file.decode(weights.verified(folder, entry))
        graph = quantize.quantize(graph, fixed)
    content: bytes = graph.SerializeToString(deterministic=True)
    return content


def float_graph(folder: Path, manifest: Manifest) -> "onnx.ModelProto":
    """The float32 graph from which every precision of the model is made. Raises ModelError."""
    source = manifests.source_folder(folder, manifest)
    files: dict[str, bytes] = {}
    for entry in manifest.source.files:  # all are checked, but only one at a time is held in memory beside the needed
        content = weights.verified(source, entry)
        if entry.path in _NEEDED_FILES[manifest.architecture]:
            files[entry.path] = content
    try:
        if manifest.architecture == "bert":
            return _bert(files, manifest)
        return _exported(files[EXPORT_FILE])
    except KeyError as error:
        raise ModelError("model_architecture", f"The model's source lacks {error}.") from None


@contextmanager
def building() -> "Iterator[None]":
    """Turn a missing package for building into the advice how to install it."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise ConfigError(
            "extra_missing",
            f"Building needs the package {missing.name}.",
            "Install the extra: pip install 'sealed-inbox[build]'.",
        ) from None


def architecture_problems(described: Mapping[str, object]) -> list[str]:
    """The keys of a config.json in which it differs from the encoders that graph.py can build; empty when it can."""
    return [key for key, value in _NEEDED.items() if (_DEFAULTS | dict(described)).get(key) != value]


def _bert(files: Mapping[str, bytes], manifest: Manifest) -> "onnx.ModelProto":
    from pipeline.registry import graph  # noqa: PLC0415 - imports onnx, which only building needs

    described = _DEFAULTS | json.loads(files[CONFIG_FILE])
    unfit = architecture_problems(described)
    if unfit or described.get("hidden_size") != manifest.dimension:
        raise ModelError("model_architecture", f"This architecture cannot be built here: {', '.join(unfit) or 'size'}.")
    architecture = graph.Architecture(
        hidden=described["hidden_size"],
        heads=described["num_attention_heads"],
        layers=described["num_hidden_layers"],
        epsilon=described["layer_norm_eps"],
        pooling=manifest.pooling,
    )
    return graph.build(weights.load(files[WEIGHTS_FILE]), architecture)


def _exported(content: bytes) -> "onnx.ModelProto":
    import onnx  # noqa: PLC0415

    from pipeline.registry import inspection  # noqa: PLC0415

    inspection.check(content)
    return onnx.load_from_string(content)

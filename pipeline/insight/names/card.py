"""What is known of a head that finds names: for which model it was learned, from what, and how well."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pipeline.errors import ModelError
from pipeline.personal import PersonalKind
from pipeline.registry.manifest import Manifest, Sha256

FILE, CARD = "names.onnx", "names.json"
INPUT, OUTPUT = "words", "probabilities"  # of the head's graph
Share = Annotated[float, Meta(ge=0, le=1)]


class Card(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a head is: whose states it reads, what it was learned from, and how much it tells of text held back."""

    head: Sha256
    model: Sha256
    material: Sha256
    passages: int
    precision: dict[PersonalKind, Share]
    recall: dict[PersonalKind, Share]


def read(folder: Path, manifest: Manifest) -> Card | None:
    """What is said of the model's head; None: it has none, or one of another build. Raises ModelError."""
    try:
        said = msgspec.json.decode((folder / CARD).read_bytes(), type=Card)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError):
        raise ModelError("names_unreadable", "What is known of the names head cannot be read.", _AGAIN) from None
    return said if said.model == manifest.model.sha256 else None


_AGAIN = "Learn it anew: `pipeline models names`."


def keep(folder: Path, content: bytes, said: Card) -> None:
    """Put a head into a model's folder in place of the one before: first the file, then what it is."""
    for name, written in ((FILE, content), (CARD, msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n")):
        beside = folder / f"{name}.{os.getpid()}.tmp"
        try:
            beside.write_bytes(written)
            beside.replace(folder / name)
        finally:
            beside.unlink(missing_ok=True)

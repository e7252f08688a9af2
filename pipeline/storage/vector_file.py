"""The file that lists of vectors are kept in: a header that says what they are, and the payload whose hash it has.

There is none of a flat index: that is the codes in SQLite once more, and read from there nearly as fast (300,000 rows
in 0.4 s, and in 0.3 s from a file that would take 392 bytes a row).
"""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

import faiss
import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.storage.vector_lists import Effort, Lists
from pipeline.storage.vector_replica import Replica
from pipeline.storage.vector_sets import VectorModel
from pipeline.storage.whole_file import write_whole

Bytes = npt.NDArray[np.uint8]

_MAGIC = b"SEALEDIX"
_FORM = 2  # 1 was a flat index without a name for its kind
_KIND = "ivf-rabitq"
_LENGTH = struct.Struct(">I")
_MAX_HEADER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Content:
    """What is written: the lists of `trained` rows as they were at a generation, up to a chunk id."""

    effort: Effort
    trained: int
    generation: int
    max_id: int
    payload: Bytes


class _Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    form: int
    kind: str
    model: str
    effort: Effort
    trained: int
    generation: int
    max_id: int
    sha256: str


def cache_file(folder: Path, model: VectorModel) -> Path:
    """Where the lists of a model's vectors are kept."""
    return folder / f"vectors-{model.sha256[:16]}.faiss"


def content(lists: Lists, generation: int, max_id: int) -> Content:
    """A copy of lists as they are now."""
    return Content(lists.effort, lists.trained, generation, max_id, faiss.serialize_index(lists.index))


def write(file: Path, model: VectorModel, kept: Content) -> None:
    """Write it, whole or not at all. Raises OSError."""
    header = msgspec.json.encode(
        _Header(
            form=_FORM,
            kind=_KIND,
            model=model.sha256,
            effort=kept.effort,
            trained=kept.trained,
            generation=kept.generation,
            max_id=kept.max_id,
            sha256=hashlib.sha256(kept.payload.data).hexdigest(),
        )
    )
    write_whole(file, b"".join((_MAGIC, _LENGTH.pack(len(header)), header, kept.payload.data)))


def read(file: Path, model: VectorModel) -> Replica | None:
    """The lists of a model as they were written; None where anything about the file is not so."""
    try:
        header, payload = _checked(np.fromfile(file, np.uint8), model)
        index = faiss.deserialize_index(payload)
        if not isinstance(index, faiss.IndexIVFRaBitQ) or index.d != model.dimension:
            return None
        return Replica(Lists(index, header.effort, header.trained), header.generation, header.max_id)
    except (OSError, ValueError, msgspec.MsgspecError, RuntimeError):
        return None


def _checked(written: Bytes, model: VectorModel) -> tuple[_Header, Bytes]:
    """Header and payload. Raises ValueError, msgspec.MsgspecError."""
    start = len(_MAGIC) + _LENGTH.size
    if written[: len(_MAGIC)].tobytes() != _MAGIC or len(written) < start:
        raise ValueError("not a cache file")
    (length,) = _LENGTH.unpack(written[len(_MAGIC) : start].tobytes())
    if length > _MAX_HEADER_BYTES:
        raise ValueError("header too long")
    header = msgspec.json.decode(written[start : start + length].tobytes(), type=_Header)
    if (header.form, header.kind, header.model) != (_FORM, _KIND, model.sha256):
        raise ValueError("of another form, kind or model")
    payload = written[start + length :]
    if hashlib.sha256(payload.data).hexdigest() != header.sha256:
        raise ValueError("damaged")
    return header, payload

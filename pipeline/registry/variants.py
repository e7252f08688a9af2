"""Makes the float32 and the INT8 variant of an imported model in a working folder, and compares the two."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.datatypes import Vectors
from pipeline.errors import ConfigError, ModelError
from pipeline.registry import build, pinning, reference, weights
from pipeline.registry import manifest as manifests
from pipeline.registry import ranges as ranges_file
from pipeline.registry.manifest import FileEntry, Manifest
from pipeline.registry.ranges import Ranges

if TYPE_CHECKING:
    import onnx

MODEL_FILE = "model.onnx"
# Stored components are int8: 127 stands for more than the largest that calibration saw. Vectors of single words, as of
# short questions, have components up to 1.7 times those of passages (measured with MiniLM).
CODE_MAX, HEADROOM, MAX_SCALE = 127, 1.75, 10_000.0
ALIKE = 0.9999  # cosine to sentence-transformers, of any text; float32 sums in another order keep 0.999999
_LONG_TOKENS = 1024  # a longer text would show nothing more, but attention to itself takes memory by the square

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Cosines of INT8 vectors to float32 vectors of the same passages: their mean, and what 99 of 100 reach."""

    mean: float
    p1: float


@dataclass(frozen=True, slots=True)
class Variants:
    """What was made: two manifests, how both ways to INT8 did, and the least cosine to sentence-transformers.

    `least_cosine` is None where the extra [models] is not installed.
    """

    float32: Manifest
    int8: Manifest
    static: Fidelity
    dynamic: Fidelity
    least_cosine: float | None
    float32_bytes: int
    int8_bytes: int


def make(work: Path, draft: Manifest, calibration: Sequence[str], evaluation: Sequence[str], say: Say) -> Variants:
    """Make both variants below `work`, where the source folder of the INT8 one holds the files of `draft` already.

    `draft` is the float32 model's manifest but for the hash of the model and the scale. Raises ModelError, ConfigError.
    """
    from pipeline.registry import quantize  # noqa: PLC0415 - imports onnx, which only building needs

    folder = work / draft.name
    folder.mkdir()
    say("Building the float32 model ...")
    graph = build.float_graph(folder, draft)
    content = _bytes(graph)
    float32 = _written(folder, draft, content)
    seen, expected = _encoded(folder, calibration), _encoded(folder, evaluation)
    float32 = _written(folder, msgspec.structs.replace(float32, vector_scale=_scale(seen)), content)
    say("Comparing it with sentence-transformers ...")
    least = _least_cosine(folder, evaluation)

    say(f"Calibrating with {len(calibration)} passages, and quantizing ...")
    ranges = _calibrated(graph, folder, float32, calibration)
    int8 = _int8(float32)
    both: list[tuple[Fidelity, Manifest, bytes]] = []
    for fixed in (ranges, None):
        written = _with_ranges(work / int8.name, int8, fixed)
        made = _bytes(quantize.quantize(graph, fixed))
        written = _written(work / int8.name, written, made)
        vectors = _encoded(work / int8.name, evaluation)
        cosines = (vectors * expected).sum(axis=1)
        both.append((Fidelity(float(cosines.mean()), float(np.percentile(cosines, 1))), written, made))
    (static, *_), (dynamic, *_) = both
    _, chosen, made = both[0] if static.mean >= dynamic.mean else both[1]
    if chosen.ranges is None:
        (work / int8.name / pinning.RANGES_FILE).unlink()
    _written(work / int8.name, chosen, made)
    return Variants(float32, chosen, static, dynamic, least, len(content), len(made))


def _written(folder: Path, manifest: Manifest, content: bytes) -> Manifest:
    """Write model and manifest; returns the manifest with the model's hash."""
    entry = FileEntry(path=MODEL_FILE, sha256=hashlib.sha256(content).hexdigest())
    manifest = msgspec.structs.replace(manifest, model=entry)
    pinning.write_whole(folder / MODEL_FILE, content)
    pinning.write(folder, manifest)
    return manifest


def _encoded(folder: Path, texts: Sequence[str], *, as_query: bool = False) -> Vectors:
    from pipeline.registry.runtime import Embedder  # noqa: PLC0415 - imports onnxruntime

    embedder = Embedder(folder)
    try:
        vectors = embedder.encode(texts, as_query=as_query)
    except Exception as error:  # onnxruntime raises types of its own that share no base but this
        why = f"The model that was made does not run: {type(error).__name__}."
        raise ModelError("import_failed", why, "Choose another model.") from None
    finally:
        embedder.close()
    if not np.isfinite(vectors).all():
        raise ModelError("import_failed", "The model gives vectors that are no numbers.", "Choose another model.")
    return vectors


def _scale(vectors: Vectors) -> float:
    """What a component is multiplied by to be stored; a unit vector bounds it between 127 and 127 * sqrt(dimension)."""
    largest = min(float(np.abs(vectors).max()) * HEADROOM, 1.0)
    return float(f"{min(CODE_MAX / largest, MAX_SCALE):.4g}")


def _least_cosine(folder: Path, passages: Sequence[str]) -> float | None:
    """The least cosine to sentence-transformers, over texts from none to too long, as passages and as questions."""
    manifest = manifests.read(folder)
    many = " ".join(passages)
    long = (many * (1 + 8 * _LONG_TOKENS // len(many)))[: 8 * min(manifest.max_tokens, _LONG_TOKENS)]
    texts = ["", "rent", "Who pays for the repair?", *(passage.strip() for passage in passages[:5]), long]
    least = 1.0
    for as_query in (False, True):
        try:
            expected = reference.encode(manifests.source_folder(folder, manifest), texts, manifest, as_query=as_query)
        except ConfigError:  # the extra is not installed
            return None
        found = _encoded(folder, texts, as_query=as_query)
        least = min(least, float((found * expected).sum(axis=1).min()))
    if not least >= ALIKE:
        raise ModelError(
            "import_differs",
            f"The vectors made here differ from those of sentence-transformers: cosine {least:.4f} at worst.",
            "This model needs something that importing does not know; choose another.",
        )
    return least


def _calibrated(graph: "onnx.ModelProto", folder: Path, manifest: Manifest, texts: Sequence[str]) -> Ranges:
    from pipeline.registry import calibrate  # noqa: PLC0415 - imports onnx
    from pipeline.registry.runtime import tokenizer  # noqa: PLC0415 - imports onnxruntime

    words = tokenizer(weights.verified(manifests.source_folder(folder, manifest), manifest.tokenizer))
    words.enable_truncation(manifest.max_tokens)
    return calibrate.calibrate(graph, words, [manifest.document_prompt + text for text in texts])


def _int8(float32: Manifest) -> Manifest:
    """The INT8 model's manifest but for its ranges and hash. It owns the source folder, which float32 shares."""
    assert float32.source.beside is not None
    return msgspec.structs.replace(
        float32,
        name=float32.source.beside,
        description=float32.description.replace("as float32", "as INT8"),
        precision="int8-dynamic",
        reference=float32.name,
        source=msgspec.structs.replace(float32.source, beside=None),
    )


def _with_ranges(folder: Path, manifest: Manifest, ranges: Ranges | None) -> Manifest:
    if ranges is None:
        return manifest
    content = ranges_file.encode(ranges)
    pinning.write_whole(folder / pinning.RANGES_FILE, content)
    entry = FileEntry(path=pinning.RANGES_FILE, sha256=hashlib.sha256(content).hexdigest())
    return msgspec.structs.replace(manifest, precision="int8-static", ranges=entry)


def _bytes(graph: "onnx.ModelProto") -> bytes:
    content: bytes = graph.SerializeToString(deterministic=True)
    return content

"""Other ways to make INT8 of the same weights, built on the spot: what each keeps of the float32 vectors.

All run on the graph and the calibration texts of the product, and are compared on texts that calibration never saw.
Which codes the weights get is the only thing exchanged; a variant without bias correction has ranges with mean zero.
"""

import hashlib
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest import mock

import msgspec
import numpy as np
import onnx

from benchmarks import product
from benchmarks.embedding_process import INT8
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from pipeline.datatypes import Vectors
from pipeline.evaluation import fidelity, hardware
from pipeline.evaluation.report import Dossier
from pipeline.registry import build, calibrate, catalogue, quantize, runtime, weights
from pipeline.registry import manifest as manifests
from pipeline.registry.quantize import QMAX, TINY, Floats, Int8
from pipeline.registry.ranges import Ranges

HELD_OUT = ("evaluation", "names")
ALPHAS = (0.7, 0.75, 0.85)  # besides the product's own
SEVEN_BITS = 63

Codes = Callable[[Floats], tuple[Int8, Floats]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Cosines with the float32 model's vectors, over one file of texts."""

    texts: str
    passages: int
    mean: float
    p1: float
    least: float


@dataclass(frozen=True, slots=True)
class Variant:
    """One way. `shipped`: its bytes are those of the product's model."""

    name: str
    shipped: bool
    kept: list[Kept]


@dataclass(frozen=True, slots=True)
class Models:
    """The result. `dossier` is what `pipeline models evaluate --json` said; None where it did not."""

    conditions: Conditions
    integer_kernel: str
    variants: list[Variant]
    dossier: Dossier | None


def measure_models() -> Models:
    """Build and compare every variant, then ask the product for its own dossier."""
    conditions = Conditions.now()
    tell("models: other ways to make INT8 of the same weights")
    variants = _variants()
    dossier = _dossier()
    return Models(conditions.ended(), hardware.hardware().integer_kernel, variants, dossier)


def _variants() -> list[Variant]:
    model = catalogue.find(MODELS, INT8)
    manifest = model.manifest
    graph = build.float_graph(model.folder, manifest)
    words = weights.verified(manifests.source_folder(model.folder, manifest), manifest.tokenizer)
    tokenizer = runtime.tokenizer(words)
    tokenizer.enable_truncation(manifest.max_tokens)
    calibrated = partial(calibrate.calibrate, graph, tokenizer, catalogue.texts(MODELS, "calibration"))
    texts = {name: catalogue.texts(MODELS, name) for name in HELD_OUT}
    embed = partial(_embedded, tokenizer, [text for some in texts.values() for text in some])
    exact = embed(graph)
    found = []
    for name, codes, ranges in _ways(calibrated):
        tell(f"  {name}")
        with mock.patch.object(quantize, "limit_pairs", codes):
            made = quantize.quantize(graph, ranges)
        shipped = hashlib.sha256(made.SerializeToString(deterministic=True)).hexdigest() == manifest.model.sha256
        found.append(Variant(name, shipped, _kept(texts, fidelity.cosines(embed(made), exact).tolist())))
    return found


def _ways(calibrated: Callable[..., Ranges]) -> list[tuple[str, Codes, Ranges | None]]:
    """In words, the codes of the weights, and the ranges of the activations (None: found anew in every run)."""
    ranges, pairs = calibrated(), quantize.limit_pairs
    alpha = f"alpha {calibrate.ALPHA:g}"
    eight, seven = partial(_codes, largest=QMAX), partial(_codes, largest=SEVEN_BITS)
    return [
        ("ordinary: dynamic, per channel, 8-bit weights without limits, no smoothing", eight, None),
        (f"static, {alpha}, 8-bit weights without limits, bias corrected", eight, ranges),
        (f"static, {alpha}, 7-bit weights, bias corrected", seven, ranges),
        (f"static, {alpha}, pairs limited, bias not corrected", pairs, _uncorrected(ranges)),
        (f"static, {alpha}, pairs limited, bias corrected", pairs, ranges),
        *((f"the same, alpha {other:g}", pairs, calibrated(alpha=other)) for other in ALPHAS),
    ]


def _codes(weight: Floats, largest: int) -> tuple[Int8, Floats]:
    """Symmetric codes of a (inputs, outputs) matrix up to `largest`, one scale per column; each weight by itself."""
    scale = np.maximum(np.abs(weight).max(axis=0), TINY) / np.float32(largest)
    return np.rint(weight / scale).astype(np.int8), scale.astype(np.float32)


def _uncorrected(ranges: Ranges) -> Ranges:
    """Where the mean input is zero, rounding the weights adds nothing to the mean output."""
    flat = {
        name: msgspec.structs.replace(linear, mean=(0.0,) * len(linear.mean)) for name, linear in ranges.linears.items()
    }
    return msgspec.structs.replace(ranges, linears=flat)


def _embedded(tokenizer: Any, texts: Sequence[str], model: onnx.ModelProto) -> Vectors:  # noqa: ANN401 - no types
    session = runtime.session(model.SerializeToString())

    def one(text: str) -> Vectors:
        vector: Vectors = session.run(None, {"input_ids": np.array([tokenizer.encode(text).ids], np.int32)})[0][0]
        return vector

    with ThreadPoolExecutor(runtime.available_cores()) as pool:
        return np.stack(list(pool.map(one, texts)))


def _kept(texts: dict[str, list[str]], cosines: list[float]) -> list[Kept]:
    found = []
    for name, some in texts.items():
        own, cosines = cosines[: len(some)], cosines[len(some) :]
        found.append(Kept(name, len(own), float(np.mean(own)), float(np.percentile(own, 1)), min(own)))
    return found


def _dossier() -> Dossier | None:
    tell("  pipeline models evaluate")
    with product.temporary_inbox() as inbox:
        command = inbox.command("models", "evaluate", "--json")
        done = subprocess.run(command, env=product.environment(), stdout=subprocess.PIPE, check=False)
    try:
        return msgspec.json.decode(done.stdout, type=Dossier)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None

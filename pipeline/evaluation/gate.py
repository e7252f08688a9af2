"""The gate of `models activate`: a model below a bound of `models.gate` is refused. Measures on the built-in texts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.config import GateConfig
from pipeline.errors import ModelError
from pipeline.evaluation import lineup, measuring, texts
from pipeline.evaluation.measuring import Compared, Encoded
from pipeline.evaluation.report import GateResult
from pipeline.registry.catalogue import Installed
from pipeline.registry.runtime import Embedder

SEED = 20240229  # of the bootstrap, here and in a dossier: the same vectors always give the same figures


def measure(root: Path, model: Installed, gate: GateConfig, threads: int = 0) -> tuple[GateResult, ...]:
    """Every bound with what the model reaches; none for a float32 model, which quantization cost nothing.

    `root` holds all models, with their texts beside them. Raises ModelError, with the code gate_unmeasured when there
    is nothing to compare the model with.
    """
    name = model.manifest.name
    try:
        reference = lineup.reference_of(root, model)
    except ModelError as error:
        raise ModelError("gate_unmeasured", f"`{name}` could not be measured: {error.message}", error.advice) from None
    if reference is None:
        raise ModelError(
            "gate_unmeasured",
            f"`{name}` could not be measured: its manifest names no float32 reference.",
            "Import or build it together with one.",
        )
    if reference.folder == model.folder:
        return ()
    known = texts.builtin(root)
    found, expected = (_encoded(one, known, threads) for one in (model, reference))
    return results(name, measuring.compare(found, expected, known, np.random.default_rng(SEED)), gate)


def results(model: str, compared: Compared, gate: GateConfig) -> tuple[GateResult, ...]:
    """The bounds for one model; a bound for which nothing could be measured is left out."""
    fidelity, names, retrieval = compared.fidelity, compared.names, compared.retrieval
    measured = {
        "cosine_mean": (fidelity and fidelity.mean, gate.cosine_mean),
        "cosine_p1": (fidelity and fidelity.p1, gate.cosine_p1),
        "names_cosine_mean": (names and names.mean, gate.names_cosine_mean),
        "overlap_at_10": (retrieval and retrieval.overlap_at_10, gate.overlap_at_10),
    }
    return tuple(GateResult(model, name, value.value, bound) for name, (value, bound) in measured.items() if value)


def refuse(found: Sequence[GateResult]) -> None:
    """Raise ModelError, with the figures, when a bound is not reached."""
    missed = [f"{one.name} is {one.measured:.5f}, below {one.bound:g}" for one in found if not one.passed]
    if missed:
        name = found[0].model
        raise ModelError(
            "gate_refused",
            f"`{name}` keeps less of its float32 reference than models.gate asks: {'; '.join(missed)}.",
            f"`pipeline models evaluate {name}` shows what it costs. Nothing was changed.",
        )


def _encoded(model: Installed, known: texts.Texts, threads: int) -> Encoded:
    embedder = Embedder(model.folder, threads)
    try:
        return measuring.encode(embedder, known, lambda _what, _done, _total: None)
    finally:
        embedder.close()

"""Makes a dossier: chooses models and texts, measures them in turns, and draws the conclusion. Changes no index."""

import importlib.metadata
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from pipeline.config import GateConfig, LabelsConfig
from pipeline.datatypes import Vectors
from pipeline.evaluation import (
    answers,
    footprint,
    gate,
    hardware,
    labels,
    lineup,
    measuring,
    recommend,
    speed,
)
from pipeline.evaluation.fidelity import fidelity
from pipeline.evaluation.gate import SEED
from pipeline.evaluation.lineup import Lineup
from pipeline.evaluation.measuring import Compared, Encoded, Progress
from pipeline.evaluation.report import (
    Dossier,
    Fidelity,
    Footprint,
    GateResult,
    Interval,
    Retrieval,
    Speed,
    VariantReport,
)
from pipeline.evaluation.texts import Texts
from pipeline.registry import manifest as manifests
from pipeline.registry.catalogue import Installed
from pipeline.registry.runtime import Embedder, available_cores

_PROGRAM = "sealed-inbox"
_PACKAGES = ("onnxruntime", "tokenizers", "numpy")


@dataclass(frozen=True, slots=True)
class Settings:
    """What an evaluation is done with. `threads` 0 means one per core; the clock tells an aware time."""

    bounds: GateConfig
    labels: LabelsConfig
    threads: int = 0
    sentence_transformers: bool = False
    seed: int = SEED
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def evaluate(
    root: Path, names: Sequence[str], texts: Texts, active: Installed, settings: Settings, progress: Progress
) -> Dossier:
    """Measure the models of `names`, or else the active one and its kin, with these texts. Raises ModelError."""
    chosen = lineup.choose(root, names, active)
    peer = _sentence_transformers(chosen, texts, progress) if settings.sentence_transformers else None
    footprints = _footprints(chosen, progress)
    with _loaded(chosen, settings.threads) as runners:
        encoded = [measuring.encode(model, texts, progress) for model in runners.models]
        speeds = _speeds(runners, texts, settings, progress)
        alike = _labels_alike(chosen, runners, encoded, texts, settings)
    compared = _compared(chosen, encoded, texts, settings)
    peers = [_beside(peer, found, texts, settings) for found in encoded]
    variants = tuple(
        _variant(model, chosen, active, measured)
        for model, measured in zip(
            chosen.models, map(_Measured, footprints, speeds, compared, alike, peers), strict=True
        )
    )
    checked = _gate(chosen, compared, settings.bounds)
    machine = hardware.hardware()
    subject = chosen.subject.manifest.name
    operation = _operation(chosen)
    conclusion = recommend.conclude(
        answers.Evidence(subject, machine, variants, checked, operation, of_index=texts.of_index)
    )
    return Dossier(
        created_at=settings.clock().isoformat(timespec="seconds"),
        version=importlib.metadata.version(_PROGRAM),
        model=subject,
        texts=texts.description,
        hardware=machine,
        variants=variants,
        gate=checked,
        answers=conclusion.answers,
        recommended=conclusion.recommended,
        recommendation=conclusion.recommendation,
        packages=tuple(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """All figures of one model."""

    footprint: Footprint
    speed: Speed
    compared: Compared
    labels_alike: Interval | None
    sentence_transformers: Fidelity | None


def _footprints(chosen: Lineup, progress: Progress) -> list[Footprint]:
    found = []
    for number, model in enumerate(chosen.models, 1):
        found.append(footprint.footprint(model))
        progress("loading in fresh processes", number, len(chosen.models))
    return found


@contextmanager
def _loaded(chosen: Lineup, threads: int) -> Iterator[speed.Runners]:
    """All models at once, verified, for as long as they are compared."""
    with ExitStack() as closing:
        models = []
        for one in chosen.models:
            models.append(Embedder(one.folder, threads))
            closing.callback(models[-1].close)
        reference = None if chosen.reference is None else chosen.models.index(chosen.reference)
        yield speed.Runners(tuple(models), threads or available_cores(), reference)


def _speeds(runners: speed.Runners, texts: Texts, settings: Settings, progress: Progress) -> list[Speed]:
    mixed = measuring.spread(texts.measured, np.random.default_rng(settings.seed))
    queries = [query.text for query in texts.queries if query.text is not None]
    return speed.measure(
        runners,
        [texts.passages[place] for place in mixed],
        queries,
        lambda done, rounds: progress("measuring speed", done, rounds),
    )


def _compared(chosen: Lineup, encoded: Sequence[Encoded], texts: Texts, settings: Settings) -> list[Compared]:
    """Each model beside the reference; each with the same draws of the bootstrap."""
    if chosen.reference is None:
        return [Compared(None, None, None) for _ in chosen.models]
    expected = encoded[chosen.models.index(chosen.reference)]
    return [
        Compared(None, None, _of_reference(expected, texts, settings)) if found is expected
        else measuring.compare(found, expected, texts, np.random.default_rng(settings.seed))
        for found in encoded
    ]  # fmt: skip


def _of_reference(expected: Encoded, texts: Texts, settings: Settings) -> Retrieval | None:
    return measuring.of_reference(expected, texts, np.random.default_rng(settings.seed))


def _labels_alike(
    chosen: Lineup, runners: speed.Runners, encoded: Sequence[Encoded], texts: Texts, settings: Settings
) -> list[Interval | None]:
    """Only of documents that are there whole; None for the reference itself and without documents."""
    if runners.reference is None or not texts.whole:
        return [None for _ in chosen.models]
    given = [
        labels.labels(found.passages, texts.whole, settings.labels, model.encode)
        for model, found in zip(runners.models, encoded, strict=True)
    ]
    return [
        None if place == runners.reference
        else labels.agreement(found, given[runners.reference], np.random.default_rng(settings.seed))
        for place, found in enumerate(given)
    ]  # fmt: skip


def _sentence_transformers(chosen: Lineup, texts: Texts, progress: Progress) -> Vectors:
    """The vectors of sentence-transformers itself; first of all, so that a missing package is told at once."""
    from pipeline.registry import reference  # noqa: PLC0415 - imports torch

    manifest = chosen.subject.manifest
    progress("embedding with sentence-transformers", 0, len(texts.measured))
    passages = texts.passages[texts.measured.start : texts.measured.stop]
    return reference.encode(manifests.source_folder(chosen.subject.folder, manifest), passages, manifest)


def _beside(peer: Vectors | None, found: Encoded, texts: Texts, settings: Settings) -> Fidelity | None:
    if peer is None:
        return None
    ids = texts.ids[texts.measured.start : texts.measured.stop]
    return fidelity(found.at(texts.measured), peer, ids, np.random.default_rng(settings.seed))


def _gate(chosen: Lineup, compared: Sequence[Compared], bounds: GateConfig) -> tuple[GateResult, ...]:
    return tuple(
        result
        for model, measured in zip(chosen.models, compared, strict=True)
        if model is not chosen.reference
        for result in gate.results(model.manifest.name, measured, bounds)
    )


def _operation(chosen: Lineup) -> answers.Operation:
    manifest = chosen.subject.manifest
    source = manifests.source_folder(chosen.subject.folder, manifest)
    return answers.Operation(
        source=manifest.source.package,
        sources_here=all((source / entry.path).is_file() for entry in manifest.source.files),
        fallbacks=tuple(one.manifest.name for one in chosen.models if one.manifest.name != manifest.name),
    )


def _variant(model: Installed, chosen: Lineup, active: Installed, measured: _Measured) -> VariantReport:
    manifest = model.manifest
    return VariantReport(
        name=manifest.name,
        precision=manifest.precision,
        sha256=manifest.model.sha256,
        dimension=manifest.dimension,
        max_tokens=manifest.max_tokens,
        is_reference=chosen.reference is not None and manifest.name == chosen.reference.manifest.name,
        is_active=manifest.model.sha256 == active.manifest.model.sha256,
        footprint=measured.footprint,
        speed=measured.speed,
        fidelity=measured.compared.fidelity,
        names=measured.compared.names,
        retrieval=measured.compared.retrieval,
        labels_alike=measured.labels_alike,
        sentence_transformers=measured.sentence_transformers,
    )

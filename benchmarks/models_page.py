"""Writes docs/models.md: what each model is, why INT8 is made as it is, and what that keeps. No figure is typed.

By itself it measures the variants anew and writes the page; with --as-measured it writes the page of the last result.
"""

import argparse
from collections.abc import Sequence

from benchmarks import measure, precisions
from benchmarks.embedding_process import INT8
from benchmarks.measure import RESULTS, ROOT
from benchmarks.passages import MODELS
from benchmarks.precisions import Models, Variant
from benchmarks.tables import NOT_MEASURED, conditions, table
from pipeline.evaluation.report import Dossier, Fidelity, VariantReport
from pipeline.registry import calibrate, catalogue
from pipeline.registry.manifest import Manifest

PAGE = ROOT / "docs" / "models.md"
FILE = RESULTS / "models.json"
_SHORT = 12  # characters of a hash that tell two files apart for a reader

_INTRODUCTION = """\
Written by `python benchmarks/models_page.py` (also part of `make bench`) from the manifests below `models/` and from
measurements: change nothing here. What a model costs on your own machine and documents, `pipeline models evaluate
--on-my-documents` says; models of your own are added with `pipeline models import`."""

_WHY = """\
`pipeline models build` makes the INT8 file from the published float32 weights with numpy and onnx alone. It gives the
same bytes on every machine; their sha256 is pinned in the manifest, and a file that differs is refused.

- **Activations are u8 with fixed ranges** (`ranges.json`, from `pipeline models calibrate` on `texts/calibration.txt`).
  Nothing is measured while it runs, so that a vector does not depend on what else is embedded with it.
- **Smoothing, alpha {alpha:g}**: each input channel of a multiplication is divided by a constant and its weights are
  multiplied by it, which moves outliers from activations, where they cost accuracy, to weights (SmoothQuant, Xiao et
  al. 2023).
- **Weights are int8, one scale per output channel, limited in neighbouring pairs**: processors with AVX2 but without
  VNNI add two products in 16 bits, saturating. Two neighbours whose magnitudes sum to at most 128 cannot reach that
  limit, so one file serves every processor.
- **Bias correction** takes out what rounding the weights adds to the mean output (Nagel et al. 2019).
- Attention, layer norms and pooling stay float32; the table of words is int8, one scale per row.

Other ways, built from the same weights for this comparison; cosines with float32 on texts that calibration never saw
(`texts/evaluation.txt`, `texts/names.txt`). On a processor without VNNI, weights without limits saturate; with VNNI
they do not. The bold row is, byte for byte, the file that is shipped."""

_CAVEATS = """\
- **What it learnt from.** The model's card lists MS MARCO, Yahoo Answers and S2ORC among its training sets; the weights
  are published under Apache-2.0. Whoever needs clean provenance should judge for themselves.
- **Languages other than English.** It learnt English alone: in other languages it mostly matches shared words.
- **Lists of names, numbers, tables.** There is little meaning to encode, and INT8 costs the most there (measured
  apart above). Search by word finds names better: the default search does both.
- **Long passages.** What lies beyond the length stated above is not seen; the program cuts passages to fit.
- A cosine says that two passages are about alike matters, not that one answers or agrees with the other."""


def page(models: Models | None) -> str:
    """The whole page, in Markdown. What was not measured says so."""
    installed = [one.manifest for one in catalogue.installed(MODELS)]
    parts = [
        "# Models",
        _INTRODUCTION,
        *(part for manifest in installed for part in _card(manifest)),
        "## Why the INT8 graph is as it is",
        _WHY.format(alpha=calibrate.ALPHA),
        *(_variants(models) if models else [NOT_MEASURED]),
        "## What quantization costs",
        *(_dossier(models.dossier) if models and models.dossier else [NOT_MEASURED]),
        "## What to know before relying on them",
        _CAVEATS,
    ]
    return "\n\n".join(parts) + "\n"


def write() -> None:
    """The page of the last result."""
    PAGE.write_text(page(measure.read(FILE, Models)), encoding="utf-8")


def _card(manifest: Manifest) -> list[str]:
    files = "; ".join(
        f"`{entry.path}` {entry.sha256}" for entry in manifest.source.files if "LICENSE" not in entry.path
    )
    beside = f", shared with `{manifest.source.beside}`" if manifest.source.beside else ""
    rows = [
        ("licence", manifest.licence),
        ("precision", manifest.precision),
        ("vectors", f"{manifest.dimension} components, {manifest.pooling} pooling, length 1"),
        ("sees", f"{manifest.max_tokens} tokens"),
        ("file", f"`{manifest.model.path}`, sha256 {manifest.model.sha256}"),
        ("compared with", f"`{manifest.reference}`" if manifest.reference else "it is the reference itself"),
        ("weights", f"`{manifest.source.package}`, as data{beside}"),
        ("their sha256", files),
        ("built with", f"`pipeline models build {manifest.name}`"),
    ]
    return [f"## {manifest.name}", manifest.description, table(("", ""), rows)]


def _variants(models: Models) -> list[str]:
    names = [kept.texts for kept in models.variants[0].kept]
    counts = [f"{kept.texts} ({kept.passages})" for kept in models.variants[0].kept]
    header = ["INT8", *(f"{one}: {what}" for one in counts for what in ("mean", "p1", "least"))]
    shipped = any(variant.shipped for variant in models.variants)
    warning = f"**None of these has the bytes that the manifest of `{INT8}` promises: measure again.**"
    return [
        conditions("models_page", models.conditions),
        f"This processor adds INT8 products with {models.integer_kernel}.",
        table(header, [_variant(variant, names) for variant in models.variants]),
        *([] if shipped else [warning]),
    ]


def _variant(variant: Variant, names: Sequence[str]) -> tuple[str, ...]:
    strong = "**" if variant.shipped else ""
    kept = {one.texts: one for one in variant.kept}
    cosines = [value for name in names for value in (kept[name].mean, kept[name].p1, kept[name].least)]
    return f"{strong}{variant.name}{strong}", *(f"{strong}{cosine:.4f}{strong}" for cosine in cosines)


def _dossier(dossier: Dossier) -> list[str]:
    machine = dossier.hardware
    told = f"`pipeline models evaluate --json`, {dossier.created_at}: {machine.processor}, {machine.cores} cores, "
    return [
        f"{told}INT8 by {machine.integer_kernel}; {', '.join(dossier.packages)}. {dossier.texts}",
        table(("", *(f"`{one.name}`" for one in dossier.variants)), _figures(dossier.variants)),
        f"Its recommendation: {dossier.recommendation}",
    ]


def _figures(variants: Sequence[VariantReport]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, list[str]]] = [
        ("sha256", [one.sha256[:_SHORT] for one in variants]),
        ("size, MB", [f"{one.footprint.file_bytes / 1e6:.1f}" for one in variants]),
        ("loading, ms", [f"{one.footprint.load_ms:.0f}" for one in variants]),
        ("start to first vector, ms", [f"{one.footprint.first_vector_ms:.0f}" for one in variants]),
        ("memory, MB", [f"{one.footprint.resident_bytes / 1e6:.0f}" for one in variants]),
        ("tokens/s, one thread", [f"{one.speed.one_thread:.0f}" for one in variants]),
        ("tokens/s, all threads", [f"{one.speed.all_threads:.0f} ({one.speed.threads})" for one in variants]),
        ("a query, ms p50, p95", [f"{one.speed.query_p50_ms:.1f}, {one.speed.query_p95_ms:.1f}" for one in variants]),
        ("cosine: mean, p1, least", [_cosines(one.fidelity) for one in variants]),
        ("lists of names: mean, p1, least", [_cosines(one.names) for one in variants]),
        ("overlap@10", [_overlap(one) for one in variants]),
    ]
    return [(name, *cells) for name, cells in rows]


def _cosines(found: Fidelity | None) -> str:
    return f"{found.mean.value:.4f}, {found.p1.value:.4f}, {found.least:.4f}" if found else ""


def _overlap(variant: VariantReport) -> str:
    found = variant.retrieval.overlap_at_10 if variant.retrieval else None
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})" if found else ""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--as-measured", action="store_true", help="measure nothing, write the page of the last result"
    )
    if not options.parse_args().as_measured:
        measure.write(precisions.measure_models(), FILE)
    write()


if __name__ == "__main__":
    main()

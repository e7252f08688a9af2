"""What the project promises about speed, memory and fidelity, and whether a result keeps it. Measures nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import contenders
from benchmarks.embedding import Embedding
from benchmarks.fidelity import Alike
from benchmarks.find import Findings
from benchmarks.ingest import Ingest
from benchmarks.measure import median
from benchmarks.query import Searches
from benchmarks.tables import NOT_MEASURED, least_ratio, ratios, table
from pipeline.datatypes import SearchMode
from pipeline.evaluation.hardware import VNNI

SPEEDUP = 3.0
BUSY_SHARE = 0.85  # of all cores, while it works: what "both cores busy" is taken to mean
COORDINATOR_MB = 400
SEARCH_MS = 700
HELP_MS = 150
FOUND = (24, 25)

TORCH_RATIO = (7.0, 9.0)  # at least, and what would be better still
ORDINARY_RATIO = (1.5, 2.0)
FASTEMBED_RATIO = (2.0, 2.5)
ROOFLINE_SHARE = (0.43, 0.55)
TWO_THREADS = 1.9
FIRST_VECTOR_MS = (300, 250)
PEAK_MB = 120
COSINE_MEAN, COSINE_P1 = (0.997, 0.998), 0.993
OVERLAP = (0.93, 0.95)
NDCG_LOSS = -0.005

HEADER = ("target", "stretch", "measured", "")
OTHER_PROCESSOR = "not this processor (no VNNI)"


@dataclass(frozen=True, slots=True)
class Target:
    """What the project promises, and what was measured; `met` is None where it was not. `note` replaces the verdict."""

    promise: str
    measured: str
    met: bool | None
    stretch: str = ""
    stretched: bool = False
    note: str = ""

    def row(self) -> tuple[str, ...]:
        """Its line in the table."""
        verdict = {True: "met", False: "**missed**", None: ""}[self.met]
        return self.promise, self.stretch, self.measured, self.note or ("stretch met" if self.stretched else verdict)


def of_ingest(result: Ingest) -> list[Target]:
    """Speed from drop to searchable, processors, memory."""
    seconds = [run.seconds for run in result.drop]
    compared = ratios(result, seconds)
    least = least_ratio(result, seconds) if compared else 0.0
    busy = median([run.cores_busy for run in result.drop]) / result.conditions.cores
    peak_mb = max(run.coordinator_peak_mb for run in result.once + result.drop)
    return [
        Target(
            f"from drop to searchable at least {SPEEDUP:g} x as fast as the reference embeds the same texts",
            f"{median(compared):.2f} x; {least:.2f} x by the least of each" if compared else NOT_MEASURED,
            min(median(compared), least) >= SPEEDUP if compared else None,
        ),
        Target(f"{BUSY_SHARE:.0%} of all cores busy while it works", f"{busy:.0%}", busy >= BUSY_SHARE),
        Target(f"coordinator at most {COORDINATOR_MB} MB", f"{peak_mb:.0f} MB", peak_mb <= COORDINATOR_MB),
    ]


def of_searches(result: Searches) -> list[Target]:
    """Cold processes."""
    search_ms, help_ms = median(result.search_ms), median(result.help_ms)
    return [
        Target(f"a cold `pipeline search` in {SEARCH_MS} ms", f"{search_ms:.0f} ms", search_ms <= SEARCH_MS),
        Target(f"`pipeline --help` in {HELP_MS} ms", f"{help_ms:.0f} ms", help_ms <= HELP_MS),
    ]


def of_findings(result: Findings) -> list[Target]:
    """The right page."""
    hybrid = [one for one in result.findings if one.mode == SearchMode.HYBRID]
    worst = min(hybrid, key=lambda one: one.right_page_first_or_second)
    share = worst.right_page_first_or_second / worst.contracts
    return [
        Target(
            f"the right page first or second for {FOUND[0]} of {FOUND[1]} contracts (hybrid)",
            f"{worst.right_page_first_or_second} of {worst.contracts} with the worst of {len(hybrid)} seeds",
            share >= FOUND[0] / FOUND[1],
        )
    ]


def of_embedding(result: Embedding) -> list[Target]:
    """The INT8 model: speed, start, memory, fidelity. A quick run is judged nowhere."""
    return [*_speed(result), *_start(result), *_fidelity(result)] if not result.quick else []


def _speed(result: Embedding) -> list[Target]:
    int8 = contenders.PRODUCT_INT8
    vnni = result.speeds.integer_kernel == VNNI
    ordinary = [result.ratios(int8, key) for key in (contenders.ONNX_INT8, contenders.ONNX_INT8_SMALL)]
    one, two = result.timing(int8), result.timing(contenders.PRODUCT_TWO)
    gain = [a / b for a, b in zip(one.seconds, two.seconds, strict=True)] if one and two else []
    peers = "INT8 tokens per second and core beside"
    return [
        _at_least(
            f"{peers} sentence-transformers, torch, float32 (on AMD with VNNI): {{}}", TORCH_RATIO,
            result.ratios(int8, contenders.TORCH), _times, note="" if vnni else OTHER_PROCESSOR,
        ),
        _at_least(
            f"{peers} onnxruntime with the ordinary INT8 file, the faster of its batches: {{}}", ORDINARY_RATIO,
            min((some for some in ordinary if some), key=median, default=[]), _times,
        ),
        _at_least(
            f"{peers} fastembed with the ordinary INT8 file: {{}}", FASTEMBED_RATIO,
            result.ratios(int8, contenders.FASTEMBED), _times,
        ),
        _at_least("INT8 share of the roofline: {}", ROOFLINE_SHARE, result.roofline_shares(int8), _percent),
        _at_least("INT8 with two threads beside one, wall time: {}", (TWO_THREADS, None), gain, _times),
    ]  # fmt: skip


def _start(result: Embedding) -> list[Target]:
    first_ms, peak_mb = median(result.start.first_vector_ms), max(result.start.peak_mb)
    bound, better = FIRST_VECTOR_MS
    return [
        Target(
            f"INT8 from the start of a process to its first vector in {bound} ms", f"{first_ms:.0f} ms",
            first_ms <= bound, f"{better} ms", first_ms <= better,
        ),
        Target(f"INT8 in at most {PEAK_MB} MB", f"{peak_mb:.0f} MB", peak_mb <= PEAK_MB),
    ]  # fmt: skip


def _fidelity(result: Embedding) -> list[Target]:
    """Every pair of the product's INT8 and a float32 model counts, and every set; the worst decides."""
    held_out = [one for one in result.fidelity.alike if one.model == "INT8" and one.texts == "held-out passages"]
    found = result.fidelity.found
    worst: Alike = min(held_out, key=lambda one: one.mean.value)
    least_p1 = min(one.p1.value for one in held_out)
    return [
        _at_least("held-out passages, cosine to float32 on average: {}", COSINE_MEAN, [worst.mean.value], _four),
        _at_least("held-out passages, cosine exceeded by 99 of 100: {}", (COSINE_P1, None), [least_p1], _four),
        _at_least(
            "overlap@10 with float32, least of the shared sets: {}", OVERLAP,
            [min(one.overlap_at_10.value for one in found)] if found else [], _three,
        ),
        _at_least(
            "nDCG@10 of INT8 minus float32, least of the shared sets: {}", (NDCG_LOSS, None),
            [min(one.ndcg_difference.value for one in found)] if found else [], _signed,
        ),
    ]  # fmt: skip


def _at_least(
    promise: str,
    bounds: tuple[float, float | None],
    values: Sequence[float],
    written: Callable[[float], str],
    *,
    note: str = "",
) -> Target:
    """The middle of these values must reach the first bound; the second would be better still."""
    bound, better = bounds
    stretch = "" if better is None else written(better)
    promise = promise.format(f"at least {written(bound)}")
    if not values:
        return Target(promise, NOT_MEASURED, None, stretch)
    value = median(values)
    return Target(promise, written(value), value >= bound, stretch, better is not None and value >= better, note)


def _times(value: float) -> str:
    return f"{value:.2f} x"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _three(value: float) -> str:
    return f"{value:.3f}"


def _four(value: float) -> str:
    return f"{value:.4f}"


def _signed(value: float) -> str:
    return f"{value:+.4f}"


def judged(targets: Sequence[Target]) -> str:
    """All of them in one table."""
    return table(HEADER, [target.row() for target in targets])

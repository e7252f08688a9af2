"""The embedding benchmark's result as tables in Markdown. Measures and judges nothing."""

from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.cold_start import Starts
from benchmarks.embedding import Embedding
from benchmarks.embedding_process import Timing
from benchmarks.measure import median
from benchmarks.tables import NOT_MEASURED, conditions, spread, table
from pipeline.evaluation.report import Interval

QUICK = "**A quick run with few texts, to see that everything works: its figures say nothing.**"


def embedding_tables(result: Embedding) -> list[str]:
    """Speeds, the roofline, starts, fidelity, retrieval."""
    return [
        *([QUICK] if result.quick else []),
        conditions("embedding", result.conditions),
        *_speeds(result),
        *_starts(result),
        *_fidelity(result),
    ]


def _speeds(result: Embedding) -> list[str]:
    speeds = result.speeds
    versions = ", ".join(f"{name} {version}" for name, version in speeds.packages.items())
    rows = [_speed(result, timing) for timing in speeds.timings]
    rows += [(one.name, f"{NOT_MEASURED}: {one.why}", "", "", "") for one in speeds.absent]
    share = result.roofline_shares(contenders.PRODUCT_INT8)
    mean = f"{speeds.tokens / speeds.texts:.0f}"
    return [
        f"{speeds.texts} passages drawn from {speeds.source}, {speeds.tokens} tokens ({mean} on average, never "
        f"padding), in {len(speeds.gemm_gmacs)} rounds: all of these one after the other in one "
        "process, each round beginning with another. One thread each unless said otherwise; tokens per second and core "
        f"are those of processor time, tokenization included. {versions}. This processor adds INT8 products with "
        f"{speeds.integer_kernel}. The ordinary INT8 file is a torch.onnx export of the same weights through "
        "onnxruntime's quantize_dynamic, per channel. The last column is the mean cosine of some of these passages' "
        "vectors with those of the first row.",
        table(("all-MiniLM-L6-v2", "Sealed Inbox INT8 is", "tokens/s/core", "seconds", "cosine"), rows),
        f"The roofline: onnxruntime multiplies u8 by int8 in the model's own matrices at "
        f"{spread(speeds.gemm_gmacs, 0)} GMAC/s on one core here, with the best of 256, 512 and 1024 rows. A token "
        f"takes {speeds.macs_per_token / 1e6:.2f} million multiplications with these passages, attention included: the "
        f"INT8 model reaches {_percent(share)} of the roofline.",
    ]


def _speed(result: Embedding, timing: Timing) -> tuple[str, ...]:
    ratios = result.ratios(contenders.PRODUCT_INT8, timing.key)
    return (
        timing.name,
        f"{spread(ratios, 2)} x" if ratios else NOT_MEASURED,
        spread(result.rates(timing.key), 0),
        spread(timing.seconds, 2),
        f"{timing.mean_cosine:.4f}",
    )


def _starts(result: Embedding) -> list[str]:
    rows = [_start("Sealed Inbox, INT8", result.start)]
    if result.reference_start is not None:
        rows.append(_start("sentence-transformers, torch, float32", result.reference_start))
    return [
        "From the start of a process to its first vector, files cached by the system, and the most memory it held:",
        table(("", "processes", "ms", "MB"), rows),
    ]


def _start(name: str, starts: Starts) -> tuple[str, ...]:
    return name, str(len(starts.peak_mb)), spread(starts.first_vector_ms, 0), spread(starts.peak_mb, 0)


def _fidelity(result: Embedding) -> list[str]:
    alike = [
        (
            one.texts, one.model, one.beside, str(one.passages),
            _interval(one.mean, 4), _interval(one.p1, 4), f"{one.least:.4f}",
        )
        for one in result.fidelity.alike
    ]  # fmt: skip
    found = [
        (
            one.name, f"{one.documents}, {one.passages}", str(one.queries), _interval(one.overlap_at_10, 3),
            f"{one.ndcg_float32:.4f}", f"{one.ndcg_int8:.4f}", _interval(one.ndcg_difference, 4, signed=True),
        )
        for one in result.fidelity.found
    ]  # fmt: skip
    return [
        "Cosines of two models' vectors of the same passages, none of which was calibrated with, and 95 % bootstrap "
        "intervals. Lists of names are the hardest passages known. `float32` and `INT8` are the product's models.",
        table(("texts", "model", "beside", "passages", "mean", "p1", "least"), alike),
        "Whole shared sets, cut as the product cuts them, and all of their queries that have a relevant document; each "
        "model searches its own vectors. Overlap@10 is by passage, nDCG@10 by document.",
        table(
            ("set", "documents, passages", "queries", "overlap@10", "nDCG@10 float32", "INT8", "difference"), found
        ) if found else NOT_MEASURED,
    ]  # fmt: skip


def _interval(value: Interval, digits: int, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    told = [f"{one:{sign}.{digits}f}" for one in (value.value, value.low, value.high)]
    return f"{told[0]} ({told[1]} to {told[2]})"


def _percent(shares: Sequence[float]) -> str:
    return f"{median(shares):.0%} ({min(shares):.0%}–{max(shares):.0%})" if shares else NOT_MEASURED

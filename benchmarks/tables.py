"""Results as tables in Markdown, one function per benchmark. Measures and judges nothing."""

from collections.abc import Sequence

from benchmarks.find import Findings
from benchmarks.ingest import Ingest
from benchmarks.measure import Conditions, median
from benchmarks.product import Run
from benchmarks.query import Searches

NOT_MEASURED = "not measured here"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def ratios(result: Ingest, seconds: Sequence[float]) -> list[float]:
    """How many times as long the reference took, round by round; nothing where it was not measured."""
    return [other / ours for other, ours in zip(result.reference_s, seconds, strict=False)]


def least_ratio(result: Ingest, seconds: Sequence[float]) -> float:
    """The same of the shortest time of each: what other programs add to a time is never negative."""
    return min(result.reference_s) / min(seconds)


def ingest_tables(result: Ingest) -> list[str]:
    """Speed beside the reference, then processor time and memory."""
    runs = {
        "dropped into a watched inbox: first copy to last event": result.drop,
        "`pipeline watch --once`: its process from start to end": result.once,
    }
    rows = [
        _speed(result, name, [run.seconds for run in some], [run.cpu_s for run in some]) for name, some in runs.items()
    ]
    rows.append(_speed(result, "`Pipeline.embed` alone, model loaded", result.embed_s, result.embed_cpu_s))
    return [
        conditions("ingest", result.conditions, result.loads),
        f"{result.files} PDFs, {result.pages} pages, {result.chunks} passages, {result.tokens} tokens, "
        f"{len(result.drop)} interleaved rounds. A file is complete {result.settle_s:g} s after its last change; "
        "both whole runs contain that wait.",
        table(
            ("", "seconds", "CPU seconds", "passages/s", "x reference", "least of each"), [*rows, _reference(result)]
        ),
        *_alike(result),
        "Processor time and memory while it works, from the first parser process to the last file. The product's time "
        "is a lower bound (parsers live shortly and are looked at every 10 ms), the whole machine's an upper one.",
        table(
            (
                "run",
                "cores busy",
                "coordinator, CPU s",
                "parsers, CPU s",
                "machine, cores",
                "coordinator, MB",
                "parser, MB",
            ),
            [_work("dropped", result.drop), _work("`--once`", result.once)],
        ),
    ]


def search_tables(result: Searches) -> list[str]:
    """Cold processes, then warm queries."""
    cold = [
        (f"`pipeline search`, {result.search_peak_mb:.0f} MB", spread(result.search_ms, 0)),
        (
            "`pipeline search`, answered by a running watcher",
            spread(result.asked_ms, 0) if result.asked_ms else NOT_MEASURED,
        ),
        ("`pipeline --help`", spread(result.help_ms, 0)),
        ("for comparison: `python -c pass`", spread(result.python_ms, 0)),
    ]
    warm = [(one.mode, str(one.queries), f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}") for one in result.warm]
    return [
        conditions("query", result.conditions),
        f"{result.chunks} passages. Whole processes, their files cached by the system, {len(result.search_ms)} "
        "interleaved rounds:",
        table(("process", "ms"), cold),
        "In a process that has searched before:",
        table(("mode", "queries", "p50 ms", "p95 ms"), warm),
    ]


def finding_tables(result: Findings) -> list[str]:
    """One row per seed and mode."""
    rows = [
        (
            str(one.seed),
            one.mode,
            f"{one.right_page_first} of {one.contracts}",
            f"{one.right_page_first_or_second} of {one.contracts}",
            f"{one.right_document_first_or_second} of {one.contracts}",
            ", ".join(name.removesuffix(".pdf") for name in one.missed),
        )
        for one in result.findings
    ]
    return [
        conditions("find", result.conditions),
        f"{result.pages} pages. A sentence of each contract's reference text, drawn at random, is searched as it is; "
        "only the PDFs are indexed. Right is a passage on that sentence's page.",
        table(("seed", "mode", "right page first", "first or second", "document, first or second", "missed"), rows),
    ]


def conditions(script: str, at: Conditions, loads: Sequence[float] = ()) -> str:
    """Which script measured, when, on what."""
    packages = ", ".join(f"{name} {version}" for name, version in at.packages.items())
    seen = ", ".join(str(load) for load in (at.load_before, *loads, at.load_after))
    return (
        f"`benchmarks/{script}.py`, {at.date}: {at.cpu}; {at.cores} cores, {at.memory_gb:g} GB, {at.system}; "
        f"Python {at.python}, {packages}. Load before, during and after: {seen}."
    )


def spread(values: Sequence[float], digits: int) -> str:
    """The middle value, and the range."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def _speed(result: Ingest, name: str, seconds: Sequence[float], cpu_s: Sequence[float]) -> tuple[str, ...]:
    compared = ratios(result, seconds)
    cells = [name, spread(seconds, 2), spread(cpu_s, 1), f"{result.chunks / median(seconds):.0f}"]
    if not compared:
        return *cells, NOT_MEASURED, ""
    return *cells, spread(compared, 2), f"{least_ratio(result, seconds):.2f}"


def _reference(result: Ingest) -> tuple[str, ...]:
    other = result.reference
    if other is None:
        return "sentence-transformers", NOT_MEASURED, "", "", "", ""
    packages = ", ".join(f"{name} {version}" for name, version in other.packages.items())
    name = f"the reference, model loaded: {packages}, {other.dtype}, batches of {other.batch_size}"
    return _speed(result, name, result.reference_s, result.reference_cpu_s)


def _alike(result: Ingest) -> list[str]:
    other = result.reference
    if other is None:
        return []
    return [
        f"Cosine of both vectors of a passage: {other.mean_cosine:.4f} on average, {other.least_cosine:.4f} at least."
    ]


def _work(name: str, runs: Sequence[Run]) -> tuple[str, ...]:
    return (
        name,
        spread([run.cores_busy for run in runs], 2),
        spread([run.coordinator_cpu_s for run in runs], 1),
        spread([run.parsers_cpu_s for run in runs], 1),
        spread([run.machine_cpu_s / run.working_s for run in runs], 2),
        spread([run.coordinator_peak_mb for run in runs], 0),
        spread([run.parser_peak_mb for run in runs], 0),
    )

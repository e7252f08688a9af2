"""How the index of vectors grows, as a plot, tables and targets. Measures nothing."""

from collections.abc import Sequence

from benchmarks.measure import median
from benchmarks.scale import Bytes, Scale, Searches, Size
from benchmarks.tables import conditions, spread, table
from benchmarks.targets import Target

RECALL = 0.98
BUILD_S = 90.0
FIRST_ANSWER_MS = 2_000.0
RESIDENT_MB = 700.0
BYTES = 900.0
MILLION = 1_000_000
TEN = 10


def tables_of(result: Scale) -> list[str]:
    """Time by size as a plot, then each kind of search, and what a store costs."""
    return [
        conditions("scale", result.conditions, []),
        f"The index of vectors alone, in a process of its own: {result.questions} real questions, stores of passages "
        "made of real embeddings. Recall is the share of the ten nearest passages, by brute force over the codes in "
        "SQLite, among the first ten found. A filter lets half of the documents pass. Words are not searched here.",
        _plot(result.sizes),
        table(
            ("passages", "found", "filtered", "p50 ms", "p95 ms", "recall@10"),
            [_search_row(size, one) for size in result.sizes for one in size.searches],
        ),
        table(
            ("passages", "index built, s", "at most, MB", "start to first answer, ms", "resident, MB", "of it Python"),
            [_process_row(size) for size in result.sizes],
        ),
        "Bytes on disk for each passage. The rest is what SQLite takes beyond text and codes: rows, indexes, names.",
        table(
            ("passages", "text", "codes", "index file", "rest of SQLite", "all beyond the text"),
            [_bytes_row(size) for size in result.sizes],
        ),
    ]


def targets_of(result: Scale) -> list[Target]:
    """What was promised of a million passages; nothing where these were not measured."""
    return [target for size in result.sizes if size.chunks >= MILLION for target in _targets(size)]


def _targets(size: Size) -> list[Target]:
    recall = min(one.recall for one in size.searches if one.limit == TEN)
    first = median(size.first_answer_ms)
    of = "of a million passages"
    return [
        Target(f"recall@10 {of}: at least {RECALL}", f"{recall:.3f}", recall >= RECALL),
        Target(f"index {of}, built: at most {BUILD_S:.0f} s", f"{size.build_s:.0f} s", size.build_s <= BUILD_S),
        Target(
            f"first answer {of}: at most {FIRST_ANSWER_MS:.0f} ms", f"{first:.0f} ms", first <= FIRST_ANSWER_MS
        ),
        Target(
            f"memory of the index {of}: at most {RESIDENT_MB:.0f} MB",
            f"{size.resident_mb:.0f} MB",
            size.resident_mb <= RESIDENT_MB,
        ),
        Target(
            f"disk beyond the text {of}: at most {BYTES:.0f} bytes each",
            f"{_beyond(size.bytes):.0f}",
            _beyond(size.bytes) <= BYTES,
        ),
    ]  # fmt: skip


def _plot(sizes: Sequence[Size]) -> str:
    """Median milliseconds of a search for ten passages by size of the store: a Mermaid chart of one line."""
    shown = [
        (size.chunks, one.p50_ms) for size in sizes for one in size.searches if one.limit == TEN and not one.filtered
    ]
    names = ", ".join(f'"{chunks:,}"' for chunks, _ in shown)
    most = max(ms for _, ms in shown)
    return "\n".join(
        [
            "```mermaid",
            "xychart-beta",
            '    title "Search of vectors, median"',
            f'    x-axis "passages" [{names}]',
            f'    y-axis "ms" 0 --> {most * 1.2:.1f}',
            f"    line [{', '.join(f'{ms:.2f}' for _, ms in shown)}]",
            "```",
        ]
    )


def _search_row(size: Size, one: Searches) -> tuple[str, ...]:
    filtered = "yes" if one.filtered else "no"
    return f"{size.chunks:,}", str(one.limit), filtered, f"{one.p50_ms:.2f}", f"{one.p95_ms:.2f}", f"{one.recall:.3f}"


def _process_row(size: Size) -> tuple[str, ...]:
    return (
        f"{size.chunks:,}",
        f"{size.build_s:.1f}",
        f"{size.build_peak_mb:.0f}",
        spread(size.first_answer_ms, 0),
        f"{size.resident_mb:.0f}",
        f"{size.before_mb:.0f}",
    )


def _bytes_row(size: Size) -> tuple[str, ...]:
    of = size.bytes
    return (f"{size.chunks:,}", *(f"{each:.0f}" for each in (of.text, of.codes, of.index, of.rest, _beyond(of))))


def _beyond(of: Bytes) -> float:
    return of.codes + of.index + of.rest

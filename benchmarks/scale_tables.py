"""How an index grows, as a plot, tables and targets. Measures nothing."""

from collections.abc import Sequence

from benchmarks.measure import median
from benchmarks.scale_figures import Scale, Searches, Size, Whole
from benchmarks.tables import conditions, spread, table
from benchmarks.targets import Target

RECALL = 0.98
BUILD_S = 90.0
FIRST_ANSWER_MS = 2_000.0
RESIDENT_MB = 700.0
BYTES = 900.0
MILLION = 1_000_000
TEN = 10
QUESTION_MS = {10_000: (3, 6), 100_000: (5, 12), 1_000_000: (15, 30)}  # p50 and p95, with a filter
COLD_OF, COLD_MS = 100_000, 400.0


def tables_of(result: Scale) -> list[str]:
    """Time by size as a plot, whole questions and what serving takes, then the index of vectors by itself, and disk."""
    sizes = result.sizes
    return [
        conditions("scale", result.conditions, []),
        f"{result.questions} real questions, stores of passages made of the shared corpora's sentences and embeddings. "
        "Whole ones, warm, in one process, as a running watcher answers them: by meaning and by word, ten passages "
        "explained. A filter lets half of the documents pass.",
        _plot(sizes),
        table(
            ("passages", "filtered", "p50 ms", "p95 ms"),
            [_whole_row(size, one) for size in sizes for one in size.serving.whole],
        ),
        "A process that answers: from its start to its first answer, and its memory after all of it. Mapped are the "
        "index's files, which the system drops when it needs room. Cold is a whole `pipeline search` with no watcher.",
        table(
            (
                "passages",
                "index of words made, s",
                "at most, MB",
                "first answer, ms",
                "own MB",
                "mapped MB",
                "cold, ms",
            ),
            [_serving_row(size) for size in sizes],
        ),
        "The index of vectors by itself. Recall is the share of the ten nearest passages, by brute force over codes "
        "in SQLite, among the first ten found.",
        table(
            ("passages", "found", "filtered", "p50 ms", "p95 ms", "recall@10"),
            [_search_row(size, one) for size in sizes for one in size.searches],
        ),
        table(
            ("passages", "index made, s", "at most, MB", "start to first answer, ms", "resident, MB", "of it Python"),
            [_process_row(size) for size in sizes],
        ),
        "Bytes on disk for each passage. Text is what the pages say, in UTF-8, which is kept packed; the rest is what "
        "SQLite takes besides: rows, indexes, names, free pages.",
        table(
            ("passages", "text", "packed", "codes", "vectors' index", "words' index", "rest", "all beyond the text"),
            [_bytes_row(size) for size in sizes],
        ),
    ]


def targets_of(result: Scale) -> list[Target]:
    """What was promised of these sizes; nothing of those that were not measured."""
    found = [target for size in result.sizes for target in _of_questions(size)]
    return found + [target for size in result.sizes if size.chunks >= MILLION for target in _of_a_million(size)]


def _of_questions(size: Size) -> list[Target]:
    found = []
    if size.chunks in QUESTION_MS:
        (one,) = (one for one in size.serving.whole if one.filtered)
        for name, bound, ms in zip(("p50", "p95"), QUESTION_MS[size.chunks], (one.p50_ms, one.p95_ms), strict=True):
            told = f"question with a filter, {size.chunks:,} passages, {name}: at most {bound} ms"
            found.append(Target(told, f"{ms:.1f} ms", ms <= bound))
    if size.chunks == COLD_OF:
        cold = median(size.serving.cold_ms)
        told = f"cold `pipeline search`, {size.chunks:,} passages: at most {COLD_MS:.0f} ms"
        found.append(Target(told, f"{cold:.0f} ms", cold <= COLD_MS))
    return found


def _of_a_million(size: Size) -> list[Target]:
    recall = min(one.recall for one in size.searches if one.limit == TEN)
    first, built = median(size.serving.first_answer_ms), size.build_s + size.serving.words_s
    resident, beyond = size.serving.resident_mb, size.bytes.beyond
    of = "of a million passages"
    return [
        Target(f"recall@10 {of}: at least {RECALL}", f"{recall:.3f}", recall >= RECALL),
        Target(f"both indexes {of}, one after the other: at most {BUILD_S:.0f} s", f"{built:.0f} s", built <= BUILD_S),
        Target(f"first answer {of}: at most {FIRST_ANSWER_MS:.0f} ms", f"{first:.0f} ms", first <= FIRST_ANSWER_MS),
        Target(
            f"memory to answer {of}: at most {RESIDENT_MB:.0f} MB", f"{resident:.0f} MB", resident <= RESIDENT_MB
        ),
        Target(f"disk beyond the text {of}: at most {BYTES:.0f} bytes each", f"{beyond:.0f}", beyond <= BYTES),
    ]  # fmt: skip


def _plot(sizes: Sequence[Size]) -> str:
    """Median milliseconds of a whole question by size of the store: a Mermaid chart of one line."""
    shown = [(size.chunks, one.p50_ms) for size in sizes for one in size.serving.whole if not one.filtered]
    names = ", ".join(f'"{chunks:,}"' for chunks, _ in shown)
    most = max(ms for _, ms in shown)
    return "\n".join(
        [
            "```mermaid",
            "xychart-beta",
            '    title "A question by meaning and by word, median"',
            f'    x-axis "passages" [{names}]',
            f'    y-axis "ms" 0 --> {most * 1.2:.1f}',
            f"    line [{', '.join(f'{ms:.2f}' for _, ms in shown)}]",
            "```",
        ]
    )


def _whole_row(size: Size, one: Whole) -> tuple[str, ...]:
    return f"{size.chunks:,}", "yes" if one.filtered else "no", f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}"


def _serving_row(size: Size) -> tuple[str, ...]:
    of = size.serving
    return (
        f"{size.chunks:,}",
        f"{of.words_s:.1f}",
        f"{of.words_peak_mb:.0f}",
        spread(of.first_answer_ms, 0),
        f"{of.resident_mb - of.mapped_mb:.0f}",
        f"{of.mapped_mb:.0f}",
        spread(of.cold_ms, 0),
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
    each = (of.text, of.packed, of.codes, of.vectors, of.words, of.rest, of.beyond)
    return (f"{size.chunks:,}", *(f"{one:.0f}" for one in each))

"""Searches during reading, as a table and targets. Measures nothing."""

from benchmarks import measure
from benchmarks.busy import PACE_S, Busy
from benchmarks.measure import median
from benchmarks.tables import conditions, spread, table
from benchmarks.targets import Target

SLOWER, LOST = 3.0, 0.10


def tables_of(result: Busy) -> list[str]:
    """What a question takes with and without reading beside it, and what reading takes with and without questions."""
    return [
        conditions("busy", result.conditions, []),
        f"{result.files} PDFs are dropped into an inbox whose watcher has as many already. A question every "
        f"{PACE_S:g} s, over its socket; {result.unanswered} were not answered within 1.5 s.",
        table(
            ("a question while the watcher", "questions", "p50 ms", "p95 ms"),
            [_row("waits", result.idle_ms), _row("reads", result.busy_ms)],
        ),
        table(
            ("reading", "seconds"),
            [("alone", spread(result.alone_s, 2)), ("with questions", spread(result.asked_s, 2))],
        ),
    ]


def targets_of(result: Busy) -> list[Target]:
    """Neither may cost the other much."""
    slower = measure.percentile(result.busy_ms, 95) / measure.percentile(result.idle_ms, 95)
    lost = median(result.asked_s) / median(result.alone_s) - 1
    return [
        Target(f"p95 of questions while files are read: at most {SLOWER:g} x", f"{slower:.1f} x", slower <= SLOWER),
        Target(f"reading loses by questions at most {LOST:.0%}", f"{max(0.0, lost):.0%}", lost <= LOST),
    ]


def _row(name: str, ms: list[float]) -> tuple[str, ...]:
    return name, str(len(ms)), f"{measure.percentile(ms, 50):.1f}", f"{measure.percentile(ms, 95):.1f}"

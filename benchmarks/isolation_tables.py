"""What the lock costs, as tables and targets. Measures nothing."""

from benchmarks.isolation import Isolation
from benchmarks.measure import median
from benchmarks.tables import conditions, spread, table
from benchmarks.targets import Target

LOCK_MS = 10
CHILD_MS = 15
THROUGHPUT = 0.97

_NAMES = {
    "locked": "the product",
    "unlocked": "without the lock of service and parser",
    "one-process": "without a lock, read in threads of the service",
}


def tables_of(result: Isolation) -> list[str]:
    """Lock, child and throughput."""
    rows = [
        (
            _NAMES[variant],
            spread(seconds, 2),
            spread(result.cpu_s[variant], 1),
            f"{median(share):.1%} ({min(share):.1%}–{max(share):.1%})",
        )
        for variant, seconds in result.seconds.items()
        for share in [_shares(result, variant)]
    ]
    return [
        conditions("isolation", result.conditions, []),
        table(
            ("", "times", "ms"),
            [
                (
                    "taking the lock of a command, in a fresh process",
                    str(len(result.lock_ms)),
                    spread(result.lock_ms, 1),
                ),
                (
                    "a parser child, from asking for it to its last frame, for a letter of one line",
                    str(len(result.locked_child_ms)),
                    spread(result.locked_child_ms, 1),
                ),
                (
                    "the same child without its lock",
                    str(len(result.unlocked_child_ms)),
                    spread(result.unlocked_child_ms, 1),
                ),
            ],
        ),
        f"{result.files} PDFs brought to their ends by `Pipeline.ingest`, model loaded, in "
        f"{len(result.seconds['locked'])} interleaved rounds. Throughput is the product's beside that row's, round by "
        "round; above 100 % the product was faster.",
        table(("", "seconds", "CPU seconds", "throughput of the product"), rows),
    ]


def targets_of(result: Isolation) -> list[Target]:
    """What issue 4 promises."""
    lock_ms, child_ms = median(result.lock_ms), median(result.locked_child_ms)
    least = min(median(_shares(result, name)) for name in ("unlocked", "one-process"))
    return [
        Target(f"the lock is taken in {LOCK_MS} ms", f"{lock_ms:.1f} ms", lock_ms <= LOCK_MS),
        Target(f"a parser child costs at most {CHILD_MS} ms a document", f"{child_ms:.1f} ms", child_ms <= CHILD_MS),
        Target(
            f"with lock and parser process at least {THROUGHPUT:.0%} of the throughput without",
            f"{least:.1%}",
            least >= THROUGHPUT,
        ),
    ]


def _shares(result: Isolation, variant: str) -> list[float]:
    return [other / ours for other, ours in zip(result.seconds[variant], result.seconds["locked"], strict=True)]

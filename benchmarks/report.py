"""Runs every benchmark and writes docs/benchmarks.md from their results. No figure of that page is typed by hand."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmarks import comparison, find, ingest, measure, query
from benchmarks.find import Findings
from benchmarks.ingest import Ingest
from benchmarks.measure import RESULTS, median
from benchmarks.process_tree import await_quiet
from benchmarks.query import Searches
from benchmarks.tables import NOT_MEASURED, finding_tables, ingest_tables, least_ratio, ratios, search_tables, table
from pipeline.datatypes import SearchMode

PAGE = measure.ROOT / "docs" / "benchmarks.md"
SPEEDUP = 3.0
BUSY_SHARE = 0.85  # of all cores, while it works: what "both cores busy" is taken to mean
COORDINATOR_MB = 400
SEARCH_MS = 700
HELP_MS = 150
FOUND = (24, 25)
_INTRODUCTION = """\
Written by `python benchmarks/report.py` (`make bench`): change nothing here. Every figure is of the run described
beside it; another machine, or a busier one, gives others. Middle value first, the range in brackets; times are wall
time, a MB is 10^6 bytes. The reference needs an environment of its own, named by `--reference PYTHON` or
`SEALED_REFERENCE_PYTHON`; it gets its texts ready cut, and has loaded."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the project promises, and what was measured; `met` is None where it was not."""

    promise: str
    measured: str
    met: bool | None

    def row(self) -> tuple[str, ...]:
        """Its line in the table."""
        return self.promise, self.measured, {True: "met", False: "**missed**", None: ""}[self.met]


def page(ingested: Ingest | None, searched: Searches | None, found: Findings | None) -> str:
    """The whole page, in Markdown. A part without a result says so."""
    targets = [
        *(_ingest_targets(ingested) if ingested else []),
        *(_search_targets(searched) if searched else []),
        *(_finding_targets(found) if found else []),
    ]
    parts = [
        "# Benchmarks",
        _INTRODUCTION,
        "## Targets",
        table(("target", "measured", ""), [target.row() for target in targets]),
        "## From drop to searchable",
        *(ingest_tables(ingested) if ingested else [NOT_MEASURED]),
        "## Searching",
        *(search_tables(searched) if searched else [NOT_MEASURED]),
        "## Finding",
        *(finding_tables(found) if found else [NOT_MEASURED]),
    ]
    return "\n\n".join(parts) + "\n"


def _ingest_targets(result: Ingest) -> list[Target]:
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


def _search_targets(result: Searches) -> list[Target]:
    search_ms, help_ms = median(result.search_ms), median(result.help_ms)
    return [
        Target(f"a cold `pipeline search` in {SEARCH_MS} ms", f"{search_ms:.0f} ms", search_ms <= SEARCH_MS),
        Target(f"`pipeline --help` in {HELP_MS} ms", f"{help_ms:.0f} ms", help_ms <= HELP_MS),
    ]


def _finding_targets(result: Findings) -> list[Target]:
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


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reference", metavar="PYTHON", help=f"else {comparison.REFERENCE_VARIABLE}")
    options.add_argument("--rounds", type=int, default=3, help="of the ingest benchmark")
    options.add_argument("--patience", type=float, default=ingest.PATIENCE_S, help="seconds to wait for quiet cores")
    options.add_argument("--as-measured", action="store_true", help="run nothing, write the page of the last results")
    options.add_argument("--page", type=Path, default=PAGE)
    chosen = options.parse_args()
    if not chosen.as_measured:
        _measure(comparison.reference_python(chosen.reference), chosen.rounds, chosen.patience)
    text = page(
        measure.read(RESULTS / "ingest.json", Ingest),
        measure.read(RESULTS / "query.json", Searches),
        measure.read(RESULTS / "find.json", Findings),
    )
    chosen.page.parent.mkdir(parents=True, exist_ok=True)
    chosen.page.write_text(text, encoding="utf-8")


def _measure(reference: str | None, rounds: int, patience_s: float) -> None:
    documents = measure.pdfs([])
    await_quiet(patience_s)
    measure.write(query.measure_searches(documents, query.ROUNDS), RESULTS / "query.json")
    if measure.CONTRACTS.is_dir():
        measure.write(find.measure_finding(measure.CONTRACTS, find.SEEDS), RESULTS / "find.json")
    measure.write(ingest.measure_ingest(documents, reference, rounds, patience_s), RESULTS / "ingest.json")


if __name__ == "__main__":
    main()

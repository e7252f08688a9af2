"""Runs every benchmark and writes docs/benchmarks.md and docs/models.md from their results. No figure is typed."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import (
    comparison,
    embedding,
    find,
    ingest,
    isolation,
    isolation_tables,
    measure,
    models_page,
    precisions,
    query,
    reading,
    reading_tables,
    targets,
)
from benchmarks.embedding import Embedding
from benchmarks.embedding_tables import embedding_tables
from benchmarks.find import Findings
from benchmarks.ingest import Ingest
from benchmarks.isolation import Isolation
from benchmarks.measure import RESULTS
from benchmarks.process_tree import await_quiet
from benchmarks.query import Searches
from benchmarks.reading import Reading
from benchmarks.tables import NOT_MEASURED, finding_tables, ingest_tables, search_tables

PAGE = measure.ROOT / "docs" / "benchmarks.md"
PARTS = (
    "query",
    "find",
    "ingest",
    "reading",
    "isolation",
    "embedding",
    "models",
)  # in the order in which they are measured
_INTRODUCTION = """\
Written by `python benchmarks/report.py` (`make bench`): change nothing here. Every figure is of the run described
beside it; another machine, or a busier one, gives others. Middle value first, the range in brackets; times are wall
time unless said otherwise, a MB is 10^6 bytes. References need an environment of their own, named by
`--reference PYTHON` or `SEALED_REFERENCE_PYTHON`. `--only PART` measures one part anew, `--as-measured` none. When
`Pipeline.embed` is compared, the reference gets its texts ready cut, and has loaded."""


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured last; None where there is no result of the form that this page knows."""

    ingested: Ingest | None
    searched: Searches | None
    found: Findings | None
    embedded: Embedding | None
    isolated: Isolation | None
    read_files: Reading | None

    @classmethod
    def read(cls) -> "Results":
        """Those of this working copy."""
        return cls(
            measure.read(RESULTS / "ingest.json", Ingest),
            measure.read(RESULTS / "query.json", Searches),
            measure.read(RESULTS / "find.json", Findings),
            measure.read(RESULTS / "embedding.json", Embedding),
            measure.read(RESULTS / "isolation.json", Isolation),
            measure.read(RESULTS / "reading.json", Reading),
        )


def page(results: Results) -> str:
    """The whole page, in Markdown. A part without a result says so."""
    ingested, searched, found, embedded = results.ingested, results.searched, results.found, results.embedded
    isolated, read_files = results.isolated, results.read_files
    promised = [
        *(targets.of_ingest(ingested) if ingested else []),
        *(targets.of_searches(searched) if searched else []),
        *(targets.of_findings(found) if found else []),
        *(reading_tables.targets_of(read_files) if read_files else []),
        *(isolation_tables.targets_of(isolated) if isolated else []),
        *(targets.of_embedding(embedded) if embedded else []),
    ]
    parts = [
        "# Benchmarks",
        _INTRODUCTION,
        "## Targets",
        targets.judged(promised),
        "## From drop to searchable",
        *(ingest_tables(ingested) if ingested else [NOT_MEASURED]),
        "## Searching",
        *(search_tables(searched) if searched else [NOT_MEASURED]),
        "## Finding",
        *(finding_tables(found) if found else [NOT_MEASURED]),
        "## Reading",
        *(reading_tables.tables_of(read_files) if read_files else [NOT_MEASURED]),
        "## What the lock costs",
        *(isolation_tables.tables_of(isolated) if isolated else [NOT_MEASURED]),
        "## Embedding",
        *(embedding_tables(embedded) if embedded else [NOT_MEASURED]),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reference", metavar="PYTHON", help=f"else {comparison.REFERENCE_VARIABLE}")
    options.add_argument("--rounds", type=int, default=3, help="of the ingest benchmark")
    options.add_argument("--patience", type=float, default=ingest.PATIENCE_S, help="seconds to wait for quiet cores")
    options.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="measure these, keep the others")
    options.add_argument("--manuals", type=Path, nargs="+", default=[], metavar="DIR", help="further PDFs to read")
    options.add_argument("--as-measured", action="store_true", help="run nothing, write the pages of the last results")
    options.add_argument("--page", type=Path, default=PAGE)
    chosen = options.parse_args()
    if not chosen.as_measured:
        for part in PARTS:
            if part in chosen.only:
                _measure(
                    part, comparison.reference_python(chosen.reference), chosen.rounds, chosen.patience, chosen.manuals
                )
    chosen.page.parent.mkdir(parents=True, exist_ok=True)
    chosen.page.write_text(page(Results.read()), encoding="utf-8")
    models_page.write()


def _measure(part: str, reference: str | None, rounds: int, patience_s: float, manuals: Sequence[Path]) -> None:
    await_quiet(patience_s)
    match part:
        case "query":
            result: object = query.measure_searches(measure.pdfs([]), query.ROUNDS)
        case "find" if not measure.CONTRACTS.is_dir():
            return
        case "find":
            result = find.measure_finding(measure.CONTRACTS, find.SEEDS)
        case "ingest":
            result = ingest.measure_ingest(measure.pdfs([]), reference, rounds, patience_s)
        case "reading" if not measure.CONTRACTS.is_dir():
            return
        case "reading":
            result = reading.measure_reading(reading.manuals_of(manuals), patience_s)
        case "isolation":
            result = isolation.measure_isolation(measure.pdfs([]), patience_s=patience_s)
        case "embedding":
            result = embedding.measure_embedding(reference, patience_s=patience_s)
        case _:
            result = precisions.measure_models()
    measure.write(result, RESULTS / f"{part}.json")


if __name__ == "__main__":
    main()

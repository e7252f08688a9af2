"""Runs every benchmark and writes docs/benchmarks.md and docs/models.md from their results. No figure is typed."""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import (
    busy,
    busy_tables,
    comparison,
    cutting,
    cutting_tables,
    embedding,
    find,
    ingest,
    insight_tables,
    isolation,
    isolation_tables,
    judged_store,
    judged_tables,
    labels,
    measure,
    models_page,
    peers,
    personal,
    precisions,
    query,
    reading,
    reading_tables,
    scale,
    scale_tables,
    search,
    targets,
)
from benchmarks.busy import Busy
from benchmarks.cutting import Cutting
from benchmarks.embedding import Embedding
from benchmarks.embedding_tables import embedding_tables
from benchmarks.find import Findings
from benchmarks.ingest import Ingest
from benchmarks.isolation import Isolation
from benchmarks.labels import Labels
from benchmarks.measure import RESULTS
from benchmarks.peers import Peers
from benchmarks.personal import Personal
from benchmarks.process_tree import await_quiet
from benchmarks.query import Searches
from benchmarks.reading import Reading
from benchmarks.scale_figures import Scale
from benchmarks.search import Search
from benchmarks.tables import NOT_MEASURED, finding_tables, ingest_tables, search_tables
from benchmarks.targets import Target

_BOUND = re.compile(r": at (?:least|most) [\d.,]+.*$")
PAGE = measure.ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: its result is of this kind, and shown so."""

    part: str
    heading: str
    kind: type
    tables: Callable[[Any], list[str]]
    promised: Callable[[Any], list[Target]]

    @property
    def result(self) -> Any:  # noqa: ANN401 - of its kind
        """What was measured last; None where there is no result of the form that this page knows."""
        return measure.read(RESULTS / f"{self.part}.json", self.kind)


SECTIONS = (
    Section("ingest", "From drop to searchable", Ingest, ingest_tables, targets.of_ingest),
    Section("query", "Searching", Searches, search_tables, targets.of_searches),
    Section("find", "Finding", Findings, finding_tables, targets.of_findings),
    Section("search", "Finding what answers a question", Search, judged_tables.tables_of, judged_tables.targets_of),
    Section("cutting", "How documents are cut", Cutting, cutting_tables.tables_of, lambda _: []),
    Section("scale", "How an index grows", Scale, scale_tables.tables_of, scale_tables.targets_of),
    Section("busy", "Searching while files are read", Busy, busy_tables.tables_of, busy_tables.targets_of),
    Section("peers", "Beside other programs", Peers, judged_tables.peers_of, lambda _: []),
    Section("labels", "What documents are", Labels, insight_tables.labels_of, insight_tables.targets_of_labels),
    Section("personal", "Personal data", Personal, insight_tables.personal_of, insight_tables.targets_of_personal),
    Section("reading", "Reading", Reading, reading_tables.tables_of, reading_tables.targets_of),
    Section("isolation", "What the lock costs", Isolation, isolation_tables.tables_of, isolation_tables.targets_of),
    Section("embedding", "Embedding", Embedding, embedding_tables, targets.of_embedding),
)
PARTS = ("query", "find", "search", "cutting", "scale", "busy", "peers", "labels", "personal", "ingest", "reading",
         "isolation", "embedding", "models")  # fmt: skip
# Measured of the shared material alone.
OF_SHARED = ("find", "search", "cutting", "scale", "peers", "labels", "personal", "reading")
_INTRODUCTION = """\
Written by `python benchmarks/report.py` (`make bench`): change nothing here. Every figure is of the run described
beside it; another machine, or a busier one, gives others. Middle value first, the range in brackets; times are wall
time unless said otherwise, a MB is 10^6 bytes. References need an environment of their own, named by
`--reference PYTHON` or `SEALED_REFERENCE_PYTHON`. `--only PART` measures one part anew, `--as-measured` none. When
`Pipeline.embed` is compared, the reference gets its texts ready cut, and has loaded."""


def page(before: str) -> str:
    """The whole page, in Markdown. A part that has no result here stays as it was `before`, with its conditions."""
    kept = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in before.split("\n## ")[1:]}
    results = [(section, section.result) for section in SECTIONS]
    promised = [target for section, result in results if result is not None for target in section.promised(result)]
    parts = ["# Benchmarks", _INTRODUCTION, "## Targets"]
    parts.append(_with_rows(targets.judged(promised), kept.get("Targets", "")))
    for section, result in results:
        told = section.tables(result) if result is not None else [kept.get(section.heading, NOT_MEASURED)]
        parts += [f"## {section.heading}", *told]
    return "\n\n".join(parts) + "\n"


def _with_rows(table: str, before: str) -> str:
    """A table of targets with those rows of before that speak of others."""
    named = {_subject(line) for line in table.splitlines()}
    rows = [line for line in before.splitlines() if line.startswith("| ") and _subject(line) not in named]
    return "\n".join([table, *rows])


def _subject(row: str) -> str:
    """What the target in a row is about, without its bound: that of other programs is measured, too."""
    return _BOUND.sub("", row.split("|")[1].strip())


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
    reference = comparison.reference_python(chosen.reference)
    parts = _measurements(reference, chosen.rounds, chosen.patience, chosen.manuals)
    for part, measured in parts.items():
        is_there = part not in OF_SHARED or measure.CONTRACTS.is_dir()
        if part in chosen.only and is_there and not chosen.as_measured:
            await_quiet(chosen.patience)
            measure.write(measured(), RESULTS / f"{part}.json")
    chosen.page.parent.mkdir(parents=True, exist_ok=True)
    before = chosen.page.read_text(encoding="utf-8") if chosen.page.exists() else ""
    chosen.page.write_text(page(before), encoding="utf-8")
    if models_page.FILE.exists():
        models_page.write()


def _measurements(
    reference: str | None, rounds: int, patience_s: float, manuals: Sequence[Path]
) -> dict[str, Callable[[], object]]:
    """How each part is measured, in the order of PARTS."""
    return {
        "query": lambda: query.measure_searches(measure.pdfs([]), query.ROUNDS),
        "find": lambda: find.measure_finding(measure.CONTRACTS, find.SEEDS),
        "search": lambda: search.measure_search(judged_store.present()),
        "cutting": lambda: cutting.measure_cutting(cutting.SETS),
        "scale": lambda: scale.measure_scale(scale.SIZES, patience_s=patience_s),
        "busy": lambda: busy.measure_busy(measure.pdfs([]), patience_s=patience_s),
        "peers": lambda: peers.measure_peers(os.environ.get(peers.TXTAI_VARIABLE)),
        "labels": labels.measure_labels,
        "personal": personal.measure_personal,
        "ingest": lambda: ingest.measure_ingest(measure.pdfs([]), reference, rounds, patience_s),
        "reading": lambda: reading.measure_reading(reading.manuals_of(manuals), patience_s),
        "isolation": lambda: isolation.measure_isolation(measure.pdfs([]), patience_s=patience_s),
        "embedding": lambda: embedding.measure_embedding(reference, patience_s=patience_s),
        "models": precisions.measure_models,
    }


if __name__ == "__main__":
    main()

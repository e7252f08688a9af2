"""Searching: `pipeline search`, answered by a watcher or not, as a whole process; warm queries inside one process."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import kept, measure, product
from benchmarks.measure import Conditions, tell
from benchmarks.process_tree import ProcessTree
from pipeline import Pipeline
from pipeline.datatypes import SearchMode

QUERIES = measure.SHARED / "retrieval" / "cuad_a" / "queries.jsonl"
ROUNDS = 11
WARM_QUERIES = 200
_QUESTION = "Which law governs this agreement, and how may it be terminated?"


@dataclass(frozen=True, slots=True)
class Warm:
    """Milliseconds per query of one mode, in a process that has searched before."""

    mode: str
    queries: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Searches:
    """The result. Whole processes in milliseconds, one entry per round; `python_ms` is one that does nothing.

    `search_ms` are searches that open the index, `asked_ms` those that a running watcher answers.
    """

    conditions: Conditions
    chunks: int
    search_ms: list[float]
    help_ms: list[float]
    python_ms: list[float]
    search_peak_mb: float
    warm: list[Warm]
    asked_ms: list[float] = field(default_factory=list)


def measure_searches(documents: Sequence[Path], rounds: int) -> Searches:
    """Index the documents, then search them."""
    conditions = Conditions.now()
    tell(f"query: {len(documents)} PDFs")
    with product.temporary_inbox() as inbox:
        inbox.drop(documents)
        product.once(inbox)
        ((chunks,),) = inbox.rows("SELECT count(*) FROM chunks")
        asked, search = (
            ["search", "--json", _QUESTION, "--config", str(file)] for file in (inbox.config, _alone(inbox))
        )
        commands = [[*product.COMMAND, *arguments] for arguments in (search, asked, ["--help"])]
        commands.append([sys.executable, "-c", "pass"])
        with product.watching(inbox):
            for command in commands:
                _process_ms(command)
            times = [[_process_ms(command) for command in commands] for _ in range(rounds)]
        search_ms, asked_ms, help_ms, python_ms = (list(column) for column in zip(*times, strict=True))
        peak_mb = _peak_mb(commands[0])
        warm = _warm(inbox)
    return Searches(conditions.ended(), int(chunks), search_ms, help_ms, python_ms, peak_mb, warm, asked_ms)


def _alone(inbox: product.Inbox) -> Path:
    """A configuration of the same store, with which searches ask no watcher."""
    file = inbox.config.with_name("alone.yaml")
    file.write_text("search: {service: false}\n", encoding="utf-8")
    return file


def _process_ms(command: Sequence[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=product.environment(), stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - started) * 1e3


def _peak_mb(command: Sequence[str]) -> float:
    """Of a run of its own: looking at a process slows it."""
    process = subprocess.Popen(command, env=product.environment(), stdout=subprocess.DEVNULL)
    with ProcessTree(process.pid) as tree:
        process.wait(product.TIMEOUT_S)
    return tree.root_peak_mb


def _warm(inbox: product.Inbox) -> list[Warm]:
    queries = _queries(inbox)
    times: dict[SearchMode, list[float]] = {mode: [] for mode in SearchMode}
    with Pipeline.open(inbox.config) as pipeline:
        for mode in SearchMode:
            pipeline.search(queries[0], mode=mode)
        for query in queries:
            for mode in SearchMode:
                started = time.perf_counter()
                pipeline.search(query, mode=mode)
                times[mode].append((time.perf_counter() - started) * 1e3)
    return [
        Warm(mode, len(queries), measure.percentile(ms, 50), measure.percentile(ms, 95)) for mode, ms in times.items()
    ]


def questions() -> list[str]:
    """Questions about contracts: the shared ones where they are there."""
    if not QUERIES.is_file():
        return [_QUESTION]
    return [str(json.loads(line)["text"]) for line in QUERIES.read_text(encoding="utf-8").splitlines()]


def _queries(inbox: product.Inbox) -> list[str]:
    """Questions about contracts where the shared ones are there; else the beginnings of passages."""
    found = questions()
    if len(found) == 1:
        found = [" ".join(text.split())[:150] for text in kept.passages(inbox.store)]
    repeated = found * (WARM_QUERIES // len(found) + 1)
    step = max(1, len(found) // WARM_QUERIES)
    return repeated[: WARM_QUERIES * step : step]


def main() -> None:
    options = measure.parser(__doc__)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = options.parse_args()
    measure.write(measure_searches(measure.pdfs(chosen.documents), chosen.rounds), chosen.json)


if __name__ == "__main__":
    main()

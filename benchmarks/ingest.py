"""From drop to searchable, and sentence-transformers (torch, CPU, FP32) embedding the same texts: speed and memory.

Every round runs all of them one after the other, and each round begins with another. The reference is given its loaded
model, its texts ready cut; the product has to read, cut, embed and store.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import comparison, kept, measure, product
from benchmarks.comparison import Reference
from benchmarks.measure import Conditions, tell
from benchmarks.process_tree import await_quiet
from pipeline import Pipeline

PATIENCE_S = 60.0  # how long a measurement waits for other programs to leave the cores alone


@dataclass(frozen=True, slots=True)
class Ingest:
    """The result. Lists have one entry per round; times are seconds."""

    conditions: Conditions
    files: int
    pages: int
    chunks: int
    tokens: int
    settle_s: float
    reference: Reference | None = None
    once: list[product.Run] = field(default_factory=list)
    drop: list[product.Run] = field(default_factory=list)
    embed_s: list[float] = field(default_factory=list)
    embed_cpu_s: list[float] = field(default_factory=list)
    reference_s: list[float] = field(default_factory=list)
    reference_cpu_s: list[float] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)


def measure_ingest(
    documents: Sequence[Path], reference_python: str | None, rounds: int, patience_s: float = PATIENCE_S
) -> Ingest:
    """Run everything `rounds` times, after one run that is not counted and from whose store the texts are taken."""
    conditions = Conditions.now()
    tell(f"ingest: {len(documents)} PDFs; a first run that is not counted")
    with product.temporary_inbox() as inbox:
        inbox.drop(documents)
        product.once(inbox)
        texts = kept.passages(inbox.store)
        ((pages,),) = inbox.rows("SELECT count(*) FROM pages")
        with Pipeline.open(inbox.config) as pipeline, contextlib.ExitStack() as stack:
            result = Ingest(
                conditions=conditions,
                files=len(documents),
                pages=int(pages),
                chunks=len(texts),
                tokens=sum(len(pipeline.embedder.token_spans(text)) + 2 for text in texts),
                settle_s=pipeline.config.inbox.settle_s,
            )
            vectors = pipeline.embed(texts)
            steps: list[Callable[[], None]] = [
                lambda: result.once.append(_once(documents)),
                lambda: result.drop.append(_drop(documents)),
                lambda: _note(_embed(pipeline, texts), result.embed_s, result.embed_cpu_s),
            ]
            if reference_python is not None:
                folder = inbox.config.parent
                other = stack.enter_context(comparison.reference(reference_python, pipeline, texts, folder))
                result = dataclasses.replace(result, reference=other.described(vectors))
                steps.append(lambda: _note(other.embed(), result.reference_s, result.reference_cpu_s))
            _rounds(steps, rounds, result, patience_s)
    return dataclasses.replace(result, conditions=conditions.ended())


def _rounds(steps: list[Callable[[], None]], rounds: int, result: Ingest, patience_s: float) -> None:
    for number in range(rounds):
        first = number % len(steps)
        for step in steps[first:] + steps[:first]:
            await_quiet(patience_s)
            step()
        result.loads.append(measure.load())
        seconds = [result.drop[-1].seconds, result.once[-1].seconds, result.embed_s[-1], *result.reference_s[-1:]]
        names = ("drop", "--once", "embedding alone", "reference")
        told = ", ".join(f"{name} {value:.1f} s" for name, value in zip(names, seconds, strict=False))
        tell(f"  round {number + 1}: {told}, load {result.loads[-1]}")


def _once(documents: Sequence[Path]) -> product.Run:
    with product.temporary_inbox() as inbox:
        inbox.drop(documents)
        return product.once(inbox)


def _drop(documents: Sequence[Path]) -> product.Run:
    with product.temporary_inbox() as inbox:
        return product.drop(inbox, documents)


def _embed(pipeline: Pipeline, texts: list[str]) -> tuple[float, float]:
    """Seconds and processor seconds."""
    started, cpu = time.perf_counter(), time.process_time()
    pipeline.embed(texts)
    return time.perf_counter() - started, time.process_time() - cpu


def _note(times: tuple[float, float], seconds: list[float], cpu_s: list[float]) -> None:
    seconds.append(times[0])
    cpu_s.append(times[1])


def main() -> None:
    options = measure.parser(__doc__)
    options.add_argument("--reference", metavar="PYTHON", help=f"else {comparison.REFERENCE_VARIABLE}")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds to wait for quiet cores each time")
    chosen = options.parse_args()
    python = comparison.reference_python(chosen.reference)
    result = measure_ingest(measure.pdfs(chosen.documents), python, chosen.rounds, chosen.patience)
    measure.write(result, chosen.json)


if __name__ == "__main__":
    main()

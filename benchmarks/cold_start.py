"""From the start of a process to its first vector, and the most memory it held: each time in a fresh process.

As a script, `python -m benchmarks.cold_start SOURCE MAX_TOKENS` is such a process, for sentence-transformers.
"""

import json
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure, product
from pipeline.evaluation import trial

STARTS = 9


@dataclass(frozen=True, slots=True)
class Starts:
    """One entry per process."""

    first_vector_ms: list[float]
    peak_mb: list[float]


def of_product(folder: Path, count: int) -> Starts:
    """The product's model in `folder`, after one start that is not counted: files are in the system's cache then."""
    command = [sys.executable, "-m", trial.__name__, str(folder)]
    return _starts(command, count)


def of_reference(python: str, source: Path, max_tokens: int) -> Starts:
    """sentence-transformers with the same weights, in its own Python: once, as it takes seconds."""
    return _starts([python, "-m", __name__, str(source), str(max_tokens)], 1)


def _starts(command: Sequence[str], count: int) -> Starts:
    _start(command)
    found = [_start(command) for _ in range(count)]
    return Starts([ms for ms, _ in found], [megabytes for _, megabytes in found])


def _start(command: Sequence[str]) -> tuple[float, float]:
    environment = product.environment() | {"PYTHONPATH": str(measure.ROOT), "HF_HUB_OFFLINE": "1"}
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, cwd=measure.ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        answer = process.stdout.readline()
        passed_ms = (time.perf_counter() - started) * 1e3
        process.kill()
    if not answer:
        raise RuntimeError(f"{command[0]} gave no vector")
    return passed_ms, int(json.loads(answer)["resident_bytes"]) / 1e6


def main(source: str, max_tokens: int) -> None:
    warnings.simplefilter("ignore")
    from benchmarks import reference

    reference.load(source, max_tokens).encode([trial.TEXT], show_progress_bar=False)
    print(json.dumps({"resident_bytes": trial.peak_resident_bytes()}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

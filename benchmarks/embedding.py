"""Embedding: the product beside sentence-transformers, onnxruntime and fastembed, and what quantization cost.

All of them run in one process (embedding_process.py), in turns, with the Python of `--reference`, which should have
torch, sentence-transformers, onnx and fastembed; who cannot be had there is left out, and the page says so.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks import cold_start, comparison, measure, product
from benchmarks.cold_start import Starts
from benchmarks.embedding_process import INT8, Speeds, Timing
from benchmarks.fidelity import Fidelity
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from benchmarks.process_tree import await_quiet
from pipeline.registry import catalogue
from pipeline.registry import manifest as manifests

ROUNDS = 5
QUICK_ROUNDS, QUICK_STARTS = 2, 2
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}  # read when the libraries are imported

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Embedding:
    """The result. A quick one shows that everything works; its figures say nothing."""

    conditions: Conditions
    quick: bool
    speeds: Speeds
    fidelity: Fidelity
    start: Starts
    reference_start: Starts | None

    def timing(self, key: str) -> Timing | None:
        """The times of one contender; None where it was not measured."""
        return next((one for one in self.speeds.timings if one.key == key), None)

    def rates(self, key: str) -> list[float]:
        """Its tokens per processor second, round by round; empty where it was not measured."""
        timing = self.timing(key)
        return [] if timing is None else [self.speeds.tokens / cpu_s for cpu_s in timing.cpu_s]

    def ratios(self, key: str, other: str) -> list[float]:
        """How many times as fast as `other` it was, round by round; empty where one of both was not measured."""
        return [one / rate for one, rate in zip(self.rates(key), self.rates(other), strict=False)]

    def roofline_shares(self, key: str) -> list[float]:
        """Which part of what the processor can multiply at best it did, round by round."""
        pairs = zip(self.rates(key), self.speeds.gemm_gmacs, strict=False)
        return [rate * self.speeds.macs_per_token / (gmacs * 1e9) for rate, gmacs in pairs]


def measure_embedding(
    reference: str | None, rounds: int = ROUNDS, patience_s: float = 0.0, *, quick: bool = False
) -> Embedding:
    """Cold starts, then the rounds. Without a reference's Python, those who need its packages are left out."""
    conditions = Conditions.now()
    tell("embedding: cold starts")
    model = catalogue.find(MODELS, INT8)
    source = manifests.source_folder(model.folder, model.manifest)
    await_quiet(patience_s)
    start = cold_start.of_product(model.folder, QUICK_STARTS if quick else cold_start.STARTS)
    other = None if reference is None else cold_start.of_reference(reference, source, model.manifest.max_tokens)
    await_quiet(patience_s)
    speeds, fidelity = _measured(reference or sys.executable, QUICK_ROUNDS if quick else rounds, quick=quick)
    return Embedding(conditions.ended(), quick, speeds, fidelity, start, other)


def _measured(python: str, rounds: int, *, quick: bool) -> tuple[Speeds, Fidelity]:
    command = [python, "-m", "benchmarks.embedding_process", "--rounds", str(rounds), *(["--quick"] if quick else [])]
    environment = product.environment() | ONE_THREAD | {"PYTHONPATH": str(measure.ROOT), "HF_HUB_OFFLINE": "1"}
    said = subprocess.run(command, env=environment, cwd=measure.ROOT, stdout=subprocess.PIPE, check=True).stdout
    lines = said.splitlines()
    return _part(lines, Speeds), _part(lines, Fidelity)


def _part(lines: Sequence[bytes], kind: type[Part]) -> Part:
    """The line that holds a part of this form: the libraries may have printed others."""
    for line in lines:
        try:
            return msgspec.json.decode(line, type=kind)
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue
    raise RuntimeError(f"the process of the contenders said nothing of {kind.__name__}")


def main() -> None:
    options = measure.parser(__doc__)
    options.add_argument("--reference", metavar="PYTHON", help=f"else {comparison.REFERENCE_VARIABLE}")
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--patience", type=float, default=60.0, help="seconds to wait for quiet cores")
    options.add_argument("--quick", action="store_true", help="few texts: shows that everything works, no figures")
    chosen = options.parse_args()
    python = comparison.reference_python(chosen.reference)
    file: Path | None = chosen.json
    measure.write(measure_embedding(python, chosen.rounds, chosen.patience, quick=chosen.quick), file)


if __name__ == "__main__":
    main()

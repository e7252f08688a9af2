"""The process of the embedding benchmark: all contenders in turns, round by round, then what quantization cost.

Started by embedding.py with a Python that has as many of the contenders' packages as can be had. Prints two lines of
JSON: the speeds and the fidelity. Reads local files only.
"""

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks import contenders, passages
from benchmarks.contenders import Absent, Contender, Place
from benchmarks.fidelity import HELD_OUT, Models, measure_fidelity
from benchmarks.measure import tell
from benchmarks.roofline import Roofline, Shape
from pipeline.evaluation import fidelity, hardware
from pipeline.registry import catalogue, runtime
from pipeline.registry import manifest as manifests
from pipeline.registry.runtime import Embedder

TEXTS, QUICK_TEXTS, QUICK_HELD_OUT = 120, 24, 60  # a round takes about a minute on one slow core
WARM_TEXTS = 32  # embedded before the first round, and whose cosines are told
FLOAT32, INT8 = "all-minilm-l6-v2-fp32", "all-minilm-l6-v2-int8"


@dataclass(frozen=True, slots=True)
class Timing:
    """One contender: wall and processor seconds for all texts, by round, and its cosine with the first contender."""

    key: str
    name: str
    seconds: list[float]
    cpu_s: list[float]
    mean_cosine: float


@dataclass(frozen=True, slots=True)
class Speeds:
    """The result of the rounds. `gemm_gmacs` is the roofline, one entry per round; `source` what the texts are from."""

    source: str
    texts: int
    tokens: int
    macs_per_token: float
    integer_kernel: str
    packages: dict[str, str]
    timings: list[Timing]
    absent: list[Absent]
    gemm_gmacs: list[float]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, required=True)
    options.add_argument("--quick", action="store_true")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="sealed-inbox-bench-") as scratch:
        _run(Path(scratch), chosen.rounds, quick=chosen.quick)


def _run(scratch: Path, rounds: int, *, quick: bool) -> None:
    int8, float32 = (catalogue.find(passages.MODELS, name) for name in (INT8, FLOAT32))
    source = manifests.source_folder(int8.folder, int8.manifest)
    exact, small = Embedder(float32.folder), Embedder(int8.folder)  # these on all cores: they are not timed
    sets = passages.judged(small, quick=quick)
    texts = passages.drawn(passages.everything(sets), QUICK_TEXTS if quick else TEXTS)
    place = Place(source, int8.manifest.max_tokens, float32.folder, int8.folder, scratch)
    here, missing = contenders.contenders(place)
    _print(_speeds(here, missing, place, texts, rounds, of_sets=bool(sets)))
    contenders.use_all_cores()
    torch = next((one.embed for one in here if one.key == contenders.TORCH), None)
    models = Models(exact.encode, small.encode, torch)
    _print(measure_fidelity(sets, models, QUICK_HELD_OUT if quick else HELD_OUT))


def _speeds(
    here: Sequence[Contender], missing: list[Absent], place: Place, texts: list[str], rounds: int, *, of_sets: bool
) -> Speeds:
    lengths = _lengths(place, texts)
    shape = _shape(place.source)
    roofline = Roofline(shape)
    first = [one.embed(texts[:WARM_TEXTS]) for one in here]  # not timed: sessions reserve their memory
    timings = [
        Timing(one.key, one.name, [], [], float(fidelity.cosines(vectors, first[0]).mean()))
        for one, vectors in zip(here, first, strict=True)
    ]
    gemm = []
    for number in range(rounds):
        gemm.append(roofline.gmacs())
        turn = number % len(here)
        for one, timing in [*zip(here, timings, strict=True)][turn:] + [*zip(here, timings, strict=True)][:turn]:
            _time(one, timing, texts)
        told = ", ".join(f"{timing.key} {sum(lengths) / timing.cpu_s[-1]:.0f}" for timing in timings)
        tell(f"  round {number + 1}, tokens per processor second: {told}; {gemm[-1]:.0f} GMAC/s")
    return Speeds(
        source="the shared retrieval sets" if of_sets else "the texts beside the models",
        texts=len(texts),
        tokens=sum(lengths),
        macs_per_token=shape.macs_per_token(lengths),
        integer_kernel=hardware.hardware().integer_kernel,
        packages=contenders.packages(),
        timings=timings,
        absent=missing,
        gemm_gmacs=gemm,
    )


def _time(one: Contender, timing: Timing, texts: Sequence[str]) -> None:
    started, cpu = time.perf_counter(), time.process_time()
    one.embed(texts)
    timing.seconds.append(time.perf_counter() - started)
    timing.cpu_s.append(time.process_time() - cpu)


def _lengths(place: Place, texts: list[str]) -> list[int]:
    """How many tokens of each text are embedded, the two special ones included; padding never counts."""
    tokenizer = runtime.tokenizer((place.source / "tokenizer.json").read_bytes())
    tokenizer.enable_truncation(place.max_tokens)
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]


def _shape(source: Path) -> Shape:
    described = json.loads((source / "config.json").read_text(encoding="utf-8"))
    return Shape(described["hidden_size"], described["intermediate_size"], described["num_hidden_layers"])


def _print(result: object) -> None:
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

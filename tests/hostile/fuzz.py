"""Puts damaged documents through the real sandbox: `make fuzz`. Prints a table of what became of them; 1 on failure.

    python -m tests.hostile.fuzz [--count N] [--seed N] [--first N]

The service must survive every one of them: no exception leaves Sandbox.parse, the zygote stays the same process, no
document takes longer than its limits. A mutant that is suspicious is named by its seed and number.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config import ParsingConfig
from pipeline.outcomes import Code
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Launcher, Zygote
from tests.hostile.mutation import Mutant, Sample, mutant
from tests.pdf_writer import PdfPage, pdf

SEED = 20_261_124
LIMITS = ParsingConfig()
MARGIN_S = 10.0  # above parsing.timeout_s, on a busy machine
SUSPICIOUS = frozenset({Code.PARSER_CRASHED, Code.PARSER_TIME, Code.PARSER_MEMORY, Code.INTERNAL, Code.TIME_LIMIT})
SUSPICIOUS_S = 10.0
_SAMPLES = Path(__file__).parent.parent / "samples"
_SHARED = Path(__file__).parents[3] / "shared" / "data" / "files" / "pdf_good"
_SHARED_BYTES = 200_000  # larger seeds make for slow mutants, and hold nothing that smaller ones lack
_TEXT_WEIGHT = 9  # one mutant in ten is of a text format
_PROGRESS = 500


@dataclass(slots=True)
class Tally:
    """What became of the mutants."""

    codes: Counter[Code] = field(default_factory=Counter)
    suspicious: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self.codes.values())


def samples(*, shared: bool) -> list[Sample]:
    """Sound documents of this project, and of the shared files where they are; nine PDF to each text."""
    written = [
        pdf(PdfPage(("one line", "two lines")), PdfPage(("page two",), notes=("a note",), fields=("a value",))),
        pdf(PdfPage(("packed",), filter="FlateDecode", content=b"BT /F1 9 Tf (packed) Tj ET"), PdfPage(image=True)),
    ]
    pdfs = written + [path.read_bytes() for path in sorted(_SAMPLES.glob("*.pdf"))]
    if shared and _SHARED.is_dir():
        paths = sorted(_SHARED.glob("*.pdf"))
        pdfs += [path.read_bytes() for path in paths if path.stat().st_size <= _SHARED_BYTES]
    texts = [path for path in sorted(_SAMPLES.iterdir()) if path.suffix in (".html", ".txt", ".md")]
    found = [Sample(".pdf", content) for content in pdfs for _ in range(_TEXT_WEIGHT * len(texts))]
    return found + [Sample(path.suffix, path.read_bytes()) for path in texts for _ in range(len(pdfs))]


def run(numbers: Iterable[int], seed: int, seeds: Sequence[Sample], workers: int = 2) -> Tally:
    """Let these mutants be read, on two threads, by one zygote."""
    tally, zygote, lock = Tally(), Zygote(), threading.Lock()
    begun = time.monotonic()
    try:
        _read(zygote, Mutant(seed, -1, ".txt", b"warm"))
        first = _pid(zygote)

        def one(number: int) -> None:
            made = mutant(seed, number, seeds)
            started = time.monotonic()
            try:
                code = _read(zygote, made)
            except Exception as error:  # the very thing that must not happen
                with lock:
                    tally.failures.append(f"{_name(made)}: {type(error).__name__}")
                return
            took_s = time.monotonic() - started
            with lock:
                _note(tally, made, code, took_s)
                if _pid(zygote) != first:
                    tally.failures.append(f"{_name(made)}, or one beside it: the zygote ended")
                if tally.total % _PROGRESS == 0:
                    rate = tally.total / (time.monotonic() - begun)
                    print(f"{tally.total} read, {rate:.0f} a second", file=sys.stderr, flush=True)

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, numbers))
    finally:
        zygote.close()
    tally.seconds = time.monotonic() - begun
    return tally


def _read(launcher: Launcher, made: Mutant) -> Code:
    with tempfile.TemporaryFile() as file:
        file.write(made.content)
        file.flush()
        return Sandbox(launcher, LIMITS, threading.Event()).parse(file.fileno(), made.suffix).code


def _note(tally: Tally, made: Mutant, code: Code, took_s: float) -> None:
    tally.codes[code] += 1
    tally.slowest_s = max(tally.slowest_s, took_s)
    if code in SUSPICIOUS or took_s > SUSPICIOUS_S:
        tally.suspicious.append(f"{_name(made)}: {code}, {took_s:.1f} s")
    if took_s > LIMITS.timeout_s + MARGIN_S:
        tally.failures.append(f"{_name(made)}: took {took_s:.0f} s")
    if code.state not in type(code.state):
        tally.failures.append(f"{_name(made)}: no state")


def _name(made: Mutant) -> str:
    return f"seed {made.seed}, number {made.number} ({made.suffix}, {len(made.content)} bytes)"


def _pid(zygote: Zygote) -> int:
    assert zygote._process is not None
    return zygote._process.pid


def table(tally: Tally) -> Iterator[str]:
    """The figures, a line each."""
    yield f"{tally.total} mutants in {tally.seconds:.0f} s, the slowest in {tally.slowest_s:.1f} s"
    for code, count in tally.codes.most_common():
        yield f"{count:7}  {code.state:<12} {code}"
    for title, lines in (("Suspicious", tally.suspicious), ("Failures", tally.failures)):
        yield f"{title}: {len(lines) or 'none'}"
        yield from (f"  {line}" for line in lines)


def main(arguments: Sequence[str]) -> int:
    """Fuzz, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz")
    parser.add_argument("--count", type=int, default=int(os.environ.get("FUZZ_COUNT", "10000")))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("FUZZ_SEED", str(SEED))))
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    asked = parser.parse_args(arguments)
    tally = run(range(asked.first, asked.first + asked.count), asked.seed, samples(shared=True))
    print("\n".join(table(tally)))
    return 1 if tally.failures or tally.total != asked.count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

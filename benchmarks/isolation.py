"""What the lock and the parser process cost: at the start, per document, and over a whole run, side by side."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import isolation_process, measure, product
from benchmarks.measure import Conditions, tell
from benchmarks.process_tree import await_quiet
from pipeline.config import ParsingConfig
from pipeline.parsing.protocol import LENGTH, Request
from pipeline.parsing.zygote import Worker, Zygote

ROUNDS = 5
STARTS = 15
CHILDREN = 60
LETTER = b"A letter of one line, so that what is measured is the child and not the reading.\n"


@dataclass(frozen=True, slots=True)
class Isolation:
    """The result: one entry per round, start or child."""

    conditions: Conditions
    files: int
    lock_ms: list[float] = field(default_factory=list)
    locked_child_ms: list[float] = field(default_factory=list)
    unlocked_child_ms: list[float] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu_s: dict[str, list[float]] = field(default_factory=dict)


def measure_isolation(documents: list[Path], rounds: int = ROUNDS, patience_s: float = 0.0) -> Isolation:
    """Starts, children, then whole runs in turns, each round beginning with another variant."""
    result = Isolation(Conditions.now(), len(documents))
    tell(f"isolation: {len(documents)} PDFs")
    with product.temporary_inbox() as inbox:
        for _ in range(STARTS):
            result.lock_ms.append(_run("lock", inbox.config)["lock_ms"])
    _children(result)
    variants = isolation_process.VARIANTS
    for number in range(rounds + 1):
        for place in range(len(variants)):
            variant = variants[(number + place) % len(variants)]
            await_quiet(patience_s)
            with product.temporary_inbox() as inbox:
                inbox.config.write_text("inbox: {settle_s: 0}\n", encoding="utf-8")
                inbox.drop(documents)
                used = _run(variant, inbox.config)
            if number:  # the first round fills the system's cache
                result.seconds.setdefault(variant, []).append(used["seconds"])
                result.cpu_s.setdefault(variant, []).append(used["cpu_s"])
        told = ", ".join(f"{name} {times[-1]:.1f} s" for name, times in result.seconds.items())
        tell(f"  round {number}: {told or 'not counted'}")
    return Isolation(
        result.conditions.ended(), result.files, result.lock_ms, result.locked_child_ms, result.unlocked_child_ms,
        result.seconds, result.cpu_s,
    )  # fmt: skip


def _children(result: Isolation) -> None:
    """From asking for a child to its last frame, for a document that takes no time to read; in turns."""
    locked, unlocked = Zygote(), Zygote(worker=Worker("benchmarks.unlocked_worker"))
    try:
        with product.temporary_inbox() as inbox:
            letter = inbox.inbox / "letter.txt"
            letter.write_bytes(LETTER)
            for number in range(CHILDREN + 2):
                first = _child_ms(locked, letter)
                second = _child_ms(unlocked, letter)
                if number > 1:  # the first start the two parser processes
                    result.locked_child_ms.append(first)
                    result.unlocked_child_ms.append(second)
    finally:
        locked.close()
        unlocked.close()


def _child_ms(launcher: Zygote, document: Path) -> float:
    limits = ParsingConfig()
    request = Request(
        suffix=".txt", first_page=1, max_pages=10, max_text_bytes=1 << 20,
        address_space_bytes=limits.memory_mb << 20, cpu_s=int(limits.timeout_s), page_cpu_s=int(limits.page_timeout_s),
    )  # fmt: skip
    with document.open("rb") as file:
        started = time.perf_counter()
        child = launcher.start(file.fileno(), request)
        answer = child.answer.read()
        passed = (time.perf_counter() - started) * 1e3
        child.answer.close()
        child.kill()
    if LETTER.strip() not in answer or len(answer) < LENGTH.size:
        raise RuntimeError("the child did not read the letter")
    return passed


def _run(variant: str, config: Path) -> dict[str, float]:
    command = [sys.executable, "-m", isolation_process.__name__, variant, str(config)]
    environment = product.environment() | {"PYTHONPATH": str(measure.ROOT)}
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def main() -> None:
    options = measure.parser(__doc__)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--patience", type=float, default=60.0, help="seconds to wait for quiet cores")
    chosen = options.parse_args()
    measure.write(measure_isolation(measure.pdfs(chosen.documents), chosen.rounds, chosen.patience), chosen.json)


if __name__ == "__main__":
    main()

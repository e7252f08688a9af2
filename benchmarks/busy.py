"""Searches while the product reads files at full speed: how much slower they are, and how much reading loses by them.

A watcher has half of the documents and is given the other half; meanwhile it is asked a question at a steady pace over
its socket, as `pipeline search` asks. Beside that: the same without questions, and the same questions without files.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure, product
from benchmarks.measure import Conditions, tell
from benchmarks.process_tree import await_quiet
from benchmarks.query import questions
from pipeline.config import Config, load
from pipeline.search.query import query_of
from pipeline.service import client

ROUNDS = 3
PATIENCE_S = 60.0
PACE_S = 0.5  # between the beginnings of two questions
IDLE = 60  # questions asked of a watcher that has nothing to do


@dataclass(frozen=True, slots=True)
class Busy:
    """The result: seconds from the drop to the last file, one entry per round; milliseconds of each question."""

    conditions: Conditions
    files: int
    alone_s: list[float]
    asked_s: list[float]
    idle_ms: list[float]
    busy_ms: list[float]
    unanswered: int  # within 1.5 s, after which a search opens the index by itself


def measure_busy(documents: Sequence[Path], rounds: int = ROUNDS, patience_s: float = PATIENCE_S) -> Busy:
    """Interleaved rounds, each on a fresh store."""
    conditions = Conditions.now()
    alone_s, asked_s = [], []
    idle, busy = _Asking(), _Asking()
    for number in range(rounds):
        for asks in (False, True):
            tell(f"busy: round {number + 1}, {'with' if asks else 'without'} questions")
            with product.temporary_inbox() as inbox:
                inbox.drop(documents[::2])
                product.once(inbox)
                await_quiet(patience_s)
                if asks:
                    with busy.asking(load(inbox.config)):
                        asked_s.append(product.drop(inbox, documents[1::2]).seconds)
                    with product.watching(inbox), idle.asking(load(inbox.config)):
                        time.sleep(IDLE * PACE_S / rounds)
                else:
                    alone_s.append(product.drop(inbox, documents[1::2]).seconds)
    return Busy(
        conditions.ended(), len(documents[1::2]), alone_s, asked_s, idle.ms, busy.ms, idle.unanswered + busy.unanswered
    )


class _Asking:
    """Asks questions at a steady pace; before a watcher listens, and while it loads its index, nothing counts."""

    def __init__(self) -> None:
        self.ms: list[float] = []
        self.unanswered = 0
        self._config: Config | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread()

    def asking(self, config: Config) -> "_Asking":
        """Use as a context: asks until its end."""
        self._config = config
        return self

    def __enter__(self) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        assert self._config is not None
        asked, is_warm = questions(), False
        while not self._ended.wait(PACE_S):
            started = time.perf_counter()
            line = client.connect(self._config)
            if line is None:
                continue
            answer = client.ask(line, self._config, query_of(self._config, asked[len(self.ms) % len(asked)]))
            if answer is None:
                self.unanswered += is_warm and not self._ended.is_set()
            elif is_warm:
                self.ms.append((time.perf_counter() - started) * 1e3)
            is_warm = is_warm or answer is not None


def main() -> None:
    options = measure.parser(__doc__)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds to wait for quiet cores")
    chosen = options.parse_args()
    measure.write(measure_busy(measure.pdfs(chosen.documents), chosen.rounds, chosen.patience), chosen.json)


if __name__ == "__main__":
    main()

"""What scale.py measures in a process of its own: one that makes the index of a store's vectors, or searches it.

It loads nothing beyond what the index needs.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from pipeline.datatypes import Vectors
from pipeline.storage import vector_sets
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import Role
from pipeline.storage.vectors import VectorIndex

WARM = 20  # searches before the first one that is timed
ANSWERED = "answered"  # what a process that searches says first


def memory_mb(field: str) -> float:
    """Memory of this process: resident now (VmRSS) or at most so far (VmHWM)."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def build(index: VectorIndex) -> dict[str, object]:
    """Make it of SQLite's vectors alone, and save it."""
    started = time.perf_counter()
    index.settle()
    return {"build_s": time.perf_counter() - started, "build_peak_mb": memory_mb("VmHWM")}


def search(index: VectorIndex, database: Database, questions: Vectors, label: str) -> dict[str, object]:
    """Search all, and what has a label; the milliseconds, and what was found."""
    before_mb = memory_mb("VmRSS")
    index.catch_up()
    index.search(questions[0], 10)
    print(ANSWERED, flush=True)
    rows = database.rows(
        "SELECT chunks.id FROM chunks JOIN documents ON documents.id = document_id WHERE label = ? ORDER BY 1",
        (label,),
    )
    half = np.array([row[0] for row in rows], np.int64)
    del rows
    searches = []
    for limit in (10, 100):
        for among in (None, half):
            for question in questions[:WARM]:
                index.search(question, limit, among)
            ms, found = [], []
            for question in questions:
                started = time.perf_counter()
                index.catch_up()
                hits = index.search(question, limit, among)
                ms.append((time.perf_counter() - started) * 1e3)
                found.append(list(hits)[:10])
            searches.append({"limit": limit, "filtered": among is not None, "ms": ms, "found": found})
    return {
        "searches": searches,
        "before_mb": before_mb,
        "resident_mb": memory_mb("VmRSS"),
        "peak_mb": memory_mb("VmHWM"),
    }


def main() -> None:
    what, folder, questions, label = sys.argv[1:]
    database = Database(Path(folder))
    model = vector_sets.current(database, Role.ACTIVE)
    assert model is not None
    index = VectorIndex(database, model)
    told = build(index) if what == "build" else search(index, database, np.load(questions), label)
    print(json.dumps(told))
    index.close()
    database.close()


if __name__ == "__main__":
    main()

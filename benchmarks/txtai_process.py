"""Ranks passages with txtai, in an environment of its own. Run by peers.py.

Usage: PYTHON txtai_process.py MODEL_FOLDER TASK.json RESULT.json
The task has `passages` (id, text) and `queries`; the result has `rankings` (ids), `seconds` of each query, and
`build_s`. Its defaults: FAISS and BM25, half and half.
"""

import json
import sys
import time
from pathlib import Path


def main(model: str, task_file: Path, result_file: Path) -> None:
    import torch
    from txtai import Embeddings

    torch.set_num_threads(2)
    task = json.loads(task_file.read_text(encoding="utf-8"))
    embeddings = Embeddings(path=model, hybrid=True, content=False)
    started = time.perf_counter()
    embeddings.index([(name, text, None) for name, text in task["passages"]])
    build_s = time.perf_counter() - started
    rankings, seconds = [], []
    embeddings.search(task["queries"][0], 10)
    for query in task["queries"]:
        started = time.perf_counter()
        found = embeddings.search(query, 10)
        seconds.append(time.perf_counter() - started)
        rankings.append([name for name, _ in found])
    result = {"rankings": rankings, "seconds": seconds, "build_s": build_s}
    result_file.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

"""What scale.py measures of whole queries, in a process of its own: the index of words made, or questions answered.

Questions are asked as a running watcher answers them, by meaning and by word, beside whatever else it does.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.scale_process import ANSWERED, WARM, memory_mb
from pipeline import Pipeline
from pipeline.search.query import query_of
from pipeline.service.answering import answer_of_one_state


def words(pipeline: Pipeline) -> dict[str, float]:
    """Make the index of words of SQLite's texts alone, and save it."""
    started = time.perf_counter()
    pipeline._words.catch_up()
    pipeline._words.save()
    return {"build_s": time.perf_counter() - started, "build_peak_mb": memory_mb("VmHWM")}


def serve(pipeline: Pipeline, questions: list[str], label: str) -> dict[str, object]:
    """Answer all questions, of all documents and of those with a label; milliseconds of each."""
    config = pipeline.config
    answer_of_one_state(pipeline, query_of(config, questions[0]))
    print(ANSWERED, flush=True)
    asked = []
    for filters in ({}, {"label": label}):
        queries = [query_of(config, text, **filters) for text in questions]  # type: ignore[arg-type]
        for query in queries[:WARM]:
            answer_of_one_state(pipeline, query)
        ms = []
        for query in queries:
            started = time.perf_counter()
            answer_of_one_state(pipeline, query)
            ms.append((time.perf_counter() - started) * 1e3)
        asked.append({"filtered": bool(filters), "ms": ms})
    mapped_mb = memory_mb("RssFile")
    return {"asked": asked, "resident_mb": memory_mb("VmRSS"), "mapped_mb": mapped_mb, "peak_mb": memory_mb("VmHWM")}


def main() -> None:
    what, config, questions, label = sys.argv[1:]
    with Pipeline.open(config) as pipeline:
        texts = json.loads(Path(questions).read_text(encoding="utf-8"))
        print(json.dumps(words(pipeline) if what == "words" else serve(pipeline, texts, label)))


if __name__ == "__main__":
    main()

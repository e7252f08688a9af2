"""The shared contracts beside txtai (same passages, same weights, hybrid) and Recoll (same passages): quality, latency.

txtai needs an environment of its own, named by `--txtai PYTHON` or SEALED_TXTAI_PYTHON; Recoll needs `recollindex` and
`recollq` on the PATH. What is not there is left out, and said to be.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import judged_store, measure
from benchmarks.judged_store import JudgedSet
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from benchmarks.search import INT8, ndcg
from pipeline.registry import catalogue

TXTAI_VARIABLE = "SEALED_TXTAI_PYTHON"
SETS = ("cuad_a", "covidqa")
QUESTIONS = 300  # of each set: Recoll starts a process for each
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Peer:
    """One program over one set: nDCG@10, milliseconds per query. Recoll's time has the start of its process in it."""

    program: str
    name: str
    questions: int
    ndcg: float
    p50_ms: float
    p95_ms: float
    build_s: float


@dataclass(frozen=True, slots=True)
class Peers:
    """The result."""

    conditions: Conditions
    peers: list[Peer]
    absent: list[str]


def measure_peers(txtai: str | None) -> Peers:
    """Each set with each program that is there."""
    conditions = Conditions.now()
    found: list[Peer] = []
    absent = [] if txtai else ["txtai"]
    has_recoll = shutil.which("recollindex") and shutil.which("recollq")
    absent += [] if has_recoll else ["Recoll"]
    for name in SETS:
        one = judged_store.read(name)
        one = JudgedSet(one.name, one.passages, one.titles, one.questions[:: max(1, len(one.questions) // QUESTIONS)])
        tell(f"peers: {name}")
        found.append(_product(one))
        if txtai:
            found.append(_txtai(one, txtai))
        if has_recoll:
            found.append(_recoll(one))
    return Peers(conditions.ended(), found, absent)


def _peer(program: str, one: JudgedSet, rankings: list[list[str]], seconds: list[float], build_s: float) -> Peer:
    pairs = zip(rankings, one.questions, strict=True)
    quality = sum(ndcg(ranked, asked.grades) for ranked, asked in pairs) / len(rankings)
    ms = [second * 1e3 for second in seconds]
    return Peer(
        program, one.name, len(rankings), quality, measure.percentile(ms, 50), measure.percentile(ms, 95), build_s
    )


def _titled(one: JudgedSet) -> dict[str, str]:
    """Passages with the title of their document before them, since the others know no documents."""
    return {name: f"{one.titles[name]}\n{text}" for name, text in one.passages.items()}


def _product(one: JudgedSet) -> Peer:
    started = time.perf_counter()
    with judged_store.indexed(one, catalogue.find(MODELS, INT8)) as store:
        store.ranked("warm")
        build_s = time.perf_counter() - started
        rankings, seconds = [], []
        for asked in one.questions:
            begun = time.perf_counter()
            rankings.append(store.ranked(asked.text))
            seconds.append(time.perf_counter() - begun)
    return _peer("Sealed Inbox", one, rankings, seconds, build_s)


def _txtai(one: JudgedSet, python: str) -> Peer:
    source = catalogue.find(MODELS, INT8).folder / "source"
    with tempfile.TemporaryDirectory() as folder:
        task, result = Path(folder) / "task.json", Path(folder) / "result.json"
        queries = [asked.text for asked in one.questions]
        task.write_text(json.dumps({"passages": list(_titled(one).items()), "queries": queries}), encoding="utf-8")
        script = Path(__file__).with_name("txtai_process.py")
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        subprocess.run(
            [python, script, source, task, result], check=True, env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        answer: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return _peer("txtai, hybrid, torch float32", one, answer["rankings"], answer["seconds"], answer["build_s"])


def _recoll(one: JudgedSet) -> Peer:
    with tempfile.TemporaryDirectory() as folder:
        texts, settings = Path(folder) / "texts", Path(folder) / "settings"
        texts.mkdir()
        settings.mkdir()
        for name, text in _titled(one).items():
            (texts / f"{name}.txt").write_text(text, encoding="utf-8")
        (settings / "recoll.conf").write_text(f"topdirs = {texts}\nloglevel = 0\n", encoding="utf-8")
        environment = os.environ | {"RECOLL_CONFDIR": str(settings), "LC_ALL": "C.UTF-8"}
        started = time.perf_counter()
        subprocess.run(
            ["recollindex"], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        build_s = time.perf_counter() - started
        rankings, seconds = [], []
        for asked in one.questions:
            words = " ".join(word.lower() for word in _WORD.findall(asked.text))  # capitals switch stemming off
            begun = time.perf_counter()
            told = subprocess.run(
                ["recollq", "-o", "-b", "-n", "10", words], env=environment, check=False, capture_output=True, text=True
            )
            seconds.append(time.perf_counter() - begun)
            rankings.append(
                [Path(line.removeprefix("file://")).stem for line in told.stdout.split() if "file://" in line]
            )
    return _peer("Recoll, any word", one, rankings, seconds, build_s)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--txtai", metavar="PYTHON", default=os.environ.get(TXTAI_VARIABLE))
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    chosen = options.parse_args()
    measure.write(measure_peers(chosen.txtai), chosen.json)


if __name__ == "__main__":
    main()

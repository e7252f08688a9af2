"""How well the product finds: nDCG@10 on shared sets of questions, by word, by meaning, by both, beside plain fusion.

And whether it knows when it found nothing: each set's questions are asked of the other sets' texts, too.
"""

import argparse
import math
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import judged_store, measure
from benchmarks.judged_store import JudgedSet, JudgedStore
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from pipeline.datatypes import SearchMode
from pipeline.registry import catalogue

INT8, FP32 = "all-minilm-l6-v2-int8", "all-minilm-l6-v2-fp32"
STRANGE = ("cranfield", "covidqa", "cuad_a", "xquad_en")  # each set's questions are asked of the others
QUESTIONS = 300  # of each set, evenly drawn; all where there are fewer
STRANGERS = 150  # of each set, at random
SEED = 6
ACROSS = ("xquad_de", "xquad_zh")  # asked in English


@dataclass(frozen=True, slots=True)
class Quality:
    """nDCG@10 of one set with one model, means over questions; `plain` is RRF, k = 60, of the two single rankings."""

    name: str
    model: str
    questions: int
    passages: int
    hybrid: float
    words: float
    meaning: float
    plain: float
    p50_ms: float


@dataclass(frozen=True, slots=True)
class Relevance:
    """Shares of questions to which a set's texts are said to have an answer: its own questions, and the other sets'."""

    name: str
    own: float
    strange: float


@dataclass(frozen=True, slots=True)
class Search:
    """The result. `across` are questions in English asked of texts in another language."""

    conditions: Conditions
    quality: list[Quality]
    across: list[Quality]
    relevance: list[Relevance]


def measure_search(sets: Sequence[str], models: Sequence[str] = (INT8, FP32)) -> Search:
    """All shared sets, with the INT8 model and with the float32 one."""
    conditions = Conditions.now()
    quality: list[Quality] = []
    across: list[Quality] = []
    relevance: list[Relevance] = []
    for model in models:
        with ExitStack() as stack:
            stores = {}
            for name in sets:
                tell(f"search: {name}, {model}")
                installed = catalogue.find(MODELS, model)
                stores[name] = stack.enter_context(judged_store.indexed(judged_store.read(name), installed))
                quality.append(_quality(stores[name], model, stores[name].set))
            for name in set(ACROSS) & set(stores):
                across.append(_quality(stores[name], model, stores["xquad_en"].set))
            if model == INT8:
                relevance += _relevance({name: stores[name] for name in STRANGE if name in stores})
    return Search(conditions.ended(), quality, across, relevance)


def ndcg(ranked: Sequence[str], grades: Mapping[str, float]) -> float:
    """nDCG@10 with linear gain, as pipeline/evaluation/judged.py has it."""
    best = sorted(grades.values(), reverse=True)[:10]
    gained = sum(grades.get(one, 0.0) / math.log2(rank + 1) for rank, one in enumerate(ranked[:10], 1))
    return gained / sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, 1))


def _quality(store: JudgedStore, model: str, asking: JudgedSet) -> Quality:
    """Quality with the questions of a set, which may be another's in another language: their answers are the same."""
    step = max(1, len(asking.questions) // QUESTIONS)
    questions = asking.questions[::step]
    values: dict[str, list[float]] = {"hybrid": [], "words": [], "meaning": [], "plain": []}
    times = []
    for asked in questions:
        text = asked.text
        started = time.perf_counter()
        hybrid = store.ranked(text)
        times.append((time.perf_counter() - started) * 1e3)
        words, meaning = (
            store.ranked(text, mode, judged_store.DEPTH) for mode in (SearchMode.KEYWORD, SearchMode.SEMANTIC)
        )
        rankings = {"hybrid": hybrid, "words": words, "meaning": meaning, "plain": judged_store.fused([words, meaning])}
        for name, ranked in rankings.items():
            values[name].append(ndcg(ranked, asked.grades))
    means = {name: sum(some) / len(some) for name, some in values.items()}
    return Quality(
        store.set.name, model, len(questions), len(store.set.passages), p50_ms=measure.percentile(times, 50), **means
    )


def _relevance(stores: Mapping[str, JudgedStore]) -> list[Relevance]:
    chosen = random.Random(SEED)
    asked = {
        name: chosen.sample([one.text for one in store.set.questions], min(STRANGERS, len(store.set.questions)))
        for name, store in stores.items()
    }
    found = []
    for name, store in stores.items():
        tell(f"search: strangers to {name}")
        own = [_is_answered(store, text) for text in asked[name]]
        strange = [_is_answered(store, text) for other in stores if other != name for text in asked[other]]
        found.append(Relevance(name, sum(own) / len(own), sum(strange) / max(1, len(strange))))
    return found


def _is_answered(store: JudgedStore, text: str) -> bool:
    return any(hit.relevant for hit in store.hits(text))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sets", nargs="+", choices=judged_store.SETS, default=judged_store.present())
    options.add_argument("--models", nargs="+", choices=(INT8, FP32), default=(INT8, FP32))
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    chosen = options.parse_args()
    measure.write(measure_search(chosen.sets, chosen.models), chosen.json)


if __name__ == "__main__":
    main()

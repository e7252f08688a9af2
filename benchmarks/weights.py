"""How pipeline/search/weights.py was learned: from all shared sets of questions together, each counting alike.

For each question the passages that the product gathers are described by the kinds of evidence that the weights are of.
A softmax over their weighted sums is to give the passages that answer it (ListNet, Cao et al. 2007), by gradient
descent. How sure that is shows where a family of sets is left out and ranked with what the others taught.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import judged_store, measure
from benchmarks.judged_store import JudgedStore
from benchmarks.measure import tell
from benchmarks.passages import MODELS
from benchmarks.search import INT8
from pipeline.registry import catalogue
from pipeline.search.candidates import ByWord
from pipeline.search.weights import LEARNED, Weights

NAMES = tuple(field.name for field in fields(Weights))
QUESTIONS = 250  # of each set
FAMILIES = {"cranfield": "cranfield", "covidqa": "covidqa", "cuad_a": "cuad_a"}  # the others are one text in languages
_NOTHING = Weights(**dict.fromkeys(NAMES, 0.0))
_STEPS, _RATE, _DECAY = 300, 3.0, 1e-3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One question: the evidence of each passage (passages, kinds), its grades, and those of the best order."""

    evidence: Floats
    grades: Floats
    wanted: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights relative to meaning, and nDCG@10 by set: with the shipped ones, with these, and with the set left out."""

    weights: dict[str, float]
    shipped: dict[str, float]
    learned: dict[str, float]
    left_out: dict[str, float]


def learn(sets: Sequence[str]) -> Learned:
    """Weights from these sets."""
    examples = {}
    for name in sets:
        tell(f"weights: {name}")
        with judged_store.indexed(judged_store.read(name), catalogue.find(MODELS, INT8)) as store:
            examples[name] = _examples(store)
    shipped = np.array([getattr(LEARNED, name) for name in NAMES])
    learned = _fitted(list(examples.values()))
    left_out = {}
    for name, some in examples.items():
        family = FAMILIES.get(name, "xquad")
        others = [one for other, one in examples.items() if FAMILIES.get(other, "xquad") != family]
        left_out[name] = _quality(some, _fitted(others)) if others else float("nan")
    return Learned(
        weights=dict(zip(NAMES, (learned / learned[0]).tolist(), strict=True)),
        shipped={name: _quality(some, shipped) for name, some in examples.items()},
        learned={name: _quality(some, learned) for name, some in examples.items()},
        left_out=left_out,
    )


def _examples(store: JudgedStore) -> list[Example]:
    step = max(1, len(store.set.questions) // QUESTIONS)
    return [_example(store, asked.text, asked.grades) for asked in store.set.questions[::step]]


def _example(store: JudgedStore, text: str, grades: Mapping[str, float]) -> Example:
    gathered, scored, ids = store.weighed(text)
    asked, most = gathered.asked, gathered.asked.found.most or 1.0
    known = 0.0 if gathered.meaning is None else gathered.meaning.familiarity
    kinds = {
        "meaning": [known * (one.cosine or 0.0) for one in scored],
        "sentence": [one.sentence / most for one in scored],
    }
    for name in ("words", "within", "document", "named"):
        alone = ByWord.of(gathered.index, asked.found, asked.named, replace(_NOTHING, **{name: 1.0}))
        kinds[name] = alone.of_chunks(gathered.index, [one.chunk_id for one in scored])
    evidence = np.array([kinds[name] for name in NAMES], np.float64).T
    return Example(evidence, np.array([grades.get(one, 0.0) for one in ids]), grades)


def _fitted(sets: Sequence[Sequence[Example]]) -> Floats:
    """The weights with the least cross entropy, each set counting alike."""
    weights = np.array([getattr(LEARNED, name) for name in NAMES])
    for _ in range(_STEPS):
        gradient = 2 * _DECAY * weights
        for some in sets:
            answered = [one for one in some if one.grades.sum() > 0]
            for one in answered:
                scores = one.evidence @ weights
                likely = np.exp(scores - scores.max())
                likely /= likely.sum()
                error = likely - one.grades / one.grades.sum()
                gradient += error @ one.evidence / (len(answered) * len(sets))
        weights -= _RATE * gradient
    return weights


def _quality(examples: Sequence[Example], weights: Floats) -> float:
    return sum(_ndcg(one, weights) for one in examples) / len(examples)


def _ndcg(one: Example, weights: Floats) -> float:
    order = np.argsort(-(one.evidence @ weights), kind="stable")
    gained = _gain([float(one.grades[place]) for place in order[:10]])
    return gained / _gain(sorted(one.wanted.values(), reverse=True)[:10])


def _gain(grades: Sequence[float]) -> float:
    return float(sum(grade / np.log2(rank + 1) for rank, grade in enumerate(grades, 1)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sets", nargs="+", choices=judged_store.SETS, default=judged_store.present())
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result here as well")
    chosen = options.parse_args()
    measure.write(learn(chosen.sets), chosen.json)


if __name__ == "__main__":
    main()

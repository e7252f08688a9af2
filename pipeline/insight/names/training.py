"""Learns to tell names from marked text, by what a model says of each word; a tenth of the text is for measuring."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.insight.names import network, words
from pipeline.insight.names.material import Material, Passage
from pipeline.insight.names.network import Batch, Learner
from pipeline.insight.names.tags import Tags, names, tagged
from pipeline.insight.names.variation import together, varied
from pipeline.personal import NAMES, PersonalKind
from pipeline.registry.runtime import Embedder

HELD_BACK = 10  # one passage of so many
ROUNDS, BATCH_WORDS, RATE = 6, 400, 2e-3
STEPS = 400  # at least; little text is gone through more often
WARM_UP = 0.1  # the share of steps in which the rate rises; then it falls to nothing

Progress = Callable[[str, int, int], None]
Halves = npt.NDArray[np.float16]
Known = tuple[Halves, Tags]  # of a passage: what is known of its words, (words, inputs) float16, and their tags


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights of network.py, and by kind what they tell of passages that were held back: precision and recall."""

    weights: network.Weights
    passages: int
    precision: Mapping[PersonalKind, float]
    recall: Mapping[PersonalKind, float]


def learn(embedder: Embedder, material: Material, progress: Progress) -> Learned:
    """Learn from the material with this model's states; the same on the same machine.

    `progress` is told what is done, how much of it, of how much.
    """
    chance = np.random.default_rng(20_261_127)
    kept = [one for one in material.passages if not _is_held_back(one)]
    held = [one for one in material.passages if _is_held_back(one)]
    others = [varied(one, material.lists, chance) for one in kept]
    said = [*kept, *together(kept, chance), *together(others, chance)]
    known = list(_known(embedder, said, lambda done: progress("passages read", done, len(said))))
    weights = network.fresh(known[0][0].shape[1], chance)
    learner = Learner(weights, chance)
    batches: list[list[int]] = []
    for _ in range(ROUNDS):
        batches += _batches(known, chance)
    while len(batches) < STEPS:
        batches += _batches(known, chance)
    for step, batch in enumerate(batches):
        learner.learn(Batch.of([known[index] for index in batch]), _rate(step / len(batches)))
        progress("steps learned", step + 1, len(batches))
    precision, recall = _measured(weights, embedder, held)
    return Learned(weights, len(kept), precision, recall)


def _is_held_back(passage: Passage) -> bool:
    return hashlib.sha256(passage.text.encode()).digest()[0] % HELD_BACK == 0


def _rate(share: float) -> float:
    return RATE * (share / WARM_UP if share < WARM_UP else (1 - share) / (1 - WARM_UP))


def _batches(known: Sequence[Known], chance: np.random.Generator) -> Iterator[list[int]]:
    """All passages once, in any order, some at a time."""
    batch: list[int] = []
    count = 0
    for index in chance.permutation(len(known)):
        batch.append(int(index))
        count += len(known[index][1])
        if count >= BATCH_WORDS:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _known(embedder: Embedder, passages: Sequence[Passage], progress: Callable[[int], None]) -> Iterator[Known]:
    """What is known of the words of each passage: what the model says of them, and what they look like."""
    found: list[Known | None] = [None] * len(passages)

    def observe(index: int, tokens: Sequence[words.Span], states: Vectors) -> None:
        passage = passages[index]
        places = words.spans(passage.text)
        pooled = words.pooled(places, tokens, states)
        places = places[: len(pooled)]
        rows = np.concatenate([pooled, words.looks(passage.text, places)], axis=1).astype(np.float16)
        found[index] = rows, tagged(places, passage.names)
        progress(index + 1)

    embedder.encode([one.text for one in passages], observe=observe)
    return (one for one in found if one is not None and len(one[1]))


def _measured(
    weights: network.Weights, embedder: Embedder, held: Sequence[Passage]
) -> tuple[dict[PersonalKind, float], dict[PersonalKind, float]]:
    right: Counter[PersonalKind] = Counter()
    told: Counter[PersonalKind] = Counter()
    there: Counter[PersonalKind] = Counter()
    for passage in held:
        places = words.spans(passage.text)
        for rows, _ in _known(embedder, [passage], lambda _: None):
            found = names(places, network.probabilities(weights, rows.astype(np.float32)))
            alike = {(one.start, one.end, one.kind) for one in found}
            right.update(kind for *_, kind in alike & set(passage.names))
            told.update(kind for *_, kind in alike)
            there.update(kind for *_, kind in passage.names)
    return (
        {kind: round(right[kind] / max(1, told[kind]), 3) for kind in NAMES},
        {kind: round(right[kind] / max(1, there[kind]), 3) for kind in NAMES},
    )

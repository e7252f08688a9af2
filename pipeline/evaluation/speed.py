"""How fast models embed: all of them in turns, round by round, so that a busy moment meets them alike."""

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pipeline.evaluation.report import Speed
from pipeline.registry.runtime import Embedder

ROUNDS = 3
ROUND_TOKENS = 6_000  # of passages, per model and measurement: some seconds in float32 on one core of a notebook
ROUND_QUERIES = 32
QUERY_WORDS = 10  # of a passage's beginning, where no queries are given
_SPECIAL_TOKENS = 2  # [CLS] and [SEP] are computed like the others


@dataclass(frozen=True, slots=True)
class _Round:
    """One model's figures of one round: tokens per second, and ms of each query."""

    one_thread: float
    all_threads: float
    queries_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Runners:
    """Loaded models, each with this many threads, and the place of the one with which ratios compare, if any."""

    models: tuple[Embedder, ...]
    threads: int
    reference: int | None


def measure(
    runners: Runners, passages: Sequence[str], queries: Sequence[str], progress: Callable[[int, int], None]
) -> list[Speed]:
    """The speed of each model over the first of these passages, in wall time. `queries` may be empty."""
    models = runners.models
    samples = [_sample(model, passages) for model in models]
    beginnings = (" ".join(text.split()[:QUERY_WORDS]) for text in passages)
    asked = list(itertools.islice(queries or beginnings, ROUND_QUERIES))
    for model, (texts, _) in zip(models, samples, strict=True):
        model.encode(texts[:4])  # the first runs of a session reserve its memory
    rounds: list[list[_Round]] = [[] for _ in models]
    for number in range(ROUNDS):
        order = np.roll(np.arange(len(models)), number)  # nobody is always the first
        for place in order:
            rounds[place].append(_round(models[place], *samples[place], asked))
        progress(number + 1, ROUNDS)
    reference = None if runners.reference is None else rounds[runners.reference]
    return [_speed(of, reference, runners.threads) for of in rounds]


def _sample(model: Embedder, passages: Sequence[str]) -> tuple[list[str], int]:
    """The first passages with about ROUND_TOKENS tokens, at least one, and how many tokens the model computes."""
    texts: list[str] = []
    tokens = 0
    for text in passages:
        if tokens >= ROUND_TOKENS:
            break
        texts.append(text)
        tokens += min(len(model.token_spans(text)) + _SPECIAL_TOKENS, model.manifest.max_tokens)
    return texts, tokens


def _round(model: Embedder, texts: Sequence[str], tokens: int, queries: Sequence[str]) -> _Round:
    one = _seconds(lambda: [model.encode([text]) for text in texts])
    together = _seconds(lambda: model.encode(texts))
    queries_ms = [1000 * _seconds(partial(model.encode, [query], as_query=True)) for query in queries]
    return _Round(tokens / one, tokens / together, tuple(queries_ms))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return max(time.perf_counter() - started, 1e-9)


def _speed(rounds: Sequence[_Round], reference: Sequence[_Round] | None, threads: int) -> Speed:
    queries_ms = [value for of in rounds for value in of.queries_ms]
    pairs = list(zip(rounds, reference or (), strict=bool(reference)))
    return Speed(
        threads=threads,
        one_thread=statistics.median(of.one_thread for of in rounds),
        all_threads=statistics.median(of.all_threads for of in rounds),
        query_p50_ms=float(np.percentile(queries_ms, 50)),
        query_p95_ms=float(np.percentile(queries_ms, 95)),
        one_thread_ratio=_median([one.one_thread / other.one_thread for one, other in pairs]),
        all_threads_ratio=_median([one.all_threads / other.all_threads for one, other in pairs]),
    )


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None

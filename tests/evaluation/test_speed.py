"""Speeds: that everything is measured in turns and set in relation; never how fast anything is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.evaluation import speed
from pipeline.registry.runtime import Embedder
from tests.evaluation.conftest import FLOAT, INT8, PASSAGES


@pytest.fixture(scope="module")
def models(root: Path) -> Iterator[tuple[Embedder, ...]]:
    loaded = tuple(Embedder(root / name, 2) for name in (FLOAT, INT8))
    yield loaded
    for one in loaded:
        one.close()


def test_every_model_has_its_figures_and_the_reference_is_once_as_fast_as_itself(models: tuple[Embedder, ...]) -> None:
    calls: list[tuple[int, int]] = []
    found = speed.measure(
        speed.Runners(models, 2, 0), PASSAGES, ["a query"], lambda done, total: calls.append((done, total))
    )
    assert calls == [(number + 1, speed.ROUNDS) for number in range(speed.ROUNDS)]
    for one in found:
        assert one.threads == 2
        assert min(one.one_thread, one.all_threads, one.query_p50_ms) > 0
        assert one.query_p50_ms <= one.query_p95_ms
    assert (found[0].one_thread_ratio, found[0].all_threads_ratio) == (1.0, 1.0)
    assert (found[1].one_thread_ratio or 0) > 0


def test_without_a_reference_there_is_no_ratio(models: tuple[Embedder, ...]) -> None:
    (found,) = speed.measure(speed.Runners(models[1:], 2, None), PASSAGES[:2], [], lambda _done, _total: None)
    assert (found.one_thread_ratio, found.all_threads_ratio) == (None, None)
    assert found.query_p50_ms > 0


def test_a_round_is_bounded_by_tokens_as_the_model_counts_them(
    models: tuple[Embedder, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = speed._round

    def spy(model: Embedder, texts: list[str], tokens: int, queries: list[str]) -> "speed._Round":
        assert tokens == sum(len(model._tokenizer.encode(text).ids) for text in texts)
        seen.append(tokens)
        return real(model, texts, tokens, queries)

    monkeypatch.setattr(speed, "_round", spy)
    monkeypatch.setattr(speed, "ROUND_TOKENS", 600)
    speed.measure(speed.Runners(models[1:], 2, None), ["word " * 400] * 50, ["q"], lambda _done, _total: None)
    assert seen == [256 * 3] * speed.ROUNDS

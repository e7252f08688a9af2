"""Signatures estimate what texts share, and no pair above the threshold is lost on the way to the comparison."""

import random
from itertools import combinations

import numpy as np
import pytest

from pipeline.insight import minhash, shingles
from pipeline.insight.minhash import PERMUTATIONS, SIGNATURE_BYTES, Signatures


def text(seed: int, words: int = 400) -> list[str]:
    chance = random.Random(seed)
    return [f"w{chance.randrange(10_000)}" for _ in range(words)]


def changed(words: list[str], share: float, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [f"x{chance.randrange(10_000)}" if chance.random() < share else word for word in words]


def signed(texts: list[list[str]]) -> Signatures:
    rows = [minhash.signature(shingles.of([" ".join(words)])) for words in texts]
    return np.frombuffer(b"".join(rows), "<u4").astype(np.uint32).reshape(len(texts), PERMUTATIONS)


def test_a_signature_is_the_same_on_every_machine_and_in_every_version() -> None:
    """It is stored: another one would make all that are stored worthless."""
    found = np.frombuffer(minhash.signature(shingles.of(["The tenant pays the rent in advance. " * 5])), "<u4")
    assert found[:4].tolist() == GOLDEN
    assert len(found.tobytes()) == SIGNATURE_BYTES


GOLDEN = [338621590, 25194633, 1431648877, 1466138172]


def test_a_text_without_words_has_none() -> None:
    assert minhash.signature(shingles.of(["--"])) == b""


@pytest.mark.parametrize("share", [0.0, 0.01, 0.03, 0.1, 0.5, 1.0])
def test_the_share_of_agreements_estimates_the_resemblance(share: float) -> None:
    errors = []
    for seed in range(20):
        one = text(seed)
        other = changed(one, share, seed)
        exact = shingles.resemblance(shingles.of([" ".join(one)]), shingles.of([" ".join(other)]))
        first, second = signed([one, other])
        errors.append(float(minhash.estimates(second[None], first)[0]) - exact)
    assert abs(np.mean(errors)) < 0.03  # no bias
    assert np.abs(errors).max() < 0.16  # four standard errors


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
def test_no_pair_above_the_threshold_is_lost(threshold: float) -> None:
    """Each pair is one of the candidates, or both are led to by pairs that resemble each other even more."""
    shares = (0, 0.01, 0.03, 0.06)
    texts = [changed(text(seed), share, seed + step) for seed in range(12) for step, share in enumerate(shares)]
    sets = [shingles.of([" ".join(words)]) for words in texts]
    pairs, estimates = minhash.candidates(signed(texts), threshold)
    assert len({tuple(pair) for pair in pairs.tolist()}) == len(pairs) == len(estimates)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    root = list(range(len(texts)))
    for one, other in pairs.tolist():
        if shingles.resemblance(sets[one], sets[other]) >= threshold:
            before, after = root[one], root[other]
            root = [after if place == before else place for place in root]
    for one, other in combinations(range(len(texts)), 2):
        if shingles.resemblance(sets[one], sets[other]) >= threshold:
            assert root[one] == root[other]


def test_texts_that_are_unlike_are_not_compared() -> None:
    pairs, _ = minhash.candidates(signed([text(seed) for seed in range(200)]), 0.6)
    assert len(pairs) == 0


def test_others_in_a_band_find_one_another_though_its_first_is_unlike_them() -> None:
    """Two rows agree in all of one band, and in no other band wholly; a third shares just that band with both."""
    chance = np.random.default_rng(1)
    stranger, one, other = chance.integers(0, 1 << 32, (3, PERMUTATIONS), np.uint32)
    rows = minhash._rows(0.6)
    for start in range(0, PERMUTATIONS - rows + 1, rows):
        other[start : start + rows - 1] = one[start : start + rows - 1]
    one[:rows] = other[:rows] = stranger[:rows]
    pairs, _ = minhash.candidates(np.stack([stranger, one, other]), 0.6)
    assert pairs.tolist() == [[1, 2]]


def test_very_many_that_are_all_alike_do_not_make_every_pair() -> None:
    one = signed([text(1)])
    pairs, estimates = minhash.candidates(np.repeat(one, 3000, axis=0), 0.6)
    assert pairs.tolist() == [[0, other] for other in range(1, 3000)]
    assert (estimates == 1.0).all()


@pytest.mark.parametrize("count", [0, 1])
def test_none_or_one_has_no_pairs(count: int) -> None:
    assert len(minhash.candidates(signed([text(1)])[:count].reshape(count, PERMUTATIONS), 0.6)[0]) == 0

"""Texts as sets of runs of five words: what makes a difference to them, and what does not."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datatypes import PageText
from pipeline.insight import shingles
from pipeline.insight.shingles import FEWEST_WORDS, RUN_WORDS, resemblance
from tests.parsing.support import CAREFUL

LEASE = (
    "The Tenant shall pay the monthly rent of 1,200 EUR in advance to the Landlord, on the third working day at the "
    "latest. The deposit is three monthly rents; it is returned within six months after the end of the lease."
)


def alike(one: str, other: str) -> float:
    return resemblance(shingles.of([one]), shingles.of([other]))


def plainly(one: list[str], other: list[str]) -> float:
    """The resemblance of two lists of words by sets of tuples."""
    first, second = (
        {tuple(words[at : at + RUN_WORDS]) for at in range(len(words) - RUN_WORDS + 1)}
        if len(words) >= FEWEST_WORDS
        else {tuple(words)}
        for words in (one, other)
    )
    return len(first & second) / len(first | second)


@pytest.mark.parametrize(
    "other",
    [
        LEASE.upper(),
        LEASE.replace(" ", "\n"),
        LEASE.replace(",", " ,").replace(";", " —"),
        LEASE.replace("six months", "six-months"),
        LEASE.replace("advance", "\uff41dvance"),  # a full-width letter
        f"* {LEASE} *",
    ],
)
def test_lines_case_and_punctuation_make_no_difference(other: str) -> None:
    assert alike(LEASE, other) == 1.0


def test_one_other_word_changes_five_runs() -> None:
    words = len(shingles.of([LEASE])) + RUN_WORDS - 1
    assert alike(LEASE, LEASE.replace("deposit", "security")) == pytest.approx((words - 9) / (words + 1))
    assert 0.7 < alike(LEASE, LEASE.replace("deposit", "security")) < 0.8
    assert alike(LEASE, "the quick brown fox jumps over the lazy dog " * 5) == 0.0


def test_pages_are_one_text() -> None:
    half = LEASE.index("deposit")
    assert np.array_equal(shingles.of([LEASE[:half], LEASE[half:]]), shingles.of([LEASE]))
    assert np.array_equal(shingles.of(["", LEASE, "", " \n"]), shingles.of([LEASE]))


def test_running_heads_are_left_out() -> None:
    head = "Lund & Dahl\n"
    pages = [PageText(1, head + LEASE, body=(len(head), len(head) + len(LEASE))), PageText(2, "x y")]
    assert list(shingles.bodies(pages)) == [LEASE, "x y"]


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    contract = (
        "承租人应当在每月三日支付房租。如果暖气出现故障，请立即给管理员打电话。任何一方提前三个月通知，都可以终止合同。"
    )
    assert alike(contract, contract.replace("。", "\n")) == 1.0
    assert 0.7 < alike(contract, contract.replace("电话", "消息")) < 1.0
    assert alike(contract, contract[::-1]) < 0.1


@pytest.mark.parametrize(("one", "other", "expected"), [
    ("Received with thanks.", "received, WITH thanks", 1.0),
    ("Received with thanks.", "Received with many thanks.", 0.0),
    ("a " * (FEWEST_WORDS - 1), "a " * FEWEST_WORDS, 0.0),
    ("Received with thanks.", f"{LEASE} Received with thanks.", 0.0),
    ("", "", 0.0),
    ("--- ***", "?!", 0.0),
])  # fmt: skip
def test_a_short_text_is_like_another_only_when_it_is_equal(one: str, other: str, expected: float) -> None:
    assert alike(one, other) == expected


@CAREFUL
@given(st.lists(st.sampled_from(["rent", "pay", "lease"]), max_size=60), st.data())
def test_it_is_the_resemblance_of_the_sets_of_runs(words: list[str], draw: st.DataObject) -> None:
    other = list(words)
    for place in draw.draw(st.lists(st.integers(0, max(0, len(words) - 1)), max_size=3)):
        if other:
            other[place] = "deposit"
    expected = plainly(words, other) if words else 0.0
    assert alike(" ".join(words), ", ".join(other)) == pytest.approx(expected)


def test_a_book_is_worked_on_in_windows_and_gives_the_same() -> None:
    chance = random.Random(1)
    words = [f"word{chance.randrange(3000)}" for _ in range(200_000)]
    whole = " ".join(words)
    assert len(whole) > 1 << 20
    pages = [" ".join(words[start : start + 900]) for start in range(0, len(words), 900)]
    assert np.array_equal(shingles.of([whole]), shingles.of(pages))


@CAREFUL
@given(st.text(max_size=300))
def test_any_text_has_runs_or_no_word(text: str) -> None:
    found = shingles.of([text])
    assert np.array_equal(found, np.unique(found))
    assert (len(found) > 0) == any(character.isalnum() for character in text)

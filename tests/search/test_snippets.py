"""Snippets show the match that a hit was found by, in a few lines, without the marks."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.search.snippets import SNIPPET_CHARACTERS, matched_words, snippet
from pipeline.storage.fulltext import MARK_END, MARK_START

FILLER = "the tenant pays the rent on the third day of each month and "


def hit(word: str) -> str:
    """A word as the full-text index marks it."""
    return f"{MARK_START}{word}{MARK_END}"


WORDS = st.sampled_from(["rent", "Tenant", "of", "x" * 60, "中文" * 30])
OTHERS = st.sampled_from(["\n\n", "–", "e.g.", "a/b", f"/{hit('path')}/"])
MARKED = st.lists(WORDS | WORDS.map(hit) | OTHERS, max_size=120).map(" ".join)


def test_matched_words_are_distinct_lower_case_and_in_order() -> None:
    assert matched_words(f"{hit('Notice')} of {hit('notice')} {hit('Straße')} {hit('period')}") == (
        "notice", "strasse", "period",
    )  # fmt: skip
    assert matched_words("none") == ()


def test_a_short_passage_is_shown_whole_on_one_line() -> None:
    assert snippet(f"  The {hit('notice')}\n\nperiod \t is three months.\n") == "The notice period is three months."


def test_a_passage_without_a_match_is_shown_from_its_beginning() -> None:
    shown = snippet(FILLER * 20)
    assert shown.endswith(" …")
    assert (FILLER * 20).startswith(shown.removesuffix(" …"))
    assert len(shown) > SNIPPET_CHARACTERS // 2


def test_the_stretch_with_most_distinct_matches_is_shown() -> None:
    marked = f"{hit('rent')} {hit('rent')} {FILLER * 10} here {hit('notice')} and {hit('rent')} meet {FILLER * 10}"
    shown = snippet(marked)
    assert "here notice and rent meet" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_a_match_at_the_very_end_is_shown_with_what_leads_to_it() -> None:
    shown = snippet(f"{FILLER * 10}{hit('termination')}")
    assert shown.startswith("… ")
    assert shown.endswith(f"{FILLER}termination")


@pytest.mark.parametrize(
    "marked",
    [
        f"{'x' * 100}-{hit('match')} {FILLER * 10}",
        f"{FILLER * 5}see https://example.org/{'a-long-path/' * 8}{hit('match')} {FILLER * 10}",
        f"{'中文' * 100}{hit('match')}{'中文' * 20} {'中文' * 200}",
    ],
    ids=["behind a long word", "in an address", "in a script without spaces"],
)
def test_a_match_is_shown_where_no_space_is_near_it(marked: str) -> None:
    assert "match" in snippet(marked)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(MARKED)
def test_a_snippet_is_a_short_stretch_of_the_passage_that_holds_a_match(marked: str) -> None:
    shown = snippet(marked)
    plain = re.sub(r"\s+", " ", marked).replace(MARK_START, "").replace(MARK_END, "").strip()
    assert shown.removeprefix("… ").removesuffix(" …").strip() in plain
    assert len(shown) <= SNIPPET_CHARACTERS + len("…  …")
    words = matched_words(marked)
    assert not words or any(word in shown.casefold() for word in words)

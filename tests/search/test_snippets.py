"""Snippets show the matches that a hit was found by, in a few lines, with the places of the matching words."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.search.snippets import SNIPPET_CHARACTERS, Snippet, Span, snippet

FILLER = "the tenant pays the rent on the third day of each month and "
WORDS = st.sampled_from(["rent", "Tenant", "of", "x" * 60, "中文" * 30, "y" * 300])
OTHERS = st.sampled_from(["\n\n", "–", "e.g.", "a/b", "The end.", "。", " \t ", "", "[hit]", "/[path]/"])
MARKED = st.lists(WORDS | WORDS.map(lambda word: f"[{word}]") | OTHERS, max_size=120)


def unmarked(marked: str) -> tuple[str, list[Span]]:
    """The text without its brackets, and the places of what stood in them."""
    text, spans = "", []
    for piece in re.split(r"(\[[^\]]*\])", marked):
        if piece.startswith("["):
            spans.append((len(text), len(text) + len(piece) - 2))
        text += piece.strip("[]")
    return text, spans


def shown(marked: str) -> Snippet:
    return snippet(*unmarked(marked))


def marked_again(found: Snippet) -> str:
    pieces, done = [], 0
    for start, end in found.highlights:
        pieces += [found.text[done:start], "[", found.text[start:end], "]"]
        done = end
    return "".join([*pieces, found.text[done:]])


def test_a_short_passage_is_shown_whole_on_one_line() -> None:
    found = shown("  The [notice]\n\nperiod \t is [three] months.\n")
    assert marked_again(found) == "The [notice] period is [three] months."


def test_a_passage_without_a_match_is_shown_from_its_beginning() -> None:
    found = shown(f"\n{FILLER * 20}")
    assert found.text.endswith(" …")
    assert (FILLER * 20).startswith(found.text.removesuffix(" …"))
    assert len(found.text) > SNIPPET_CHARACTERS // 2
    assert found.highlights == ()


def test_the_stretch_with_most_distinct_matches_is_shown() -> None:
    found = shown(f"[rent] [Rent] {FILLER * 10} here [notice] and [rent] meet {FILLER * 10}")
    assert "here [notice] and [rent] meet" in marked_again(found)
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")


def test_a_match_at_the_very_end_is_shown_with_what_leads_to_it() -> None:
    found = shown(f"{FILLER * 10}[termination]")
    assert found.text.startswith("… ")
    assert marked_again(found).endswith(f"{FILLER}[termination]")


@pytest.mark.parametrize(
    ("marked", "beginning"),
    [
        (f"{FILLER * 5}and so on. Either party may give [notice] {FILLER * 10}", "… Either party may give notice the "),
        (f"{FILLER * 5}he asked “why?” Nobody gave [notice] {FILLER * 10}", "… Nobody gave notice the "),
        (f"{FILLER * 5}heading\nEither party may give [notice] {FILLER * 10}", "… Either party may give notice the "),
        (f"{FILLER * 5}付房租。承租人付[合同] {FILLER * 10}", "… 承租人付合同 the "),
        (f"{FILLER}so on. {'x' * 100} [notice] {FILLER * 10}", "… notice the "),
        (f"A short beginning with [notice] {FILLER * 10}", "A short beginning with notice the "),
        (f"One. Two. Then [notice] {FILLER * 10}", "One. Two. Then notice the "),
    ],
    ids=["a sentence", "a quotation", "a line", "a Chinese sentence", "none near", "the passage", "all of it"],
)
def test_a_stretch_begins_with_a_sentence_where_one_is_near(marked: str, beginning: str) -> None:
    assert shown(marked).text.startswith(beginning)


@pytest.mark.parametrize(
    "marked",
    [
        f"{'x' * 100}-[match] {FILLER * 10}",
        f"{FILLER * 5}see https://example.org/{'a-long-path/' * 8}[match] {FILLER * 10}",
        f"{'中文' * 100}[match]{'中文' * 20} {'中文' * 200}",
    ],
    ids=["behind a long word", "in an address", "in a script without spaces"],
)
def test_a_match_is_shown_where_no_space_is_near_it(marked: str) -> None:
    assert "[match]" in marked_again(shown(marked))


def test_a_match_that_is_longer_than_the_stretch_is_marked_as_far_as_it_is_shown() -> None:
    found = shown(f"{FILLER * 5}[{'支付房租' * 100}] {FILLER}")
    ((start, end),) = found.highlights
    assert end - start > SNIPPET_CHARACTERS // 4
    assert set(found.text[start:end]) == set("支付房租")
    assert found.text[end:] == " …"


def test_spaces_around_are_no_text_that_was_left_out() -> None:
    assert marked_again(shown(f"\n\n  [rent] {'a' * 100}  \n ")) == f"[rent] {'a' * 100}"


def test_nothing_shows_nothing() -> None:
    assert snippet("", []) == snippet(" \n", []) == Snippet("")


@settings(deadline=None, derandomize=True, max_examples=400)
@given(MARKED, st.sampled_from([" ", "", "\n"]))
@example(["x " * 300, "[rent]"], " ")
@example([" " * 300, "[rent]", " " * 300, "x" * 300], "")
def test_a_snippet_is_a_short_stretch_of_the_passage_with_its_matches_marked(pieces: list[str], between: str) -> None:
    marked = between.join(pieces)
    text, spans = unmarked(marked)
    found = snippet(text, spans)
    assert len(found.text) <= SNIPPET_CHARACTERS + len("…  …")
    assert not re.search(r"\s\s|[\n\t]", found.text)
    plain, stretch = one_line(text), found.text.removeprefix("… ").removesuffix("…").strip()
    assert stretch in plain
    assert found.text.startswith("… ") or plain.startswith(stretch)
    assert found.text.endswith(" …") or plain.endswith(stretch)
    again = marked_again(found).removeprefix("… ").removesuffix("…").strip()
    cut = (again, again.removeprefix("["), again.removesuffix("]"), again.removeprefix("[").removesuffix("]"))
    assert any(one in one_line(marked) for one in cut)  # the first and the last match may be shown in part
    assert bool(spans) == bool(found.highlights)


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()

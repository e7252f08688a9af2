"""Copies as text: what was found is gone, wherever it stands, and the rest is as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datatypes import Finding
from pipeline.redaction import places, styles, text
from pipeline.redaction.places import Target, targets
from pipeline.redaction.styles import Style

PAGES = {
    1: "Passport number XG9382049 and PIN 4711.",
    2: "See XG 9382-\n049 above; 4711 is a perfume; xg9382049a too.",
}
FOUND = [Finding("passport", 1, 16, 25, 0.9, "x"), Finding("password", 1, 34, 38, 0.9, "x")]


def label(target: Target) -> str:
    return f"[{target.kind}]"


def test_a_long_value_is_taken_out_on_all_pages_a_short_one_where_it_was_found() -> None:
    taken = targets(PAGES, FOUND)
    assert [(one.page, one.value) for one in taken] == [
        (1, "XG9382049"), (1, "4711"), (2, "XG 9382-\n049"), (2, "xg9382049"),
    ]  # fmt: skip
    copy = text.plain(PAGES, taken, label)
    assert copy == (
        "Passport number [passport] and PIN [password].\n\fSee [passport] above; 4711 is a perfume; [passport]a too.\n"
    )
    assert places.left(copy, taken) == 0
    assert places.left(PAGES[2], taken) == 1


def test_only_the_kinds_that_are_named() -> None:
    assert [one.kind for one in targets(PAGES, FOUND, ["password"])] == ["password"]
    assert targets(PAGES, [], None) == []


def test_findings_that_overlap_become_one() -> None:
    found = [Finding("iban", 1, 0, 8, 0.9, "x"), Finding("phone", 1, 5, 15, 0.9, "x")]
    (one,) = targets({1: PAGES[1]}, found)
    assert (one.start, one.end, one.kind, one.value) == (0, 15, "iban", "Passport number")


def test_what_is_replaced_by_a_dollar_or_a_backslash_stays_one() -> None:
    assert text.page("a 12345 b", [Target(1, 2, 7, "x", "12345")], lambda _: r"\1$") == r"a \1$ b"


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 70), st.integers(1, 10)), max_size=5))
def test_no_value_is_left_and_nothing_else_is_touched(page: str, stretches: list[tuple[int, int]]) -> None:
    found, end = [], 0
    for start, length in sorted(stretches):
        if start >= end and start + length <= len(page):
            found.append(Finding("x", 1, start, start + length, 0.9, "x"))
            end = start + length
    taken = targets({1: page}, found)
    covered = {at for one in taken for at in range(one.start, one.end)}
    assert {at for one in found for at in range(one.start, one.end)} <= covered
    copy = text.page(page, taken, lambda _: "")
    assert copy == "".join(character for at, character in enumerate(page) if at not in covered)


def test_markdown_has_a_heading_for_each_page_and_takes_no_mark_of_the_text_for_its_own() -> None:
    made = text.markdown({3: "# A *b*\n<c> [d]"}, [], label)
    assert made == "## Page 3\n\n\\# A \\*b\\*  \n\\<c\\> \\[d\\]\n"


@pytest.mark.parametrize("style", list(Style))
def test_a_style_tells_nothing_of_the_value(style: Style) -> None:
    one, other = (Target(1, 0, 5, "iban", value) for value in ("DE89 3704", "GB29NWBK60161331926819"))
    shown = [styles.replacement(target, style, b"k" * 32) for target in (one, other)]
    assert all("DE89" not in text and "GB29" not in text for text in shown)
    assert (shown[0] == shown[1]) is (style is not Style.PSEUDONYM)


def test_a_pseudonym_is_the_same_for_the_same_value_and_store_only() -> None:
    def pseudonym(value: str, kind: str = "iban", key: bytes = b"k" * 32) -> str:
        return styles.replacement(Target(1, 0, 5, kind, value), Style.PSEUDONYM, key)

    assert pseudonym("DE89 3704 0044") == pseudonym("de8937040044") == pseudonym("DE89-3704\n0044")
    assert pseudonym("DE89 3704 0044").startswith("[iban-")
    others = {pseudonym("DE89 3704 0045"), pseudonym("DE89 3704 0044", "phone"), pseudonym("DE8937040044", key=b"x")}
    assert len({*others, pseudonym("DE8937040044")}) == 4

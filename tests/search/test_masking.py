"""Personal data in shown text: each finding becomes its kind, and no place in the text is wrong after that."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.datatypes import Finding
from pipeline.search.masking import hidden


def finding(start: int, end: int, kind: str = "iban") -> Finding:
    return Finding(kind, 1, start, end, 0.9, "x")


TEXT = "Pay DE89 to Anna, or call 0301234 now."


def test_findings_become_their_kinds_and_other_places_move_along() -> None:
    spans = [(0, 3), (4, 8), (12, 16), (21, 25), (26, 30)]
    said = hidden(TEXT, 0, [finding(4, 8), finding(26, 33, "phone")], spans)
    assert said.text == "Pay [iban] to Anna, or call [phone] now."
    assert [said.text[start:end] for start, end in said.spans] == ["Pay", "Anna", "call"]
    assert said.count == 2


def test_a_finding_that_begins_before_or_ends_after_is_hidden_as_far_as_it_lies_within() -> None:
    assert hidden(TEXT[6:], 106, [finding(104, 108)]).text == "[iban] to Anna, or call 0301234 now."
    assert hidden(TEXT[:6], 0, [finding(4, 8)]).text == "Pay [iban]"
    assert hidden(TEXT, 50, [finding(4, 8), finding(88, 99)]).text == TEXT


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="[]"), max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6),
)
def test_no_character_of_a_finding_is_shown_and_every_other_is(
    text: str, found: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    """Beside a plain way to do it: character by character."""
    places = apart(found)
    spans = [(start, end) for start, end in apart(asked) if end <= len(text)]
    said = hidden(text, 0, [finding(start, end) for start, end in places], spans)
    covered = {at for start, end in places for at in range(start, end)}
    kept = "".join(character for at, character in enumerate(text) if at not in covered)
    assert said.text.replace("[iban]", "") == kept
    assert said.count == sum(1 for start, _ in places if start < len(text))
    wanted = [text[start:end] for start, end in spans if covered.isdisjoint(range(start, end))]
    assert [said.text[start:end] for start, end in said.spans] == wanted


def apart(given: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, length in sorted(given):
        if not made or start >= made[-1][1]:
            made.append((start, start + length))
    return made

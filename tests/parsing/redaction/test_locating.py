"""Where values stand among characters with places, against a slow and obvious search."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.redaction.glyphs import Box, Glyph, fits, pack, unpack
from pipeline.parsing.redaction.locating import BLOCK, Target, Targets
from pipeline.parsing.redaction.squeezing import squeeze
from tests.parsing.support import CAREFUL

_WIDTH, _HEIGHT = 0.01, 0.02


def glyphs(*lines: str, spaces_have_boxes: bool = True) -> list[Glyph]:
    """Lines of characters of one width, from the upper left corner."""
    found: list[Glyph] = []
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            box = place(row, column, column + 1)
            has_box = spaces_have_boxes or not character.isspace()
            found.append(Glyph(character, box if has_box else None))
        found.append(Glyph("\n", None))
    return found


def place(row: int, start: int, end: int) -> Box:
    return Box(start * _WIDTH, 2 * row * _HEIGHT, end * _WIDTH, 2 * row * _HEIGHT + _HEIGHT)


def targets(*values: str) -> Targets:
    return Targets(Target(value, "[x]") for value in values)


def test_a_value_is_found_whatever_stands_between_its_letters() -> None:
    page = targets("Ab-12 C").on(glyphs("see aB1\u200b2 c now"))
    assert page.found == {"ab12c"}
    assert page.areas == (place(0, 4, 11),)
    assert [run.text for run in page.runs] == ["see [x] now"]


def test_overlapping_occurrences_are_all_covered() -> None:
    page = targets("aba").on(glyphs("xababax"))
    assert page.areas == (place(0, 1, 6),)
    assert [run.text for run in page.runs] == ["x[x]x"]


def test_the_longer_of_two_values_gives_its_word() -> None:
    wanted = Targets([Target("Roe", "[short]"), Target("Jane Roe", "[long]")])
    page = wanted.on(glyphs("Jane Roe, Roe"))
    assert [run.text for run in page.runs] == ["[long], [short]"]
    assert page.found == {"roe", "janeroe"}


def test_a_value_over_lines_is_one_place_on_each() -> None:
    page = targets("number 12345").on(glyphs("my number", "12345 is"))
    assert page.areas == (place(0, 3, 9), place(1, 0, 5))
    assert [run.text for run in page.runs] == ["my [x]", "is"]


def test_columns_are_runs_of_their_own() -> None:
    page = targets("z").on(glyphs("left            right"))
    assert [(run.text, run.box) for run in page.runs] == [("left", place(0, 0, 4)), ("right", place(0, 16, 21))]


def test_hidden_characters_are_found_and_not_told() -> None:
    hidden = [Glyph(one.character, one.box, is_shown=False) for one in glyphs("Secret word")]
    page = targets("secret").on(hidden + glyphs("", "", "shown"))
    assert (page.found, page.in_hidden_text) == (frozenset({"secret"}), True)
    assert [run.text for run in page.runs] == ["[x]", "shown"]


def test_what_is_shown_nobody_knows_where_is_not_found() -> None:
    lost = [Glyph(one.character, None) if one.character == "b" else one for one in glyphs("abc")]
    assert targets("abc").on(lost).found == frozenset()


def test_a_replacement_that_holds_a_value_becomes_a_block() -> None:
    wanted = Targets([Target("iban", "[iban]"), Target("x1", ""), Target("x2", "fine word")])
    assert [run.text for run in wanted.on(glyphs("iban x1 x2")).runs] == [f"{BLOCK} {BLOCK} fine word"]


@CAREFUL
@given(st.lists(st.text("ab- ß\u0301", max_size=12), max_size=4), st.lists(st.text("ab-ß", max_size=3), max_size=4))
def test_no_value_is_left_and_every_one_that_stands_there_is_found(lines: list[str], values: list[str]) -> None:
    wanted = targets(*values)
    page = wanted.on(glyphs(*lines))
    whole = squeeze("".join(lines))
    assert page.found == {squeeze(value) for value in values if squeeze(value) and squeeze(value) in whole}
    left = "".join(run.text for run in page.runs)
    assert not wanted.remain_in(left)
    characters = [one for one in glyphs(*lines) if squeeze(one.character)]
    for start in range(len(characters)):
        for end in range(start + 1, len(characters) + 1):
            stretch = characters[start:end]
            if squeeze("".join(one.character for one in stretch)) in wanted.keys:
                assert all(any(covers(area, one.box) for area in page.areas) for one in stretch)


def covers(area: Box, box: Box | None) -> bool:
    return box is not None and area.around(box) == area


@CAREFUL
@given(st.text())
def test_squeezing_is_done_once(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)
    assert squeeze(text) == squeeze(" - ".join(text))


def test_places_travel_and_are_never_made_smaller() -> None:
    sent = [Glyph("a", Box(0.1, 0.2, 0.3, 0.4)), Glyph("\U0001f600", None), Glyph("c", Box(0.5, 0.5, 0.5, 0.5), False)]
    text, places = pack(sent)
    assert fits(text, places)
    assert not fits(text + "a", places)
    received = list(unpack(text, places))
    assert [(one.character, one.is_shown) for one in received] == [("a", True), ("\U0001f600", True), ("c", False)]
    assert covers(received[0].box or place(0, 0, 0), sent[0].box)
    assert received[1].box is None
    assert received[2].box is not None

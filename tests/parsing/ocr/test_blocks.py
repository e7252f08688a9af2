"""Single lines become blocks: columns of prose one after the other, everything else row by row."""

import random

from pipeline.parsing.ocr.blocks import in_reading_order
from pipeline.parsing.ocr.lines import Line
from pipeline.parsing.ocr.reading import Reading
from tests.parsing.ocr import test_rows
from tests.parsing.ocr.test_rows import MORE, PROSE


def column(left: int, *texts: str, top: int = 0) -> list[Line]:
    """Lines below each other, as close as detectors mark them."""
    return test_rows.column(0, left, *texts, top=top, pitch=24)


def text(lines: list[Line]) -> str:
    """As they are read, whatever the order in which they come."""
    shuffled = random.Random(7).sample(lines, len(lines))
    return Reading(tuple(in_reading_order(shuffled))).text


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    page = [*column(0, "HEADLINE"), *column(0, *PROSE, top=60), *column(500, *MORE, top=60)]
    assert text(page).split("\n") == ["HEADLINE", "", *PROSE, "", *MORE]


def test_columns_between_full_lines_are_read_one_after_the_other() -> None:
    """As in a leaflet, where nothing but their place tells the lines above and below from the left column."""
    above = ("The harbour of the town, its history and its trade, told for those", "who visit us")
    below = ("Open from May to October, from ten to five, and on all holidays that", "fall on a working day")
    page = [*column(0, *above), *column(0, *PROSE, top=48), *column(500, *MORE, top=48), *column(0, *below, top=144)]
    assert text(page).replace("\n\n", "\n").split("\n") == [*above, *PROSE, *MORE, *below]


def test_a_column_may_be_longer_than_its_neighbour() -> None:
    page = [*column(0, *PROSE, *PROSE), *column(500, *MORE)]
    assert text(page).replace("\n\n", "\n").split("\n") == [*PROSE, *PROSE, *MORE]


def test_columns_end_at_a_full_line_and_begin_again() -> None:
    full = "Trade in the century of the railway: coal, timber, grain and the mail"
    page = [*column(0, *PROSE), *column(500, *MORE), *column(0, full, top=96)]
    page += [*column(0, *MORE, top=120), *column(500, *PROSE, top=120)]
    assert text(page).replace("\n\n", "\n").split("\n") == [*PROSE, *MORE, full, *MORE, *PROSE]


def test_what_is_no_prose_is_read_row_by_row() -> None:
    table = [*column(0, "Item", "Rope", "Anchor"), *column(400, "Amount", "48.00", "129.00")]
    assert text(table) == "Item\tAmount\nRope\t48.00\nAnchor\t129.00"


def test_numbers_before_paragraphs_stay_with_them() -> None:
    page = [*column(0, "1.", top=0), *column(60, *PROSE), *column(0, "2.", top=200)]
    page += column(60, *MORE, top=200)
    assert text(page) == "\n\n".join(
        "\n".join((f"{number}\t{lines[0]}", *lines[1:])) for number, lines in (("1.", PROSE), ("2.", MORE))
    )


def test_paragraphs_stand_apart() -> None:
    assert text([*column(0, *PROSE), *column(0, *MORE, top=160)]) == "\n".join(PROSE) + "\n\n" + "\n".join(MORE)


def test_no_lines_are_no_text() -> None:
    assert text([]) == ""

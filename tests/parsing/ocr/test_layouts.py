"""In which layouts tesseract is asked to read a page, and which reading is taken. Its library is not needed here."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from PIL import Image

from pipeline.parsing.ocr.lines import Box, Line, Word
from pipeline.parsing.ocr.reading import Reading
from pipeline.parsing.ocr.tesseract import Tesseract
from tests.parsing.ocr.test_ink import lines, page
from tests.parsing.ocr.test_rows import MORE, PROSE, column

AUTOMATIC, COLUMN, BLOCK = 3, 4, 6  # of tesseract's PageSegMode
WHOLE = Reading(tuple(lines()))
WITHOUT_A_LINE = Reading(tuple(lines([7], "  ")))


class Prepared(Tesseract):
    """Gives prepared readings by layout, and notes which were asked for."""

    def __init__(self, prepared: dict[int, Reading]) -> None:
        self._handles = {("eng",): 0}
        self._prepared = prepared
        self.asked: list[int] = []

    def _read(self, picture: Image.Image, handle: int, layout: int) -> Reading:
        del picture, handle
        self.asked.append(layout)
        return self._prepared[layout]


def sure(found: Iterable[Line], confidence: float) -> Reading:
    """These lines, read with another confidence."""
    return Reading(
        tuple(replace(one, words=tuple(replace(word, confidence=confidence) for word in one.words)) for one in found)
    )


def unsure(found: Sequence[Line], count: int) -> Reading:
    """These lines, of which so many are hardly sure, and the others surer."""
    return Reading((*sure(found[:count], 49.0).lines, *sure(found[count:], 99.0).lines))


def table() -> list[Line]:
    """Rows of two cells, far apart, which cover little of the page."""
    left, right = column(1, 100, "Rope", "Anchor", "Fender", pitch=40), column(2, 600, "40", "1", "4", pitch=40)
    return [*left, *right]


def test_a_page_that_is_read_whole_is_read_once() -> None:
    engine = Prepared({AUTOMATIC: WHOLE})
    assert engine.read(page(), ["eng"]) is WHOLE
    assert engine.asked == [AUTOMATIC]


@pytest.mark.parametrize("confidence", [95.0, 92.0])
def test_one_of_which_a_line_was_left_out_is_read_as_one_block(confidence: float) -> None:
    block = sure(lines(), confidence)
    engine = Prepared({AUTOMATIC: WITHOUT_A_LINE, BLOCK: block})
    assert engine.read(page(), ["eng"]) is block
    assert engine.asked == [AUTOMATIC, BLOCK]


@pytest.mark.parametrize(
    "block",
    [Reading(tuple(lines([7, 8]))), WITHOUT_A_LINE, sure(lines(), 91.9), unsure(lines(), 4)],
    ids=["with fewer letters", "with as many", "less sure, as of a photograph", "with less that is sure"],
)
def test_a_block_that_is_no_fuller_is_not_taken(block: Reading) -> None:
    assert Prepared({AUTOMATIC: WITHOUT_A_LINE, BLOCK: block}).read(page(), ["eng"]) is WITHOUT_A_LINE


def test_columns_of_prose_are_never_read_as_one_block() -> None:
    columns = Reading((*column(1, 100, *PROSE, top=100), *column(2, 600, *MORE, top=100)))
    engine = Prepared({AUTOMATIC: columns})
    assert engine.read(page(), ["eng"]) is columns
    assert engine.asked == [AUTOMATIC]


def test_a_table_of_which_nothing_was_left_out_is_read_across_the_page() -> None:
    engine = Prepared({AUTOMATIC: Reading(tuple(table())), COLUMN: Reading(tuple(table()))})
    engine.read(Image.new("L", (1200, 1500), 255), ["eng"])
    assert engine.asked == [AUTOMATIC, COLUMN]


def test_so_is_one_that_is_no_fuller_as_a_block() -> None:
    across = Reading((*table(), Line("5", (Word("5", 95.0, Box(600, 120, 620, 140)),), 3, Box(600, 120, 620, 140))))
    engine = Prepared({AUTOMATIC: Reading(tuple(table())), BLOCK: Reading(()), COLUMN: across})
    assert engine.read(page(), ["eng"]) is across
    assert engine.asked == [AUTOMATIC, BLOCK, COLUMN]

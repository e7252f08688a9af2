"""What is said of a picture that was read: its text, how sure it is, how large its letters are, in which language."""

import pytest

from pipeline.parsing.ocr.lines import Box, Line, Word
from pipeline.parsing.ocr.reading import Reading


def words(*found: tuple[str, float], height: int = 20, language: str = "") -> tuple[Word, ...]:
    return tuple(
        Word(text, confidence, Box(100 * at, 0, 100 * at + 90, height), language)
        for at, (text, confidence) in enumerate(found)
    )


def line(text: str, *found: Word, top: int = 0, begins: bool = False) -> Line:
    return Line(text, found or words((text, 95.0)), 0, Box(0, top, 500, top + 20), begins)


def test_lines_follow_each_other_and_paragraphs_stand_apart() -> None:
    lines = (line("one\n", begins=True), line("two\n", top=30), line("three\n", top=60, begins=True))
    assert Reading(lines).text == "one\ntwo\n\nthree"


def test_what_engines_make_of_patterns_is_left_out() -> None:
    noise, rule = line("xx yy", *words(("xx", 20.0), ("yy", 39.0))), line("--- ...", *words(("---", 99.0)))
    assert Reading((noise, line("text", top=30), rule)).text == "text"


def test_confidence_is_the_mean_over_letters_and_digits() -> None:
    reading = Reading((line("", *words(("Contract", 90.0), ("of", 50.0), ("--", 1.0))),))
    assert reading.confidence == pytest.approx((8 * 90 + 2 * 50) / 10)
    assert reading.letters == 10
    assert reading.sure_letters == pytest.approx(8 * 0.9 + 2 * 0.5)
    assert Reading(()).confidence == Reading(()).sure_letters == Reading(()).word_height == 0.0


def test_letters_that_may_be_patterns_are_not_sure() -> None:
    assert Reading((line("", *words(("abc", 49.9))),)).sure_letters == 0.0


def test_the_height_is_that_of_most_words() -> None:
    found = (*words(("a", 90.0), ("b", 90.0)), *words(("HEADLINE", 90.0), height=80))
    assert Reading((line("", *found),)).word_height == 20


def test_words_that_run_downwards_are_as_high_as_they_are_wide() -> None:
    assert Box(0, 0, 20, 300).height == Box(0, 0, 300, 20).height == 20


@pytest.mark.parametrize(
    ("english", "german", "language"), [(90, 10, "eng"), (10, 90, "deu"), (89, 11, ""), (50, 50, ""), (0, 0, "")]
)
def test_a_page_is_in_one_language_if_nearly_all_of_it_is(english: int, german: int, language: str) -> None:
    found = (*words(("e" * english, 90.0), language="eng"), *words(("d" * german, 90.0), language="deu"))
    assert Reading((line("", *found),)).language == language


def test_an_engine_that_tells_no_language_tells_none() -> None:
    assert Reading((line("text"),)).language == ""

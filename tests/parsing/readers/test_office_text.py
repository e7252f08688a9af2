"""Text under construction: lines, cells and rows, boxes, notes and pages, in whatever order producers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Page
from pipeline.parsing.readers import office_text
from pipeline.parsing.readers.office_lines import Lines
from pipeline.parsing.readers.office_text import Draft, Pages, description, joined, numbered
from tests.parsing.support import CAREFUL


def lines(marks: str) -> str:
    """Letters are text; `.` ends a paragraph, `(` begins a row, `|` ends a cell, `)` a row, `#` sets apart."""
    built = Lines()
    ends = {
        ".": built.end_paragraph,
        "(": built.start_row,
        "|": built.end_cell,
        ")": built.end_row,
        "#": built.set_apart,
    }
    for mark in marks:
        ends[mark]() if mark in ends else built.write(mark)
    return str(built)


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        ("a.b.", "a\nb"),
        ("a..b.", "a\n\nb"),
        ("a....b.", "a\n\nb"),
        ("..a.", "a"),
        ("a.#(b.|c.|)(d.|e.|)#f.", "a\n\nb\tc\nd\te\n\nf"),
        ("(a.|.|c.|)", "a\t\tc"),
        ("(.|b.|)(.|.|d.|)", "\tb\n\t\td"),
        ("(a.|.|.|)(b.|)", "a\nb"),
        ("(a.b.|c.|)", "a\nb\tc"),
        ("(a..b.|c.|)", "a\n\nb\tc"),
        ("(a.(b.|c.|)(d.|)|e.|)f.", "a\nb\tc\nd\te\nf"),
        ("(.(b.|c.|)|e.|)", "b\tc\te"),
        ("", ""),
        ("....", ""),
    ],
)
def test_breaks_between(marks: str, text: str) -> None:
    assert lines(marks) == text


@CAREFUL
@given(st.text(st.sampled_from("ab.(|)#"), max_size=40))
def test_no_order_of_marks_loses_text_or_leaves_a_break_at_the_end(marks: str) -> None:
    text = lines(marks)
    assert [mark for mark in text if mark in "ab"] == [mark for mark in marks if mark in "ab"]
    assert text == text.rstrip("\n\t")
    assert "\n\n\n" not in text


def texts(pages: Pages) -> list[str]:
    return [draft.text for draft in pages.end()]


def test_a_box_follows_behind_the_paragraph_that_it_stands_beside() -> None:
    pages = Pages()
    pages.lines.write("begin")
    pages.start_box()
    pages.lines.write("box")
    pages.lines.end_paragraph()
    pages.end_box()
    pages.lines.write(" end")
    pages.lines.end_paragraph()
    pages.lines.write("next")
    assert texts(pages) == ["begin end\nbox\nnext"]


def test_a_box_that_is_open_at_the_end_is_not_lost() -> None:
    pages = Pages()
    pages.lines.write("text")
    pages.start_box()
    pages.lines.write("box")
    assert texts(pages) == ["text\n\nbox"]


def test_more_boxes_end_than_began() -> None:
    pages = Pages()
    pages.end_box()
    pages.lines.write("text")
    assert texts(pages) == ["text"]


def test_notes_stand_at_the_foot_of_their_page() -> None:
    pages = Pages()
    pages.lines.write("one")
    pages.note("note one")
    pages.comment("Ada", "why?")
    pages.comment("", "how?")
    pages.break_page(forced=False)
    pages.note("  ")
    pages.lines.write("two")
    assert texts(pages) == ["one\n\nnote one\nComment (Ada): why?\nComment: how?", "two"]


def test_what_one_author_deleted_in_one_place_is_told_in_one_line() -> None:
    pages = Pages()
    pages.lines.write("kept")
    for piece in ("the ", "whole ", "clause"):
        pages.deleted("Ada", piece)
    pages.deleted("Bob", "another")
    pages.lines.write("kept")
    pages.deleted("Bob", "third")
    pages.lines.end_paragraph()
    pages.deleted("Bob", "fourth")
    pages.deleted("", "fifth")
    assert texts(pages) == [
        "keptkept\n\nDeleted (Ada): the whole clause\nDeleted (Bob): another\nDeleted (Bob): third\n"
        "Deleted (Bob): fourth\nDeleted: fifth"
    ]


def test_a_break_that_is_written_twice_is_one() -> None:
    pages = Pages()
    pages.break_page(forced=False)
    pages.lines.write("one")
    pages.break_page(forced=True)
    pages.break_page(forced=False)
    pages.lines.write("two")
    pages.break_page(forced=True)
    pages.break_page(forced=True)
    pages.lines.write("four")
    assert texts(pages) == ["one", "two", "", "four"]


def test_a_row_over_two_pages_breaks_once_though_each_of_its_cells_does() -> None:
    pages = Pages()
    pages.start_row()
    for cell in ("a", "b", "c"):
        pages.lines.write(cell + "1")
        pages.break_page(forced=False)
        pages.lines.write(cell + "2")
        pages.end_cell()
    pages.end_row()
    pages.start_row()
    pages.lines.write("d1")
    pages.break_page(forced=False)
    pages.lines.write("d2")
    pages.end_cell()
    pages.end_row()
    assert texts(pages) == ["a1", "a2\tb1b2\tc1c2\nd1", "d2"]


def test_a_row_over_three_pages_breaks_twice() -> None:
    pages = Pages()
    pages.start_row()
    for cell in ("a", "b"):
        for page in "123":
            pages.lines.write(cell + page)
            if page != "3":
                pages.break_page(forced=False)
        pages.end_cell()
    pages.end_row()
    assert texts(pages) == ["a1", "a2", "a3\tb1b2b3"]


def test_a_page_does_not_end_within_a_box() -> None:
    pages = Pages()
    pages.start_box()
    pages.lines.write("one")
    pages.break_page(forced=True)
    pages.lines.write("two")
    pages.end_box()
    assert texts(pages) == ["onetwo"]


def test_a_page_of_pictures_says_so_and_tells_what_they_show() -> None:
    pages = Pages()
    pages.show("picture")
    pages.break_page(forced=False)
    pages.show("picture")
    pages.describe("The  signature\nof the tenant")
    pages.describe("C:\\Pictures\\scan 1.png")
    pages.break_page(forced=False)
    pages.show("picture")
    pages.lines.write("Figure 1")
    pages.describe("A chart")
    assert list(numbered(pages.end(), 2)) == [
        Page(2, "Picture: The signature of the tenant", Code.PAGES_WITHOUT_TEXT),
        Page(3, "Figure 1\n\nPicture: A chart"),
    ]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("A cat", "A cat"),
        ("logo.png", ""),
        ("https://example.org/a b", ""),
        ("D:\\Pictures\\my cat.jpg", ""),
        ("7", ""),
        ("A cat\n\nDescription automatically generated", "A cat"),
        ("A cat. Description generated with very high confidence", "A cat."),
    ],
)
def test_descriptions_that_nobody_wrote_are_left_out(written: str, kept: str) -> None:
    assert description(written) == kept


def test_what_has_no_pages_is_joined() -> None:
    assert (
        joined([Draft("one", False), Draft("", True), Draft("two", False, ("A cat",))]) == "one\ntwo\n\nPicture: A cat"
    )


def test_there_is_an_end_to_all_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_text, "MAX_CHARACTERS", 10)
    for add in (
        lambda pages: pages.lines.write("x" * 11),
        lambda pages: pages.note("x" * 11),
        lambda pages: pages.describe("x" * 11),
        lambda pages: (pages.lines.write("x" * 6), pages.break_page(forced=True), pages.lines.write("x" * 6)),
        lambda pages: (pages.deleted("A", "x" * 6), pages.deleted("A", "x" * 6)),
    ):
        pages = Pages()
        assert not pages.is_full
        add(pages)
        assert pages.is_full

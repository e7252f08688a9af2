"""What stands in one row comes in one row; columns of prose stay apart."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.ocr.lines import Box, Line, Word
from pipeline.parsing.ocr.rows import arranged, cells, is_table
from tests.parsing.support import CAREFUL

LETTER, HEIGHT = 10, 20  # pixels


def line(text: str, left: int, top: int, block: int = 0) -> Line:
    """A line of words that stand at their places, a letter each 10 pixels."""
    words, at = [], left
    for word in text.split(" "):
        if word:
            words.append(Word(word, 95.0, Box(at, top, at + LETTER * len(word), top + HEIGHT)))
        at += LETTER * (len(word) + 1)
    return Line(" ".join(text.split()), tuple(words), block, Box(left, top, at - LETTER, top + HEIGHT))


def column(block: int, left: int, *texts: str, top: int = 0, pitch: int = 30) -> list[Line]:
    """Lines below each other."""
    return [line(text, left, top + number * pitch, block) for number, text in enumerate(texts)]


def texts(lines: list[Line]) -> list[list[str]]:
    return [[one.text for one in row] for row in arranged(lines)]


PROSE = ("The harbour was built in the", "year of the storm, when the old", "quay had been washed away and", "no ship")
MORE = (
    "Trade grew with the railway, which",
    "came three decades later and",
    "brought coal from the valleys to",
    "boats",
)


def test_columns_of_a_table_become_rows() -> None:
    table = [
        *column(1, 0, "Item", "Rope", "Anchor"),
        *column(2, 400, "Quantity", "40", "1"),
        *column(3, 600, "Amount", "48.00", "129.00"),
    ]
    assert texts(table) == [["Item", "Quantity", "Amount"], ["Rope", "40", "48.00"], ["Anchor", "1", "129.00"]]
    assert is_table(table)


def test_a_cell_of_two_lines_stays_between_its_rows() -> None:
    table = [*column(1, 0, "Rope", "of hemp", "Anchor"), *column(2, 400, "48.00", "129.00", pitch=60)]
    assert texts(table) == [["Rope", "48.00"], ["of hemp"], ["Anchor", "129.00"]]


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    article = [*column(1, 0, *PROSE), *column(2, 500, *MORE)]
    assert texts(article) == [[one] for one in (*PROSE, *MORE)]
    assert not is_table(article)


def test_heads_and_short_paragraphs_stay_in_their_columns() -> None:
    """None of these is prose by itself, and each stands beside or below the top of the other column."""
    left = [*column(1, 0, "Harbour"), *column(2, 0, *PROSE, top=40), *column(3, 0, "See page 9", "or ask us", top=200)]
    right = [*column(4, 500, "Railway"), *column(5, 500, *MORE, top=40), *column(6, 500, "Today", top=200)]
    assert texts([*left, *right]) == [[one.text] for one in (*left, *right)]


def test_a_table_below_columns_of_prose_has_its_rows() -> None:
    article = [*column(1, 0, *PROSE), *column(2, 500, *MORE)]
    table = [*column(3, 0, "Rope", "Anchor", top=200), *column(4, 400, "48.00", "129.00", top=200)]
    assert texts([*article, *table])[-2:] == [["Rope", "48.00"], ["Anchor", "129.00"]]


def test_a_table_between_prose_stands_where_it_stands() -> None:
    page = [
        *column(1, 0, *PROSE),
        *column(2, 0, "Net", "Total", "Tax", top=200),
        *column(3, 0, *MORE, top=400),
        *column(4, 600, "1.00", "2.00", "3.00", top=200),
    ]
    rows = [["Net", "1.00"], ["Total", "2.00"], ["Tax", "3.00"]]
    assert texts(page) == [*([one] for one in PROSE), *rows, *([one] for one in MORE)]
    assert is_table(page)


def test_sentences_that_end_with_their_lines_are_cells() -> None:
    named = [*column(1, 0, "Line 0:", "Line 1:", "Line 2:"), *column(2, 400, *["the fox jumps over it."] * 3)]
    assert texts(named) == [[f"Line {number}:", "the fox jumps over it."] for number in range(3)]


def test_what_lies_above_each_other_is_not_one_row() -> None:
    assert texts([line("one", 0, 0, 1), line("two", 10, 5, 2)]) == [["one"], ["two"]]


def test_two_rows_alone_are_no_table() -> None:
    assert not is_table([*column(1, 0, "From", "To"), *column(2, 400, "Jane", "John")])


def test_a_page_on_its_side_is_read_as_it_would_stand() -> None:
    """Lines that run downwards: the first is the rightmost."""
    upright = [*column(1, 0, "Item", "Rope of hemp"), *column(2, 400, "Amount", "48.00")]
    lying = [
        Line(one.text, one.words, one.block, Box(900 - one.box.bottom, one.box.left, 900 - one.box.top, one.box.right))
        for one in upright
    ]
    assert texts(lying) == texts(upright) == [["Item", "Amount"], ["Rope of hemp", "48.00"]]


def test_no_lines_are_no_rows() -> None:
    assert arranged([]) == []
    assert not is_table([])


def test_words_far_apart_are_cells() -> None:
    assert cells(line("Net      504.60", 0, 0)) == ["Net", "504.60"]
    assert cells(line("VAT 20 %      100.92", 0, 0)) == ["VAT 20 %", "100.92"]
    assert cells(line("words  and   gaps", 0, 0)) == ["words and gaps"]
    backwards = line("one      two", 0, 0)
    assert cells(Line("", backwards.words[::-1], 0, backwards.box)) == ["two", "one"]
    assert cells(Line("", (), 0, Box(0, 0, 0, 0))) == [""]


def boxes() -> Iterator[st.SearchStrategy[Line]]:
    place = st.integers(-100, 2000)
    yield st.builds(
        lambda text, block, left, top, width, height: Line(
            text, (Word(text, 90.0, Box(left, top, left + width, top + height)),), block,
            Box(left, top, left + width, top + height),
        ),
        st.text(max_size=9), st.integers(0, 4), place, place, st.integers(0, 500), st.integers(0, 500),
    )  # fmt: skip


@CAREFUL
@given(st.lists(next(boxes()), max_size=30))
def test_no_line_is_lost_or_doubled(lines: list[Line]) -> None:
    rows = [one for row in arranged(lines) for one in row]
    assert sorted(map(id, rows)) == sorted(map(id, lines))
    is_table(lines)

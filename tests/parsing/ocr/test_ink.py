"""What no word covers is noticed where it is as large as letters, and nothing else is."""

from collections.abc import Callable, Collection, Iterator

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from pipeline.parsing.ocr.ink import left_out
from pipeline.parsing.ocr.lines import Box, Line, Word

LEFT, PITCH, ROWS, HEIGHT = 100, 40, 30, 18  # pixels; words are as high as HEIGHT
A_LETTER_OF_2000 = 0.0005


def page() -> Image.Image:
    """Rows of words whose letters are bars with paper between them, as Pillow draws no letter so even."""
    picture = Image.new("L", (1200, 1500), 255)
    draw = ImageDraw.Draw(picture)
    for box in boxes():
        for left in range(box.left, box.right, 9):
            draw.rectangle((left, box.top, left + 4, box.bottom - 1), fill=30)
    return picture


def boxes() -> Iterator[Box]:
    """Six words in each row."""
    for row in range(ROWS):
        top = 100 + row * PITCH
        yield from (Box(left, top, left + 130, top + HEIGHT) for left in range(LEFT, LEFT + 6 * 160, 160))


def lines(but: Collection[int] = (), instead: str = "") -> list[Line]:
    """A line for each row; in those of `but` the text of words is another, or there are none."""
    found = []
    words = list(boxes())
    for row in range(ROWS):
        text = instead if row in but else "words"
        these = tuple(Word(text, 95.0, box) for box in words[6 * row : 6 * row + 6] if text)
        around = Box(LEFT, words[6 * row].top, 1100, words[6 * row].bottom)
        found.append(Line(" ".join(word.text for word in these), these, 0, around))
    return found


def noisy(picture: Image.Image) -> Image.Image:
    noise = Image.effect_noise(picture.size, 60)
    return Image.blend(picture.filter(ImageFilter.GaussianBlur(0.8)), noise, 0.25)


def shadowed(picture: Image.Image) -> Image.Image:
    """Half as light at its lower edge."""
    shadow = Image.linear_gradient("L").resize(picture.size).point(lambda value: value // 2)
    return Image.composite(Image.new("L", picture.size, 0), picture, shadow)


SPOILED = pytest.mark.parametrize(
    "spoil", [lambda one: one, noisy, shadowed, ImageOps.invert], ids=lambda one: one.__name__
)


@SPOILED
def test_where_words_cover_all_letters_nothing_is_left_out(spoil: Callable[[Image.Image], Image.Image]) -> None:
    assert left_out(spoil(page()), lines(), HEIGHT) <= A_LETTER_OF_2000


@SPOILED
@pytest.mark.parametrize("instead", ["", "  "], ids=["no word", "an empty word"])
def test_a_line_that_no_word_covers_is_left_out(spoil: Callable[[Image.Image], Image.Image], instead: str) -> None:
    share = left_out(spoil(page()), lines([7], instead), HEIGHT)
    assert 0.5 / (ROWS - 1) < share < 1 / (ROWS - 1)


def test_so_are_many_lines() -> None:
    assert left_out(page(), lines(range(10, ROWS)), HEIGHT) > 1.0


@pytest.mark.parametrize(
    "draw",
    [
        lambda draw: draw.line((100, 1400, 1100, 1400), fill=0, width=3),
        lambda draw: [draw.line((left, 1400, left + 20, 1400), fill=0, width=3) for left in range(100, 1100, 30)],
        lambda draw: [draw.point((left, 1400), fill=0) for left in range(100, 1100, 7)],
        lambda draw: draw.rectangle((100, 1330, 1100, 1480), fill=60),
        lambda draw: draw.rectangle((1150, 0, 1200, 1500), fill=0),
    ],
    ids=["a rule", "dashes", "specks", "a photograph", "the black edge of a copy"],
)
def test_what_is_no_letter_does_not_count(draw: Callable[[ImageDraw.ImageDraw], object]) -> None:
    picture = page()
    draw(ImageDraw.Draw(picture))
    assert left_out(picture, lines(), HEIGHT) <= 2 * A_LETTER_OF_2000


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (400, 300)])
@pytest.mark.parametrize("height", [0.0, 1.0, 30.0, 5000.0])
def test_any_picture_and_any_words_give_a_share(size: tuple[int, int], height: float) -> None:
    word = Word("word", 90.0, Box(-5, -5, 9000, 9000))
    for words in ((), (word,), (Word("", 0.0, word.box),)):
        assert left_out(Image.new("L", size, 255), [Line("word", words, 0, word.box)], height) == 0.0

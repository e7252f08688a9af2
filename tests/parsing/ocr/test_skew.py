"""How far a page is turned, by its lines."""

import pytest
from PIL import Image, ImageDraw

from pipeline.parsing.ocr.skew import skew


def page(width: int = 900, height: int = 1200) -> Image.Image:
    """Lines of words of several lengths."""
    picture = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(picture)
    for number in range(30):
        for word in range(9 - number % 3):
            left = 80 + word * 85 + number % 7
            draw.rectangle((left, 90 + number * 34, left + 60 + (number * word) % 20, 104 + number * 34), fill=20)
    return picture


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


@pytest.mark.parametrize("degrees", [-9.0, -3.5, -0.75, 0.75, 2.0, 6.25, 10.0])
def test_a_page_is_turned_back_by_as_much(degrees: float) -> None:
    assert skew(turned(page(), degrees)) == pytest.approx(-degrees, abs=0.26)


@pytest.mark.parametrize("degrees", [-4.0, 1.0, 7.0])
def test_so_is_one_that_lies_on_its_side(degrees: float) -> None:
    assert skew(turned(page().transpose(Image.Transpose.ROTATE_90), degrees)) == pytest.approx(-degrees, abs=0.26)


@pytest.mark.parametrize("degrees", [-0.4, 0.0, 0.3])
def test_what_engines_can_read_as_it_is_stays(degrees: float) -> None:
    assert skew(turned(page(), degrees)) == 0.0


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (800, 600), 255),
        Image.new("L", (1, 1), 255),
        Image.new("L", (3000, 1), 255),
        Image.effect_noise((700, 500), 90),
        Image.linear_gradient("L").resize((900, 700)).point(lambda value: value // 4 + 100),
    ],
    ids=["white", "a point", "a line", "noise", "a gradient"],
)
def test_what_has_no_lines_is_not_turned(picture: Image.Image) -> None:
    assert abs(skew(picture)) <= 0.5

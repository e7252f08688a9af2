"""Which readings of a picture are tried, and which are given: never a worse one after a better one."""

from collections.abc import Iterator

import pytest
from PIL import Image

from pipeline.parsing.ocr import attempts
from pipeline.parsing.ocr.attempts import readings
from pipeline.parsing.ocr.lines import Box, Line, Word
from pipeline.parsing.ocr.reading import Reading
from tests.parsing.ocr.test_skew import page, turned

WIDTH, HEIGHT = 400, 600


def reading(text: str, confidence: float, height: int = 20) -> Reading:
    word = Word(text, confidence, Box(0, 0, 500, height))
    return Reading((Line(text, (word,), 0, word.box),)) if text else Reading(())


class Engine:
    """Gives prepared readings, and keeps the pictures that it was given."""

    def __init__(self, *prepared: Reading) -> None:
        self._prepared = iter(prepared)
        self.seen: list[Image.Image] = []

    def __call__(self, picture: Image.Image) -> Reading:
        self.seen.append(picture)
        return next(self._prepared)


def marked() -> Image.Image:
    """A picture that shows which side is up: its upper left quarter is black."""
    picture = Image.new("L", (WIDTH, HEIGHT), 255)
    picture.paste(0, (0, 0, WIDTH // 2, HEIGHT // 2))
    return picture


def specked(one_in: int) -> Image.Image:
    """The marked picture with single black pixels, one in so many, two apart at least."""
    picture = marked()
    for place in range(one_in, WIDTH * HEIGHT, one_in):
        picture.putpixel((place % WIDTH // 2 * 2, place // WIDTH // 2 * 2), 0)
    return picture


def corners(picture: Image.Image) -> Iterator[bool]:
    values = picture.tobytes()
    for row in (picture.height // 4, picture.height * 3 // 4):
        for column in (picture.width // 4, picture.width * 3 // 4):
            yield values[row * picture.width + column] < 128


def texts(engine: Engine, picture: Image.Image | None = None, dpi: int = 300) -> list[str]:
    return [found.text for found in readings(engine, picture or marked(), dpi)]


def test_a_page_that_is_read_well_is_read_once() -> None:
    engine = Engine(reading("text", 95.0))
    assert texts(engine) == ["text"]
    assert [picture.size for picture in engine.seen] == [(WIDTH, HEIGHT)]


def test_a_picture_without_letters_is_read_once() -> None:
    assert texts(Engine(reading("", 0.0))) == [""]


def test_edges_are_softened_by_as_much_as_the_resolution_asks_for() -> None:
    engines = [Engine(reading("text", 95.0)) for _ in range(2)]
    texts(engines[0], dpi=200)
    texts(engines[1], dpi=600)
    greys = [sum(0 < value < 255 for value in engine.seen[0].tobytes()) for engine in engines]
    assert 0 < greys[0] < greys[1]


class TestTurning:
    """Text on its head makes no sense."""

    def test_a_page_on_its_head_is_turned(self) -> None:
        engine = Engine(reading("qʇƃuǝl", 31.0), reading("length", 95.0))
        assert texts(engine) == ["qʇƃuǝl", "length"]
        assert list(corners(engine.seen[0])) == [True, False, False, False]
        assert list(corners(engine.seen[1])) == [False, False, False, True]

    def test_one_that_makes_no_more_sense_then_stays(self) -> None:
        assert texts(Engine(reading("scrawl", 55.0), reading("lwarcs", 55.5))) == ["scrawl"]

    @pytest.mark.parametrize("confidence", [65.0, 80.0])
    def test_one_that_makes_sense_is_not_turned(self, confidence: float) -> None:
        engine = Engine(reading("text", confidence))
        assert texts(engine) == ["text"]
        assert len(engine.seen) == 1


class TestEnlarging:
    """Small letters are read badly, and letters of a good size well."""

    def test_small_letters_are_enlarged(self) -> None:
        engine = Engine(reading("srnall", 80.0, height=8), reading("small print", 95.0))
        assert texts(engine) == ["srnall", "small print"]
        assert engine.seen[1].size == (1000, 1500)

    def test_but_not_without_end(self) -> None:
        engine = Engine(reading("srnall", 80.0, height=2), reading("small print", 95.0))
        assert texts(engine) == ["srnall", "small print"]
        assert engine.seen[1].size == (1200, 1800)

    def test_and_not_beyond_what_can_be_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(attempts, "_MAX_PIXELS", 400_000)
        engine = Engine(reading("srnall", 80.0, height=5), reading("small", 95.0))
        texts(engine)
        assert engine.seen[1].size == (516, 774)

    def test_so_are_those_that_were_enlarged_when_they_were_drawn(self) -> None:
        engine = Engine(reading("srnall", 92.9, height=15), reading("small print", 95.0))
        assert texts(engine) == ["srnall", "small print"]
        assert engine.seen[1].size == (533, 800)

    @pytest.mark.parametrize(("confidence", "height"), [(93.0, 8), (80.0, 16)])
    def test_what_is_read_well_or_is_large_is_not(self, confidence: float, height: int) -> None:
        engine = Engine(reading("text", confidence, height))
        assert texts(engine) == ["text"]
        assert len(engine.seen) == 1

    def test_a_worse_reading_is_not_given(self) -> None:
        assert texts(Engine(reading("small letters", 80.0, height=8), reading("small", 95.0))) == ["small letters"]

    def test_a_small_page_on_its_head_is_enlarged_and_turned(self) -> None:
        engine = Engine(reading("abc", 30.0, 8), reading("abcde", 55.0), reading("length", 95.0))
        assert texts(engine) == ["abc", "abcde", "length"]
        assert engine.seen[2].size == (1000, 1500)
        assert list(corners(engine.seen[2])) == [False, False, False, True]


class TestSpecks:
    """Single black pixels are taken out of a page that was read badly."""

    def test_a_page_with_specks_is_read_without_them(self) -> None:
        engine = Engine(reading("t.ex:t", 80.0), reading("textual", 95.0))
        assert texts(engine, specked(300)) == ["t.ex:t", "textual"]
        darkest = [min(picture.crop((WIDTH * 2 // 3, 0, WIDTH, HEIGHT)).tobytes()) for picture in engine.seen]
        assert darkest[0] < 200 < darkest[1]
        assert list(corners(engine.seen[1])) == [True, False, False, False]  # what is no speck stays

    def test_all_that_follows_is_done_without_them(self) -> None:
        engine = Engine(reading("a.b", 30.0, 8), reading("abcd", 55.0, 8), reading("", 0.0), reading("length", 95.0))
        assert texts(engine, specked(300)) == ["a.b", "abcd", "length"]
        assert engine.seen[2].size == (1000, 1500)
        free = (engine.seen[2].crop((700, 900, 1000, 1500)), engine.seen[3].crop((0, 0, 100, 200)))
        assert all(min(picture.tobytes()) > 200 for picture in free)

    @pytest.mark.parametrize(("confidence", "one_in"), [(93.0, 300), (80.0, 3000)])
    def test_one_that_is_read_well_or_has_few_is_not(self, confidence: float, one_in: int) -> None:
        assert texts(engine := Engine(reading("text", confidence)), specked(one_in)) == ["text"]
        assert len(engine.seen) == 1

    def test_a_worse_reading_is_not_given(self) -> None:
        assert texts(Engine(reading("letters", 80.0), reading("let", 95.0)), specked(300)) == ["letters"]


@pytest.mark.parametrize("paper", [0, 90, 190, 255])
def test_what_straightening_adds_is_paper(paper: int) -> None:
    engine = Engine(reading("text", 95.0))
    texts(engine, turned(page(), 5.0).point(lambda value: paper if value > 200 else abs(paper - 120)))
    corner = engine.seen[0].crop((0, 0, 20, 20)).tobytes()
    assert max(abs(value - paper) for value in corner) <= 1


def test_a_page_that_lies_askew_is_straightened_before_it_is_read() -> None:
    engine = Engine(reading("text", 95.0))
    texts(engine, turned(page(), 5.0))
    assert engine.seen[0].size > (900, 1200)  # nothing is cut off
    rows = engine.seen[0].resize((1, engine.seen[0].height), Image.Resampling.BOX).tobytes()
    assert max(rows) - min(rows) > 60  # lines and the space between them

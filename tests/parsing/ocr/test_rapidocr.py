"""RapidOCR's models: what is made of their answers, by models that answer as scripted; and themselves, where set up."""

import hashlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.config import Config, OcrConfig
from pipeline.outcomes import Code
from pipeline.parsing import recognition
from pipeline.parsing.extraction import Extraction
from pipeline.parsing.ocr import engines, models, rapidocr
from pipeline.parsing.ocr.rapidocr import RapidOcr, Values
from pipeline.parsing.zygote import Launcher, Zygote
from tests.isolation.conftest import ROOT
from tests.parsing.conftest import started
from tests.parsing.ocr.test_tesseract import LINES, TABLE, Scanner, drawn

KNOWN = "abcdefghijklmnopqrstuvwxyz0123456789."
STEP = 8  # pixels of a line that is 48 high, for each answer about its characters


class Detector:
    """Takes for text what is not white, and a little less than that."""

    def __init__(self, sure: float = 0.9) -> None:
        self.sure = sure
        self.shapes: list[tuple[int, ...]] = []

    def run(self, _outputs: None, given: dict[str, Values]) -> list[Values]:
        values = given["x"]
        self.shapes.append(values.shape)
        return [np.where(values[:, :1] < 0.9, np.float32(self.sure), np.float32(0))]


class Recogniser:
    """Reads the words that it is told to, line by line, a step for each character and an empty one between two."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.sure, self.empty = 0.95, 0.5
        self.shapes: list[tuple[int, ...]] = []

    def get_modelmeta(self) -> SimpleNamespace:
        return SimpleNamespace(custom_metadata_map={"character": "\n".join(KNOWN)})

    def run(self, _outputs: None, given: dict[str, Values]) -> list[Values]:
        self.shapes.append(given["x"].shape)
        count, _, _, width = given["x"].shape
        answer = np.zeros((count, max(1, width // STEP), len(KNOWN) + 2), np.float32)
        answer[:, :, 0] = self.empty
        for line in range(count):
            for at, character in enumerate(self.texts.pop(0)):
                number = len(KNOWN) + 1 if character == " " else KNOWN.index(character) + 1
                answer[line, 2 * at : 2 * at + 2, number] = (self.sure, 0.0) if at % 2 else (self.sure, self.sure)
        return [answer]


def engine(detector: Detector, recogniser: Recogniser) -> RapidOcr:
    sessions = {models.DETECTOR: detector, models.RECOGNISER: recogniser}
    with mock.patch.object(rapidocr, "_session", lambda _folder, name: sessions[name]):
        return RapidOcr(Path())


def page(*lines: tuple[int, int, int, int], size: tuple[int, int] = (960, 960)) -> Image.Image:
    picture = Image.new("L", size, 255)
    for line in lines:
        picture.paste(0, line)
    return picture


def test_lines_are_found_and_read() -> None:
    recogniser = Recogniser("second line", "first line")  # the shorter one is read first
    picture = page((100, 100, 600, 130), (100, 200, 500, 230))
    reading = engine(Detector(), recogniser).read(picture, ("eng",))
    assert reading.text == "first line\nsecond line"
    assert reading.confidence == pytest.approx(95.0)
    first = reading.lines[0].box
    assert (70 < first.left < 100, 600 < first.right < 630) == (True, True)
    assert (70 < first.top < 100, 130 < first.bottom < 160) == (True, True)


def test_characters_that_stand_twice_are_told_from_those_that_last() -> None:
    assert engine(Detector(), Recogniser("bookkeeper 11")).read(page((100, 100, 700, 130)), ()).text == "bookkeeper 11"


def test_words_stand_where_their_characters_do() -> None:
    (line,) = engine(Detector(), Recogniser("ab cd")).read(page((100, 100, 700, 130)), ()).lines
    first, second = line.words
    assert (first.text, second.text) == ("ab", "cd")
    assert line.box.left <= first.box.left < first.box.right < second.box.left < second.box.right <= line.box.right


def test_a_picture_without_text_has_none() -> None:
    reading = engine(Detector(), Recogniser()).read(page(), ())
    assert (reading.lines, reading.text) == ((), "")


def test_what_may_be_no_text_is_not_read() -> None:
    recogniser = Recogniser()
    assert engine(Detector(sure=0.4), recogniser).read(page((100, 100, 600, 130)), ()).lines == ()
    assert engine(Detector(), recogniser).read(page((100, 100, 102, 102)), ()).lines == ()
    assert recogniser.shapes == []


def test_a_line_that_is_read_badly_says_nothing_and_still_counts() -> None:
    recogniser = Recogniser("noise")
    recogniser.sure, recogniser.empty = 0.4, 0.3
    reading = engine(Detector(), recogniser).read(page((100, 100, 600, 130)), ())
    assert (reading.text, round(reading.confidence)) == ("", 40)


@pytest.mark.parametrize(
    ("size", "given"),
    [((960, 960), (960, 960)), ((100, 50), (736, 1472)), ((5000, 4000), (1600, 1984)), ((4000, 10), (32, 1984))],
)
def test_pictures_are_given_in_a_size_that_the_detector_knows(size: tuple[int, int], given: tuple[int, int]) -> None:
    detector = Detector()
    engine(detector, Recogniser()).read(page(size=size), ())
    assert detector.shapes == [(1, 3, *given)]


def test_lines_are_read_in_batches_of_a_bounded_size() -> None:
    lines = [(20, 10 + 30 * number, 940, 30 + 30 * number) for number in range(30)]
    recogniser = Recogniser(*["text"] * 30)
    assert len(engine(Detector(), recogniser).read(page(*lines), ()).lines) == 30
    assert len(recogniser.shapes) > 1
    assert sum(shape[0] for shape in recogniser.shapes) == 30
    assert all(shape[1:3] == (3, 48) and shape[0] * 48 * shape[3] <= 48 * 4800 for shape in recogniser.shapes)


def test_a_line_that_runs_downwards_is_turned() -> None:
    recogniser = Recogniser("downwards")
    reading = engine(Detector(), recogniser).read(page((100, 100, 130, 800)), ())
    assert reading.text == "downwards"
    assert recogniser.shapes[0][3] > 300


def test_lines_without_end_are_not_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapidocr, "_MOST_LINES", 20)
    crumbs = page(*[(column, row, column + 9, row + 9) for row in range(0, 960, 96) for column in range(0, 960, 96)])
    assert len(engine(Detector(), Recogniser(*["x"] * 20)).read(crumbs, ()).lines) == 20


def test_a_model_that_was_changed_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / models.DETECTOR).write_bytes(b"other")
    assert hashlib.sha256(b"other").hexdigest() != models.HASHES[models.DETECTOR]
    with pytest.raises(OSError, match="not the file that was published"):
        RapidOcr(tmp_path)


FOUND = engines.find(Config(ocr=OcrConfig(engine="rapidocr"), folder=ROOT))
needs_models = pytest.mark.skipif(
    FOUND.engine is None or sys.platform == "win32", reason=f"{FOUND.finding}: `make setup-ocr` lets its own tests run"
)


@pytest.fixture(scope="module")
def readers() -> Iterator[Launcher]:
    with started(Zygote()) as ready:
        yield ready


@pytest.fixture(scope="module")
def scanner(readers: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanner]:
    config = Config(ocr=OcrConfig(engine="rapidocr"), folder=ROOT)
    stop = threading.Event()
    reader = recognition.recogniser(config, Extraction(readers, config.parsing, stop), stop)
    yield Scanner(readers, reader, tmp_path_factory.mktemp("scans"), "rapidocr")
    reader.close()


@needs_models
class TestItself:
    """Under the lock, forked, on one thread."""

    def test_a_page_is_read(self, scanner: Scanner) -> None:
        result = scanner.scan(drawn(*LINES))
        assert result.pages[0].text.split() == " ".join(LINES).split()
        assert result.code is Code.COMPLETE

    @pytest.mark.parametrize("way", [Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270])
    def test_it_may_lie_otherwise(self, scanner: Scanner, way: Image.Transpose) -> None:
        assert scanner.text(drawn(*LINES).transpose(way)).split() == " ".join(LINES).split()

    def test_the_rows_of_a_table_stay_together(self, scanner: Scanner) -> None:
        picture = Image.new("L", (1800, 500), 255)
        font = ImageFont.load_default(42)
        for number, row in enumerate(TABLE):
            for left, cell in zip((60, 900, 1400), row, strict=True):
                ImageDraw.Draw(picture).text((left, 60 + 100 * number), cell, font=font, fill=0)
        rows = [line for line in scanner.text(picture).splitlines() if line]
        assert rows == ["\t".join(row) for row in TABLE]

    def test_pictures_without_text_have_none(self, scanner: Scanner) -> None:
        assert scanner.scan(Image.new("L", (800, 600), 255)).code is Code.NOTHING_RECOGNISED

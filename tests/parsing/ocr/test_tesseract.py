"""Tesseract itself, where it is installed: letters that were drawn are read, under the lock, in every position."""

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.config import Config, OcrConfig
from pipeline.datatypes import PageText, ParsedDocument
from pipeline.outcomes import Code
from pipeline.parsing import recognition
from pipeline.parsing.extraction import Extraction
from pipeline.parsing.ocr import engines
from pipeline.parsing.recognition import Recogniser
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Launcher, Zygote
from tests.parsing.conftest import started
from tests.parsing.readers.test_image import saved

FOUND = engines.find(Config())
pytestmark = [
    pytest.mark.skipif(FOUND.engine is None, reason=f"{FOUND.finding}: its own tests are left out"),
    pytest.mark.skipif(sys.platform == "win32", reason="no child can be forked"),
]
LINES = (
    "The rent is due on the third working day of each month.",
    "It amounts to 1,250.00 pounds and covers heating and water.",
    "Either party may give notice of three months in writing.",
    "Subletting needs the consent of the landlord.",
)
TABLE = (("Rope of hemp, per metre", "40", "48.00"), ("Anchor", "6", "129.00"), ("Fender", "4", "111.00"))


def drawn(*lines: str, size: float = 42, width: int = 1500) -> Image.Image:
    """Lines in Pillow's own typeface, in the size that letters of 10 points have at 300 dpi."""
    picture = Image.new("L", (width, int(120 + size * 1.7 * len(lines))), 255)
    font = ImageFont.load_default(size)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((60, 60 + number * size * 1.7), line, font=font, fill=0)
    return picture


@pytest.fixture(scope="module")
def readers() -> Iterator[Launcher]:
    with started(Zygote()) as ready:
        yield ready


@pytest.fixture(scope="module")
def tesseract(readers: Launcher) -> Iterator[Recogniser]:
    config = Config(ocr=OcrConfig(languages=("eng",)))
    reader = recognition.recogniser(config, Extraction(readers, config.parsing, threading.Event()), threading.Event())
    yield reader
    reader.close()


class Scanner:
    """Has a picture parsed, drawn and recognised as the product does."""

    def __init__(self, readers: Launcher, reader: Recogniser, folder: Path, engine: str = "tesseract") -> None:
        self._engine = engine
        self._sandbox = Sandbox(readers, Config().parsing, threading.Event())
        self._reader = reader
        self._file = folder / "scan"

    def scan(self, *pages: Image.Image) -> ParsedDocument:
        file = saved(pages[0], "TIFF", dpi=(300, 300), save_all=True, append_images=pages[1:])
        self._file.write_bytes(file)
        with self._file.open("rb") as document:
            parsed = self._sandbox.parse(document.fileno(), ".tif")
            return self._reader.complete(document.fileno(), ".tif", parsed)

    def text(self, picture: Image.Image) -> str:
        (page,) = self.scan(picture).pages
        assert page.reader == self._engine
        return page.text


@pytest.fixture
def scanner(readers: Launcher, tesseract: Recogniser, tmp_path: Path) -> Scanner:
    return Scanner(readers, tesseract, tmp_path)


def test_pages_are_read_in_their_order(scanner: Scanner) -> None:
    result = scanner.scan(drawn(*LINES[:2]), drawn(*LINES[2:]))
    assert [page.text.replace("\n\n", "\n") for page in result.pages] == ["\n".join(LINES[:2]), "\n".join(LINES[2:])]
    assert (result.code, result.format) == (Code.COMPLETE, "tiff")
    assert all(page.confidence is not None and page.confidence > 85 and page.dpi == 300 for page in result.pages)


@pytest.mark.parametrize("way", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270])
def test_a_page_may_lie_in_every_way(scanner: Scanner, way: Image.Transpose) -> None:
    assert scanner.text(drawn(*LINES).transpose(way)).split() == " ".join(LINES).split()


def test_a_page_may_lie_askew(scanner: Scanner) -> None:
    askew = drawn(*LINES).rotate(-6, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert scanner.text(askew).split() == " ".join(LINES).split()


def test_small_print_is_read(scanner: Scanner) -> None:
    assert scanner.text(drawn(*LINES, size=20)).split() == " ".join(LINES).split()


def test_noise_is_read_through(scanner: Scanner) -> None:
    page = drawn(*LINES)
    noisy = Image.blend(page, Image.effect_noise(page.size, 60), 0.3)
    assert scanner.text(noisy).split() == " ".join(LINES).split()


def test_the_rows_of_a_table_stay_together(scanner: Scanner) -> None:
    picture = Image.new("L", (1800, 500), 255)
    font = ImageFont.load_default(42)
    for number, row in enumerate(TABLE):
        for left, cell in zip((60, 900, 1400), row, strict=True):
            ImageDraw.Draw(picture).text((left, 60 + 100 * number), cell, font=font, fill=0)
    rows = [line for line in scanner.text(picture).splitlines() if line]
    assert rows == ["\t".join(row) for row in TABLE]


def test_numbers_beside_indented_paragraphs_are_not_lost(scanner: Scanner) -> None:
    """Tesseract's layout analysis drops them from a page of one column: they are read again, in one block."""
    picture = Image.new("L", (1500, 2300), 255)
    font = ImageFont.load_default(36)
    for number in range(9):
        ImageDraw.Draw(picture).text((60, 60 + 240 * number), f"{number + 1}.", font=font, fill=0)
        for place, line in enumerate(LINES[number % 2 : number % 2 + 3]):
            ImageDraw.Draw(picture).text((220, 60 + 240 * number + 54 * place), line, font=font, fill=0)
    numbers = [word for word in scanner.text(picture).split() if re.fullmatch(r"\d\.", word)]
    assert numbers == [f"{number + 1}." for number in range(9)]


def test_grey_paper_that_lies_askew_is_read(scanner: Scanner) -> None:
    """What is added at the corners must not be lighter than the paper, or all of that counts as ink."""
    grey = drawn(*LINES).point(lambda value: 110 + value * 80 // 255)
    askew = grey.rotate(-6, Image.Resampling.BICUBIC, expand=True, fillcolor=190)
    assert scanner.text(askew).split() == " ".join(LINES).split()


def test_pictures_without_text_have_none(scanner: Scanner) -> None:
    blank = Image.new("L", (800, 600), 255)
    shade = Image.radial_gradient("L").resize((800, 600))
    result = scanner.scan(blank, shade)
    assert [page.text for page in result.pages] == ["", ""]
    assert result.code is Code.NOTHING_RECOGNISED
    assert result.pages[0] == PageText(1, "", None, "tesseract", 0.0, 300)


def test_a_line_of_pixels_is_no_page(scanner: Scanner) -> None:
    assert scanner.text(Image.new("L", (3000, 1), 0)) == ""


def test_a_picture_made_to_waste_time_costs_no_more_than_its_page_may(readers: Launcher, tmp_path: Path) -> None:
    config = Config(ocr=OcrConfig(languages=("eng",), page_timeout_s=1.0))
    reader = recognition.recogniser(config, Extraction(readers, config.parsing, threading.Event()), threading.Event())
    with closing(reader):
        began = time.monotonic()
        result = Scanner(readers, reader, tmp_path).scan(Image.effect_noise((3000, 3000), 200))
        assert time.monotonic() - began < 20.0
    assert result.pages[0].code in (Code.PAGES_WITHOUT_TEXT, Code.RECOGNITION_UNCERTAIN)

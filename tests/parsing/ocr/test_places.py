"""Where words stand in a picture however it lay when it was read; and values that only text recognition finds."""

import sys
import threading
from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw, ImageFont
from PIL.Image import Transpose

from pipeline.config import Config, OcrConfig
from pipeline.parsing.extraction import Extraction
from pipeline.parsing.ocr import engines
from pipeline.parsing.ocr.attempts import Turned
from pipeline.parsing.ocr.lines import Box
from pipeline.parsing.redaction.scans import Scans, scans
from pipeline.parsing.redaction.squeezing import squeeze
from pipeline.parsing.zygote import Launcher
from tests.parsing.redaction.redactions import IBAN, drawn, page, redact

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no child can be forked")
ENGINE = engines.find(Config())
needs_engine = pytest.mark.skipif(ENGINE.engine is None, reason=ENGINE.finding)


@pytest.mark.parametrize("angle", [0.0, 3.0, -7.5])
@pytest.mark.parametrize("times", [1.0, 2.0])
@pytest.mark.parametrize("is_upside_down", [False, True])
def test_a_mark_is_found_in_the_picture_as_it_was_given(angle: float, times: float, is_upside_down: bool) -> None:
    original = Image.new("L", (400, 300), 0)
    original.paste(255, (300, 60, 320, 70))
    turned = original.rotate(angle, expand=True)
    larger = turned.resize((int(turned.width * times), int(turned.height * times)))
    seen = larger.transpose(Transpose.ROTATE_180) if is_upside_down else larger
    bounds = seen.point(lambda value: 255 * (value > 100)).getbbox()
    assert bounds is not None
    left, top, right, bottom = Turned(original.size, angle, larger.size, is_upside_down).in_original(Box(*bounds))
    assert left * 400 <= 301 and right * 400 >= 319
    assert top * 300 <= 61 and bottom * 300 >= 69
    assert (left + right) * 200 == pytest.approx(310, abs=3)
    assert (top + bottom) * 150 == pytest.approx(65, abs=3)


@pytest.fixture(scope="module")
def engine(zygote: Launcher) -> Iterator[Scans]:
    config = Config(ocr=OcrConfig(languages=("eng",)))
    found = scans(config, Extraction(zygote, config.parsing, threading.Event()), threading.Event())
    assert found is not None
    yield found
    found.close()


@pytest.fixture(scope="module")
def zygote() -> Iterator[Launcher]:
    from pipeline.parsing.zygote import Zygote
    from tests.parsing.conftest import started

    with started(Zygote()) as ready:
        yield ready


def scan(*lines: str, angle: float = 0.0, beside: bytes = b"") -> bytes:
    """A document whose page is a picture of these lines, with more content beside it."""
    picture = Image.new("L", (1240, 900), 255)
    font = ImageFont.load_default(34)
    for row, line in enumerate(lines):
        ImageDraw.Draw(picture).text((90, 90 + 70 * row), line, font=font, fill=0)
    values = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255).tobytes()
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 1240 /Height 900 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Length %d >>\nstream\n%b\nendstream" % (len(values), values)
    )
    return page(b"q 595 0 0 432 0 400 cm /Im1 Do Q " + beside, objects=[image])


LINES = (
    "Please pay the sum of 1,250.00 pounds",
    "to account 4711 0815 2342 at once",
    "and tell Mrs Wolkenkratzer about it.",
)


@needs_engine
@pytest.mark.parametrize("angle", [0.0, 4.0])
def test_a_value_in_a_scan_is_painted_over(zygote: Launcher, engine: Scans, angle: float) -> None:
    content = scan(*LINES, angle=angle)
    result = redact(zygote, content, ["4711 0815 2342"], scans=engine)
    assert (result.outcome.located, result.outcome.unread) == (1, ())
    text = squeeze(result.texts[0])
    assert squeeze("to account [gone] at once") in text
    assert squeeze(LINES[2]) in text
    assert not result.holds("4711 0815 2342")
    again = redact(zygote, result.copy, ["4711 0815 2342"], scans=engine)
    assert dict(again.outcome.not_located) == {1: 1}  # nobody can read it any more
    assert drawn(result.copy).size == drawn(content).size


@needs_engine
def test_a_picture_beside_text_is_read_too(zygote: Launcher, engine: Scans) -> None:
    typed = b"BT /F1 12 Tf 72 300 Td (%b and words that are typed) Tj ET" % IBAN.encode()
    content = scan("", f"to {IBAN}", beside=typed)
    result = redact(zygote, content, [IBAN], scans=engine)
    assert result.outcome.is_complete
    assert result.outcome.painted >= 2
    again = redact(zygote, result.copy, [IBAN], scans=engine)
    assert dict(again.outcome.not_located) == {1: 1}


def test_without_an_engine_a_scan_is_refused(zygote: Launcher) -> None:
    result = redact(zygote, scan(*LINES), ["4711 0815 2342"])
    assert (dict(result.outcome.not_located), result.outcome.unread, result.copy) == ({1: 1}, (1,), b"")

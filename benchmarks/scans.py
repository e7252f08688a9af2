"""Text recognition beside the truth: pages of contracts drawn anew, clean and as bad scanners do, and a real scan.

The truth is the text of the PDF, which comes in the order in which it was written into the file. Only pages are taken
where that is the order in which they are read; else up to 28 % of the characters were errors of the truth. Rules made
of dashes are left out of it. The truth beside the real scan was itself recognised, by another engine, and has errors.
"""

import io
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Literal

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

from benchmarks import kept, word_measures
from benchmarks.corpus import FILES
from benchmarks.measure import tell
from pipeline import Pipeline
from pipeline.config import Config, OcrConfig
from pipeline.parsing.ocr.engines import find

PAGES = 6  # of so many contracts the first page
SEED = 5
ENGINES: tuple[Literal["tesseract", "rapidocr"], ...] = ("tesseract", "rapidocr")
_RULE = re.compile(r"[-_=]{4,}")
SCAN, TRUTH = FILES / "ocr" / "linn.png", FILES / "ocr" / "linn.txt"


@dataclass(frozen=True, slots=True)
class Recognised:
    """Pages of one kind, read by one engine. Character error rates and confidences have one entry per page."""

    engine: str
    kind: str
    noisy: bool
    errors: list[float]
    confidence: list[float]
    seconds: float


def clean(page: Image.Image) -> Image.Image:
    """As it was drawn."""
    return page


def noisy(page: Image.Image) -> Image.Image:
    """Turned by 0.8 degrees, blurred, with grey noise: a fair copy on a bad scanner."""
    turned = page.rotate(0.8, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    noise = Image.effect_noise(turned.size, 40)
    return ImageChops.blend(turned.filter(ImageFilter.GaussianBlur(0.8)), noise, 0.2)


def two_colours(page: Image.Image) -> Image.Image:
    """Turned by one degree the other way, and black or white: a fax."""
    return page.rotate(-1, Image.Resampling.BICUBIC, expand=True, fillcolor=255).point(
        lambda value: 255 * (value > 150)
    )


def sideways(page: Image.Image) -> Image.Image:
    """Laid on the scanner with its side up."""
    return page.transpose(Image.Transpose.ROTATE_90)


KINDS: tuple[tuple[str, int, Callable[[Image.Image], Image.Image], bool], ...] = (
    ("clean, 300 dpi", 300, clean, False),
    ("clean, 200 dpi", 200, clean, False),
    ("clean, 150 dpi", 150, clean, False),
    ("turned, blurred, noise, 200 dpi", 200, noisy, True),
    ("black and white, turned, 150 dpi", 150, two_colours, True),
    ("clean, 200 dpi, lying on its side", 200, sideways, False),
)


def measure_scans(contracts: Sequence[Path]) -> list[Recognised]:
    """Every kind over the same pages, then the shared scan, by each engine that is here; through `Pipeline.drain`."""
    in_order = [path for path in contracts if in_reading_order(path)]
    chosen = random.Random(SEED).sample(in_order, min(PAGES, len(in_order)))
    present = [engine for engine in ENGINES if find(Config(ocr=OcrConfig(engine=engine))).engine is not None]
    results = []
    for kind, dpi, spoiled, is_noisy in KINDS:
        drawn = [_drawn(path, dpi, spoiled) for path in chosen]
        for engine in present:
            tell(f"  {kind}, {engine}")
            results.append(_recognised(engine, kind, is_noisy, drawn))
    if SCAN.is_file():
        scan = [(TRUTH.read_text(encoding="utf-8"), SCAN.read_bytes())]
        for engine in present:
            tell(f"  a real scan, {engine}")
            results.append(_recognised(engine, "a real scan", True, scan))
    return results


def in_reading_order(path: Path) -> bool:
    """Whether the lines of a PDF's first page follow each other downwards: none stands higher than the one before."""
    with pypdfium2.PdfDocument(path) as document:
        lines = list(_lines(document[0].get_textpage()))
    return bool(lines) and all(below.top <= above.top + above.height for above, below in pairwise(lines))


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a line stands, in points from the lower edge of its page."""

    top: float
    height: float


def _lines(text: pypdfium2.PdfTextPage) -> Iterator[_Line]:
    """The lines of a page in the order of its content."""
    places: list[tuple[float, float]] = []
    for number in range(text.count_chars()):
        character = text.get_text_range(number, 1)
        if character in {"\r", "\n"} and places:
            yield _line(places)
            places = []
        elif character.strip():
            _, bottom, _, top = text.get_charbox(number, loose=True)
            places.append((bottom, top))
    if places:
        yield _line(places)


def _line(places: Sequence[tuple[float, float]]) -> _Line:
    top = median(top for _, top in places)
    return _Line(top, top - median(bottom for bottom, _ in places))


def _drawn(path: Path, dpi: int, spoiled: Callable[[Image.Image], Image.Image]) -> tuple[str, bytes]:
    """The text of a PDF's first page, and its picture as PNG."""
    with pypdfium2.PdfDocument(path) as document:
        page = document[0]
        text = _RULE.sub(" ", page.get_textpage().get_text_range())
        picture = spoiled(page.render(scale=dpi / 72, grayscale=True).to_pil())
    content = io.BytesIO()
    picture.save(content, "PNG", dpi=(dpi, dpi))
    return text, content.getvalue()


def _recognised(engine: str, kind: str, is_noisy: bool, pages: Sequence[tuple[str, bytes]]) -> Recognised:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        settings = f"inbox: {{settle_s: 0}}\njobs: {{workers: 1}}\nocr: {{engine: {engine}}}\n"
        config.write_text(settings, encoding="utf-8")
        inbox = Path(folder) / "inbox"
        inbox.mkdir()
        for number, (_, picture) in enumerate(pages):
            (inbox / f"{number}.png").write_bytes(picture)
        with Pipeline.open(config) as pipeline:
            started = time.perf_counter()
            pipeline.drain()
            seconds = time.perf_counter() - started
            rows = pipeline.database.rows(
                "SELECT path, document_id, confidence FROM pages JOIN paths USING (document_id) ORDER BY path"
            )
            read = ["\n".join(kept.pages(pipeline.database, int(row["document_id"]))) for row in rows]
    return Recognised(
        engine,
        kind,
        is_noisy,
        [word_measures.character_errors(truth, text) for (truth, _), text in zip(pages, read, strict=True)],
        [row["confidence"] or 0.0 for row in rows],
        seconds,
    )

"""Text recognition beside the truth: pages of contracts drawn anew, clean and as bad scanners do, and a real scan."""

import io
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

from benchmarks import word_measures
from benchmarks.corpus import FILES
from benchmarks.measure import tell
from pipeline import Pipeline
from pipeline.config import Config, OcrConfig
from pipeline.parsing.ocr.engines import find

PAGES = 6  # of so many contracts the first page
SEED = 5
ENGINES: tuple[Literal["tesseract", "rapidocr"], ...] = ("tesseract", "rapidocr")
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
    chosen = random.Random(SEED).sample(list(contracts), min(PAGES, len(contracts)))
    present = [engine for engine in ENGINES if find(Config(ocr=OcrConfig(engine=engine))).engine is not None]
    results = []
    for kind, dpi, spoiled, is_noisy in KINDS:
        drawn = [_drawn(path, dpi, spoiled) for path in chosen]
        for engine in present:
            tell(f"  {kind}, {engine}")
            results.append(_recognised(engine, kind, is_noisy, drawn))
    if SCAN.is_file():
        scan = [(TRUTH.read_text(encoding="utf-8"), SCAN.read_bytes())]
        results.extend(_recognised(engine, "a real scan", True, scan) for engine in present)
    return results


def _drawn(path: Path, dpi: int, spoiled: Callable[[Image.Image], Image.Image]) -> tuple[str, bytes]:
    """The text of a PDF's first page, and its picture as PNG."""
    with pypdfium2.PdfDocument(path) as document:
        page = document[0]
        text = page.get_textpage().get_text_range()
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
                "SELECT path, text, confidence FROM pages JOIN paths USING (document_id) ORDER BY path"
            )
    return Recognised(
        engine,
        kind,
        is_noisy,
        [word_measures.character_errors(truth, row["text"]) for (truth, _), row in zip(pages, rows, strict=True)],
        [row["confidence"] or 0.0 for row in rows],
        seconds,
    )

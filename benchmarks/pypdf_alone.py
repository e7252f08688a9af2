"""What the PDF reader does without its second library: pypdf's text of a file, and what looking for a second costs."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.parsing.protocol import Page, Request
from pipeline.parsing.readers import pdf
from pipeline.parsing.reading import ReadingEnded


def text(path: Path) -> str | None:
    """pypdf's text; None where it reads none of the file."""
    try:
        return "\n".join(page.text for page in _pages(path, alone=True)) or None
    except Exception:  # pypdf raises anything on broken files
        return None


def compared(paths: Sequence[Path]) -> tuple[int, int]:
    """How many pages these files have, and of how many the second reader's text was preferred."""
    pages = [page for path in paths for page in _pages(path, alone=False)]
    return len(pages), sum(page.reader != "pypdf" for page in pages)


def timed(paths: Sequence[Path], rounds: int) -> tuple[list[float], list[float]]:
    """Processor seconds to read all files with pypdf alone, and as the product does; interleaved, file by file."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        spent = [0.0, 0.0]
        for path in paths:
            for variant in (0, 1) if number % 2 else (1, 0):
                started = time.process_time()
                _pages(path, alone=variant == 0)
                spent[variant] += time.process_time() - started
        if number:  # the first round fills caches
            for variant in (0, 1):
                seconds[variant].append(spent[variant])
    return seconds


def _pages(path: Path, *, alone: bool) -> list[Page]:
    """The pages of a file; `alone`: as after a lost child, when pdfium is not asked."""
    request = Request(
        suffix=".pdf", first_page=1, max_pages=1 << 20, max_text_bytes=1 << 30, address_space_bytes=0, cpu_s=0,
        page_cpu_s=60, retry=alone,
    )  # fmt: skip
    pages: list[Page] = []
    with path.open("rb") as file, contextlib.suppress(ReadingEnded):
        pages.extend(frame for frame in pdf.read(file, request) if isinstance(frame, Page))
    return pages

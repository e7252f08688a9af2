"""Where each character of a document stands, page by page, from a child that is believed nothing beyond its bounds."""

import math
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from pipeline.config import ParsingConfig
from pipeline.outcomes import Code
from pipeline.parsing.answers import ChildLost, Patience, check, frames
from pipeline.parsing.protocol import Finished, Glyphs, Opened, Request, Task
from pipeline.parsing.redaction import glyphs
from pipeline.parsing.redaction.glyphs import Glyph
from pipeline.parsing.sandbox import CPU_SHARE
from pipeline.parsing.zygote import Launcher

FRAME_BYTES = 6 * glyphs.MOST_GLYPHS + 16 * glyphs.MOST_GLYPHS + (64 << 10)  # text as JSON, places as base64
_LONGEST_SIDE = 1e6  # points


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One of `count` pages, of this size in points as it is shown; `pictured` is the share that pictures cover."""

    number: int
    count: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    pictured: float
    is_drawn: bool


class PageGlyphs:
    """Asks for the characters of documents, one child each. Threads may share it."""

    def __init__(
        self, launcher: Launcher, limits: ParsingConfig, stop: threading.Event, passwords: Sequence[str] = ()
    ) -> None:
        self._launcher = launcher
        self._limits = limits
        self._stop = stop
        self._passwords = tuple(passwords)

    def pages(self, document: int, suffix: str) -> Generator[ShownPage, None, None]:
        """All pages of the open file `document`, in order.

        Raises ChildLost where one of them is not had, with FORMAT_NOT_READ for what has no such pages; Stopped;
        SandboxError.
        """
        patience = Patience(self._limits.timeout_s, self._limits.page_timeout_s)
        child = self._launcher.start(document, self._request(suffix))
        try:
            yield from self._checked(frames(child, FRAME_BYTES, patience, self._stop, lambda: 1.0))
        finally:
            child.kill()

    def _checked(self, untrusted_frames: Iterator[Opened | Glyphs | object]) -> Iterator[ShownPage]:
        opened = next(untrusted_frames, None)
        if isinstance(opened, Finished):
            raise ChildLost(opened.code or Code.FORMAT_NOT_READ)
        check(isinstance(opened, Opened))
        assert isinstance(opened, Opened)
        if not 0 < opened.page_count <= self._limits.max_pages:
            raise ChildLost(Code.PAGE_LIMIT if opened.page_count > 0 else Code.STRUCTURE_DAMAGED)
        for number in range(1, opened.page_count + 1):
            yield _page(next(untrusted_frames, None), number, opened.page_count)

    def _request(self, suffix: str) -> Request:
        return Request(
            task=Task.GLYPHS,
            suffix=suffix,
            first_page=1,
            passwords=self._passwords,
            max_pages=self._limits.max_pages,
            max_text_bytes=self._limits.max_text_mb << 20,
            address_space_bytes=2 * (self._limits.memory_mb << 20),
            cpu_s=int(self._limits.timeout_s) + 1,
            page_cpu_s=self._limits.page_timeout_s * CPU_SHARE,
        )


def checked(untrusted: object) -> Glyphs:
    """The glyphs of a page, if they are such. Raises ChildLost."""
    if untrusted is None:
        raise ChildLost(Code.PARSER_CRASHED)
    if isinstance(untrusted, Finished) and untrusted.code in (Code.PARSER_MEMORY, Code.STRUCTURE_DAMAGED):
        raise ChildLost(untrusted.code)
    check(isinstance(untrusted, Glyphs))
    assert isinstance(untrusted, Glyphs)
    check(untrusted.code in (None, Code.READER_LIMIT, Code.PAGES_FAILED))
    if untrusted.code is not None:
        raise ChildLost(untrusted.code)
    check(all(math.isfinite(side) and 0 < side <= _LONGEST_SIDE for side in (untrusted.width, untrusted.height)))
    check(0.0 <= untrusted.pictured <= 1.0 and glyphs.fits(untrusted.text, untrusted.places))
    return untrusted


def _page(untrusted: object, number: int, count: int) -> ShownPage:
    page = checked(untrusted)
    check(page.number == number)
    found = tuple(glyphs.unpack(page.text, page.places))
    return ShownPage(number, count, page.width, page.height, found, page.pictured, page.drawn)

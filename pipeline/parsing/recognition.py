"""Completes documents by the text in their pictures, through locked children, one page at a time.

As sandbox.py does for text: a child that dies, hangs or lies costs its page, which then counts as one without text.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import msgspec

from pipeline.config import Config
from pipeline.datatypes import PageText, ParsedDocument, Picture
from pipeline.errors import SandboxError
from pipeline.outcomes import Code
from pipeline.parsing import paged, verdict
from pipeline.parsing.answers import ChildLost, Patience, check, frames
from pipeline.parsing.ocr import engines
from pipeline.parsing.ocr.engines import Engine
from pipeline.parsing.protocol import Finished, PictureRequest, Recognised
from pipeline.parsing.sandbox import UNCLEAN
from pipeline.parsing.zygote import Child, Launcher, Worker, launcher

WORKER = "pipeline.parsing.ocr.worker"
MAX_PAGE_BYTES = 1 << 20  # of one page's text; a dense one has 10,000
_FRAME_BYTES = 2 * MAX_PAGE_BYTES
_MOST_ATTEMPTS = 4  # that a child may send of one picture
MAX_LOST_CHILDREN = 6  # after so many deaths within one document the rest is not tried
ADDRESS_SPACE_BYTES = 2 << 30  # measured on 40 million pixels of text: 0.55 GB by tesseract, 1.0 by rapidocr
# A page in one of several languages says in which: that one alone is faster, and is right more often. Where it does
# not fit a later page, which shows in its confidence, all of them are asked again.
_TELLS_CHARACTERS, _FITS = 200, 85.0
_OWN_CHARACTERS = 20_000  # of a page that counts as one without text: more of them are not looked for one by one
_WORD = re.compile(r"\w+")


class Pictures(Protocol):
    """Draws pages somewhere safe."""

    def pictures(self, document: int, suffix: str, pages: Sequence[int], dpi: int) -> Iterator[Picture]:
        """Pictures of these pages of an open file, one at a time."""


def recogniser(config: Config, pictures: Pictures, stop: threading.Event) -> "Recogniser":
    """The recogniser that the configuration asks for; without an installed engine it leaves documents as they are."""
    engine = engines.find(config).engine
    arguments = () if engine is None else (msgspec.json.encode(engine).decode("utf-8"),)
    children = launcher(config.network.enforcement, Worker(WORKER, arguments))
    return Recogniser(engine, children, pictures, config, stop)


class Recogniser:
    """Reads text in the pictures of documents. Threads may share it."""

    def __init__(
        self, engine: Engine | None, children: Launcher, pictures: Pictures, config: Config, stop: threading.Event
    ) -> None:
        self._engine = engine
        self._children = children
        self._pictures = pictures
        self._config = config
        self._stop = stop

    def complete(self, document: int, suffix: str, parsed: ParsedDocument) -> ParsedDocument:
        """The document with the text of those pages that show only pictures.

        Raises Stopped, SandboxError, LockError.
        """
        limits = self._config.ocr
        wanted = [page.number for page in parsed.pages if page.code is Code.PAGES_WITHOUT_TEXT][: limits.max_pages]
        if self._engine is None or not wanted:
            return parsed
        run = _Run(self._engine, self._children, self._config, self._stop)
        run.room_bytes -= sum(len(page.text.encode("utf-8")) for page in parsed.pages)
        pages = {page.number: page for page in parsed.pages}
        for picture in self._pictures.pictures(document, suffix, wanted, limits.dpi):
            pages[picture.page] = run.page(pages[picture.page], picture)
            if run.over:
                break
        finished = paged.finished(parsed.format, tuple(pages.values()))
        end = parsed.end or (Code.TEXT_LIMIT if run.room_bytes < 0 else None)
        code = verdict.of(finished, end)
        if code is Code.BLANK:
            code = Code.NOTHING_RECOGNISED  # it is not blank: it shows something
        return replace(parsed, pages=finished, code=code, end=end)

    def close(self) -> None:
        """End the engine's process."""
        self._children.close()


class _Run:
    """What is known of one document so far, over all the children that read its pictures."""

    def __init__(self, engine: Engine, children: Launcher, config: Config, stop: threading.Event) -> None:
        self._engine = engine
        self._children = children
        self._limits = config.ocr
        self._stop = stop
        self._languages = engine.languages
        self._lost = 0
        self.room_bytes = config.parsing.max_text_mb << 20

    @property
    def over(self) -> bool:
        """Whether the rest of the document is left as it is."""
        return self._lost >= MAX_LOST_CHILDREN or self.room_bytes < 0

    def page(self, page: PageText, picture: Picture) -> PageText:
        """A page with the text of its picture. One that could not be drawn or read stays one without text."""
        if picture.code in _UNDRAWN:
            return replace(page, code=_UNDRAWN[picture.code])
        if picture.content is None:
            return page
        found = self._read(picture, self._languages)
        if found is not None and found.confidence < _FITS and self._languages != self._engine.languages:
            self._languages = self._engine.languages
            again = self._read(picture, self._languages)
            found = again if again is not None and again.confidence > found.confidence else found
        if found is None:
            return page
        if found.language in self._engine.languages and len(found.text) >= _TELLS_CHARACTERS:
            self._languages = (found.language,)
        text = _joined(found.text, page.text)
        self.room_bytes -= len(text.encode("utf-8")) - len(page.text.encode("utf-8"))
        if self.room_bytes < 0:
            return page
        uncertain = bool(found.text) and found.confidence < self._limits.min_confidence
        return replace(
            page,
            text=text,
            code=Code.RECOGNITION_UNCERTAIN if uncertain else None,
            reader=self._engine.name,
            confidence=round(found.confidence, 1),
            dpi=picture.dpi,
        )

    def _read(self, picture: Picture, languages: tuple[str, ...]) -> Recognised | None:
        """What a child reads in a picture, up to where its time ends. None where it died or lied."""
        assert picture.content is not None
        request = PictureRequest(
            width=picture.width,
            height=picture.height,
            dpi=picture.dpi,
            languages=languages,
            address_space_bytes=ADDRESS_SPACE_BYTES,
            cpu_s=int(self._limits.page_timeout_s) + 1,
        )
        patience = Patience(self._limits.page_timeout_s, self._limits.page_timeout_s)
        child = self._started(picture.content, request)
        found: Recognised | None = None
        attempts = 0
        try:
            for untrusted in frames(child, _FRAME_BYTES, patience, self._stop, lambda: 1.0):
                if isinstance(untrusted, Finished):
                    check(untrusted.code in (None, Code.PAGES_FAILED, Code.PARSER_MEMORY))
                    check(untrusted.code is not None or found is not None)
                    return found
                attempts += 1
                check(isinstance(untrusted, Recognised) and attempts <= _MOST_ATTEMPTS)
                assert isinstance(untrusted, Recognised)
                found = _checked(untrusted)
            raise ChildLost(Code.PARSER_CRASHED)
        except ChildLost as lost:
            self._lost += 1
            return None if lost.code is Code.PARSER_ANSWER_REFUSED else found
        finally:
            child.kill()

    def _started(self, picture: int, request: PictureRequest) -> Child:
        """A child that reads a picture. Raises SandboxError where an engine is there and does not work."""
        try:
            return self._children.start(picture, request)
        except SandboxError:
            raise SandboxError(
                "recognition_start",
                f"Text recognition by {self._engine.name} could not be started.",
                "Install it anew, or set ocr.engine: off; `pipeline doctor` says what is installed.",
            ) from None


# What readers say of a page that cannot be drawn. Where a child was lost over it, the page stays one without text.
_UNDRAWN: dict[Code | None, Code] = {
    Code.READER_LIMIT: Code.READER_LIMIT,
    Code.NO_TEXT_WITHIN_READER_LIMITS: Code.READER_LIMIT,
    Code.PAGES_FAILED: Code.PAGES_FAILED,
    Code.STRUCTURE_DAMAGED: Code.PAGES_FAILED,
}


def _checked(untrusted: Recognised) -> Recognised:
    check(0.0 <= untrusted.confidence <= 100.0)
    check(len(untrusted.text.encode("utf-8")) <= MAX_PAGE_BYTES and not UNCLEAN.search(untrusted.text))
    check(len(untrusted.language) <= 20)
    return untrusted


def _joined(recognised: str, own: str) -> str:
    """The recognised text, and behind it those lines of the page's own that are not in it, such as form values."""
    if len(own) > _OWN_CHARACTERS:
        return f"{recognised}\n\n{own}"
    seen = " ".join(_words(recognised))
    missing = [line for line in own.splitlines() if line.strip() and " ".join(_words(line)) not in seen]
    return "\n\n".join(part for part in (recognised, "\n".join(missing)) if part.strip())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())

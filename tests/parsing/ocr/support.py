"""Pictures whose grey values are scripts, and a recogniser whose children follow them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

import msgspec

from pipeline.config import Config, OcrConfig, ParsingConfig
from pipeline.datatypes import PageText, ParsedDocument, Picture
from pipeline.isolation.scratch import scratch_file
from pipeline.outcomes import Code
from pipeline.parsing import verdict
from pipeline.parsing.ocr.engines import Engine
from pipeline.parsing.protocol import Finished, Recognised
from pipeline.parsing.recognition import Recogniser
from pipeline.parsing.zygote import Launcher, Worker
from tests.parsing.script import Step, says

ENGINE = Engine(name="tesseract", library="/usr/lib/none.so", models="/usr/share/none", languages=("eng", "deu"))
SCRIPTED = Worker("tests.parsing.ocr.scripted_engine", (msgspec.json.encode(ENGINE).decode(),))
FINISHED = says(Finished())
WITHOUT_TEXT = Code.PAGES_WITHOUT_TEXT

Script = Sequence[Step] | Mapping[str, Sequence[Step]]


def found(text: str, confidence: float = 95.0, language: str = "") -> Step:
    """One attempt of an engine."""
    return says(Recognised(text, confidence, language))


def saying(text: str, confidence: float = 95.0, language: str = "") -> list[Step]:
    """The answer of an engine that is sure."""
    return [found(text, confidence, language), FINISHED]


@dataclass
class Album:
    """Pictures by the numbers of pages: a script each, or why there is none. Notes which were drawn, and how."""

    scripts: Mapping[int, Script | Code]
    drawn: list[int] = field(default_factory=list)
    dpi: int = 0

    def pictures(self, document: int, suffix: str, pages: Sequence[int], dpi: int) -> Iterator[Picture]:
        del document, suffix
        self.dpi = dpi
        for number in pages:
            self.drawn.append(number)
            script = self.scripts[number]
            if isinstance(script, Code):
                yield Picture(number, 0, 0, dpi, None, script)
                continue
            content = msgspec.json.encode(script if isinstance(script, Mapping) else {"": script})
            with scratch_file() as scratch:
                os.write(scratch, content)
                os.lseek(scratch, 0, os.SEEK_SET)
                yield Picture(number, len(content), 1, dpi, scratch)


def config(max_text_mb: int = 1, **limits: object) -> Config:
    ocr = msgspec.convert({"page_timeout_s": 20.0, **limits}, OcrConfig)
    return Config(ocr=ocr, parsing=ParsingConfig(max_text_mb=max_text_mb))


def recogniser(
    children: Launcher, album: Album, settings: Config | None = None, stop: Event | None = None
) -> Recogniser:
    return Recogniser(ENGINE, children, album, settings or config(), stop or Event())


def document(*pages: PageText, end: Code | None = None, kind: str = "pdf") -> ParsedDocument:
    """A document as the sandbox gives it."""
    return ParsedDocument(kind, len(pages), pages, verdict.of(pages, end), end=end)


def scans(count: int) -> ParsedDocument:
    """A document of pages without text."""
    return document(*(PageText(number, "", WITHOUT_TEXT, "pypdf") for number in range(1, count + 1)))

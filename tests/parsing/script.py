"""A document that is a script: what the parser child shall do instead of reading. See scripted_worker.py."""

import io
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import msgspec

from pipeline.config import ParsingConfig
from pipeline.datatypes import ParsedDocument
from pipeline.parsing.protocol import LENGTH, Finished, Frame, Opened, Page, write_frame
from pipeline.parsing.sandbox import Sandbox
from pipeline.parsing.zygote import Launcher

LIMITS = ParsingConfig(timeout_s=30.0, page_timeout_s=10.0, memory_mb=1024, max_text_mb=1, max_pages=50)


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sleep, take memory, send bytes, die: in this order.

    Left out when reading resumes behind `page`, and if `once` when a page is retried, with twice the memory of LIMITS.
    """

    page: int = 0
    once: bool = False
    sleep_s: float = 0.0
    allocate_mb: int = 0
    raw: bytes = b""
    probe: bool = False
    die: bool = False


class Probe(msgspec.Struct, frozen=True):
    """What a child found around itself."""

    limits: dict[str, tuple[int, int]]
    descriptors: list[int]
    silent: bool
    environment: dict[str, str]
    folder: str


def says(frame: Frame) -> Step:
    """Send a frame; a page is left out when reading resumes behind it."""
    line = io.BytesIO()
    write_frame(line, frame)
    return Step(page=frame.number if isinstance(frame, Page) else 0, raw=line.getvalue())


def lies(body: bytes) -> Step:
    """Send a frame with this body, whatever it is."""
    return Step(raw=LENGTH.pack(len(body)) + body)


def opened(count: int) -> Step:
    """The beginning of any script."""
    return says(Opened("text", count))


def page(number: int) -> Step:
    """A page that is as it should be."""
    return says(Page(number, f"text of {number}"))


FINISHED = says(Finished())


def play(
    launcher: Launcher, folder: Path, steps: Sequence[Step], limits: ParsingConfig = LIMITS, stop: Event | None = None
) -> ParsedDocument:
    """Parse a file that holds these steps."""
    return parse(launcher, folder, msgspec.json.encode(steps), ".txt", limits, stop)


def parse(
    launcher: Launcher,
    folder: Path,
    content: bytes,
    suffix: str,
    limits: ParsingConfig = LIMITS,
    stop: Event | None = None,
) -> ParsedDocument:
    """Parse a file of this content."""
    file = folder / "document"
    file.write_bytes(content)
    with file.open("rb") as document:
        return Sandbox(launcher, limits, stop or Event()).parse(document.fileno(), suffix)

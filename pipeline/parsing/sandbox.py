"""Has one document parsed by a child process and believes nothing the child says before it is checked.

A child that dies or hangs costs the page at which it did so: reading goes on behind it in a new child. The first
retry of a page gets twice the memory and time; parsing.timeout_s bounds the whole document.
"""

import queue
import re
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from pipeline.config import ParsingConfig
from pipeline.datatypes import PageText, ParsedDocument
from pipeline.errors import Stopped
from pipeline.outcomes import Code
from pipeline.parsing import verdict
from pipeline.parsing.protocol import LENGTH, Finished, Frame, Opened, Page, Request
from pipeline.parsing.zygote import Child, Launcher

FORMATS = frozenset({"pdf", "text", "markdown", "html"})
MAX_LOST_CHILDREN = 6  # after so many deaths within one document the rest is not tried
MAX_PAGE_COUNT = 100_000_000  # no reader counts so far; the store's numbers end at 2**63
_UNCLEAN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what worker.clean() removes: a terminal would obey it
# How a child may say that a document ended; all other codes are decided on this side.
_ENDS = frozenset(
    {
        None, Code.TEXT_LIMIT, Code.PAGE_LIMIT, Code.READER_LIMIT, Code.PAGES_FAILED, Code.STRUCTURE_REPAIRED,
        Code.STRUCTURE_DAMAGED, Code.EMPTY_FILE, Code.PASSWORD_NEEDED, Code.ENCRYPTION_UNKNOWN, Code.FORMAT_NOT_READ,
        Code.BINARY_CONTENT, Code.PARSER_MEMORY,
    }
)  # fmt: skip
# Of parsing.page_timeout_s: a page that computes longer is given up by the child itself. The clock, and another try,
# are for what hangs, and for a machine that is too busy to give a child its share of a processor.
_CPU_SHARE = 0.35
_POLL_S = 0.25  # how soon a request to stop is seen while a child works
_FRAME_OVERHEAD_BYTES = 64 << 10
_decoder = msgspec.json.Decoder(Frame)


class Sandbox:
    """Parses documents one child each. Threads may share it."""

    def __init__(self, launcher: Launcher, limits: ParsingConfig, stop: threading.Event) -> None:
        self._launcher = launcher
        self._limits = limits
        self._stop = stop

    def parse(self, document: int, suffix: str) -> ParsedDocument:
        """Read the open file `document` (a descriptor). Raises Stopped, or SandboxError when no child can start."""
        reading = _Reading(self._limits)
        deadline = time.monotonic() + self._limits.timeout_s
        end: Code | None
        while True:
            child = self._launcher.start(document, reading.request(suffix))
            try:
                end = reading.follow(_frames(child, reading, deadline, self._stop))
                break
            except _ChildLost as lost:
                if not reading.survives(lost.code, time.monotonic() >= deadline):
                    end = lost.code
                    break
            finally:
                child.kill()
        return ParsedDocument(
            format=reading.format,
            page_count=max(reading.page_count, len(reading.pages)),
            pages=tuple(reading.pages),
            code=verdict.of(reading.pages, end),
        )


class _ChildLost(Exception):  # noqa: N818 - what happened, decided upon in parse()
    """The child died, hung or broke its bounds; `code` says which."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


class _Reading:
    """What is known of one document so far, over all the children that read it."""

    def __init__(self, limits: ParsingConfig) -> None:
        self.limits = limits
        self.format = ""
        self.page_count = 0
        self.pages: list[PageText] = []
        self.effort = 1  # doubled for the one retry of a page
        self._lost = 0
        self._text_bytes = 0

    @property
    def max_text_bytes(self) -> int:
        return self.limits.max_text_mb << 20

    def request(self, suffix: str) -> Request:
        return Request(
            suffix=suffix,
            first_page=len(self.pages) + 1,
            max_pages=self.limits.max_pages,
            max_text_bytes=max(1, self.max_text_bytes - self._text_bytes),
            address_space_bytes=self.effort * (self.limits.memory_mb << 20),
            cpu_s=int(self.effort * self.limits.timeout_s) + 1,
            page_cpu_s=self.effort * self.limits.page_timeout_s * _CPU_SHARE,
        )

    def follow(self, untrusted_frames: Iterator[Frame]) -> Code | None:
        """Take over the frames of one child up to its last, and return why it ended early, if it did."""
        opened = False
        for untrusted in untrusted_frames:
            if isinstance(untrusted, Opened):
                self._check(not opened and untrusted.format in FORMATS and 0 <= untrusted.page_count <= MAX_PAGE_COUNT)
                self._check(not self.pages or untrusted.page_count == self.page_count)
                opened, self.format, self.page_count = True, untrusted.format, untrusted.page_count
            elif isinstance(untrusted, Page):
                self._check(opened and untrusted.number == len(self.pages) + 1 <= self.limits.max_pages)
                self._check(untrusted.number <= self.page_count and not _UNCLEAN.search(untrusted.text))
                self._text_bytes += len(untrusted.text.encode("utf-8"))
                self._check(self._text_bytes <= self.max_text_bytes)
                self.pages.append(PageText(untrusted.number, untrusted.text, untrusted.code))
                self.effort = 1
            else:
                self._check(untrusted.code in _ENDS)
                if untrusted.code is Code.PARSER_MEMORY:
                    raise _ChildLost(Code.PARSER_MEMORY)
                self._check(untrusted.code is not None or (opened and len(self.pages) == self.page_count))
                return untrusted.code
        raise _ChildLost(Code.PARSER_CRASHED)

    def survives(self, code: Code, out_of_time: bool) -> bool:
        """Whether reading goes on after a child was lost; if so, it is at a page that can be retried or skipped."""
        self._lost += 1
        if out_of_time or code is Code.PARSER_ANSWER_REFUSED or self._lost >= MAX_LOST_CHILDREN:
            return False
        if self.effort == 1:
            self.effort = 2
            return True
        if len(self.pages) >= self.page_count:
            return False
        self.pages.append(PageText(len(self.pages) + 1, "", Code.PAGES_FAILED))
        self.effort = 1
        return len(self.pages) < self.page_count

    @staticmethod
    def _check(holds: bool) -> None:
        if not holds:
            raise _ChildLost(Code.PARSER_ANSWER_REFUSED)


def _frames(child: Child, reading: _Reading, deadline: float, stop: threading.Event) -> Iterator[Frame]:
    """Decode the child's frames as they arrive; each page must arrive in time, and all of them before the deadline."""
    bodies: queue.Queue[bytes | None] = queue.Queue(maxsize=16)
    most = 2 * reading.max_text_bytes + _FRAME_OVERHEAD_BYTES
    pump = threading.Thread(target=_pump, args=(child.answer, bodies, most), daemon=True)
    pump.start()
    try:
        while (body := _next_body(bodies, reading, deadline, stop)) is not None:
            try:
                frame = _decoder.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise _ChildLost(Code.PARSER_ANSWER_REFUSED) from None
            yield frame
            if isinstance(frame, Finished):
                return
    finally:
        child.kill()
        while pump.is_alive():  # it may wait for room in the queue
            with_room = bodies.qsize() > 0
            if with_room:
                bodies.get()
            pump.join(0 if with_room else 0.01)


def _next_body(
    bodies: "queue.Queue[bytes | None]", reading: _Reading, deadline: float, stop: threading.Event
) -> bytes | None:
    page_deadline = time.monotonic() + reading.effort * reading.limits.page_timeout_s
    while True:
        if stop.is_set():
            raise Stopped
        try:
            return bodies.get(timeout=_POLL_S)
        except queue.Empty:
            now = time.monotonic()
            if now >= deadline:
                raise _ChildLost(Code.TIME_LIMIT) from None
            if now >= page_deadline:
                raise _ChildLost(Code.PARSER_TIME) from None


def _pump(answer: BinaryIO, bodies: "queue.Queue[bytes | None]", max_bytes: int) -> None:
    """Move length-prefixed bodies from the pipe to the queue; None marks the end, however it came."""
    try:
        with answer:
            while len(head := answer.read(LENGTH.size)) == LENGTH.size:
                (length,) = LENGTH.unpack(head)
                if length > max_bytes:
                    bodies.put(b"")  # no valid frame: the coordinator refuses it
                    break
                body = answer.read(length)
                if len(body) < length:
                    break
                bodies.put(body)
    except OSError:
        pass
    bodies.put(None)

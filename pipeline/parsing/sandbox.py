"""Has one document parsed by a child process and believes nothing the child says before it is checked.

A child that dies or hangs costs the page at which it did so: reading goes on behind it in a new child. The first
retry of a page gets twice the memory and time; parsing.timeout_s bounds the whole document.
"""

import re
import threading
from collections.abc import Iterator, Sequence

from pipeline.config import ParsingConfig
from pipeline.datatypes import PageText, ParsedDocument
from pipeline.outcomes import Code
from pipeline.parsing import dates, paged, verdict
from pipeline.parsing.answers import ChildLost, Patience, check, frames
from pipeline.parsing.formats import FORMATS, misnamed
from pipeline.parsing.protocol import Finished, Frame, Opened, Page, Request
from pipeline.parsing.zygote import Launcher

MAX_LOST_CHILDREN = 6  # after so many deaths within one document the rest is not tried
MAX_PAGE_COUNT = 100_000_000  # no reader counts so far; the store's numbers end at 2**63
UNCLEAN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what cleaning.clean() removes: a terminal would obey it
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
CPU_SHARE = 0.35
_FRAME_OVERHEAD_BYTES = 64 << 10
_READER = re.compile(r"[a-z0-9-]{0,20}")


class Sandbox:
    """Parses documents one child each. Threads may share it."""

    def __init__(
        self, launcher: Launcher, limits: ParsingConfig, stop: threading.Event, passwords: Sequence[str] = ()
    ) -> None:
        self._launcher = launcher
        self._limits = limits
        self._stop = stop
        self._passwords = tuple(passwords)

    def parse(self, document: int, suffix: str) -> ParsedDocument:
        """Read the open file `document` (a descriptor). Raises Stopped, or SandboxError when no child can start."""
        reading = _Reading(self._limits, self._passwords)
        patience = Patience(self._limits.timeout_s, self._limits.page_timeout_s)
        most = 2 * reading.max_text_bytes + _FRAME_OVERHEAD_BYTES
        end: Code | None
        while True:
            child = self._launcher.start(document, reading.request(suffix))
            try:
                end = reading.follow(frames(child, most, patience, self._stop, lambda: reading.effort))
                break
            except ChildLost as lost:
                if not reading.survives(lost.code, patience.over):
                    end = lost.code
                    break
            finally:
                child.kill()
        return ParsedDocument(
            format=reading.format,
            page_count=max(reading.page_count, len(reading.pages)),
            pages=paged.finished(reading.format, reading.pages),
            code=verdict.of(reading.pages, end),
            member_count=reading.member_count,
            misnamed=misnamed(reading.format, suffix),
            end=end,
            dated=reading.dated,
        )


class _Reading:
    """What is known of one document so far, over all the children that read it."""

    def __init__(self, limits: ParsingConfig, passwords: tuple[str, ...]) -> None:
        self.limits = limits
        self.passwords = passwords
        self.format = ""
        self.page_count = self.member_count = 0
        self.dated: str | None = None
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
            passwords=self.passwords,
            max_pages=self.limits.max_pages,
            max_text_bytes=max(1, self.max_text_bytes - self._text_bytes),
            address_space_bytes=self.effort * (self.limits.memory_mb << 20),
            cpu_s=int(self.effort * self.limits.timeout_s) + 1,
            page_cpu_s=self.effort * self.limits.page_timeout_s * CPU_SHARE,
            retry=self.effort > 1,
        )

    def follow(self, untrusted_frames: Iterator[Frame]) -> Code | None:
        """Take over the frames of one child up to its last, and return why it ended early, if it did."""
        opened = False
        for untrusted in untrusted_frames:
            if isinstance(untrusted, Opened):
                check(not opened and untrusted.format in FORMATS and 0 <= untrusted.page_count <= MAX_PAGE_COUNT)
                check(not self.pages or untrusted.page_count == self.page_count)
                check(0 <= untrusted.member_count <= MAX_PAGE_COUNT)
                opened, self.format, self.page_count = True, untrusted.format, untrusted.page_count
                self.member_count = untrusted.member_count
                self.dated = dates.checked(untrusted.dated)  # what is no day is left out: it costs no page
            elif isinstance(untrusted, Page):
                check(opened and untrusted.number == len(self.pages) + 1 <= self.limits.max_pages)
                check(untrusted.number <= self.page_count and not UNCLEAN.search(untrusted.text))
                self._text_bytes += len(untrusted.text.encode("utf-8"))
                check(self._text_bytes <= self.max_text_bytes)
                check(_READER.fullmatch(untrusted.reader) is not None)
                self.pages.append(PageText(untrusted.number, untrusted.text, untrusted.code, untrusted.reader))
                self.effort = 1
            else:
                if not isinstance(untrusted, Finished):
                    raise ChildLost(Code.PARSER_ANSWER_REFUSED)
                check(untrusted.code in _ENDS)
                if untrusted.code is Code.PARSER_MEMORY:
                    raise ChildLost(Code.PARSER_MEMORY)
                check(untrusted.code is not None or (opened and len(self.pages) == self.page_count))
                return untrusted.code
        raise ChildLost(Code.PARSER_CRASHED)

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

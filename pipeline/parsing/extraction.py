"""Takes members and pictures out of documents, through the parser child; one at a time lies in memory.

As sandbox.py does for text: a child that dies costs the member or page at which it did, and is believed nothing.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.config import ParsingConfig
from pipeline.datatypes import Extracted, Picture
from pipeline.isolation.scratch import scratch_file
from pipeline.outcomes import Code
from pipeline.parsing.answers import ChildLost, Patience, check, frames
from pipeline.parsing.protocol import PIECE_BYTES, Bitmap, Finished, Frame, Member, Piece, Request, Task
from pipeline.parsing.sandbox import CPU_SHARE, MAX_LOST_CHILDREN, UNCLEAN
from pipeline.parsing.zygote import Launcher

MAX_NAME_CHARACTERS = 255
MAX_PIXELS = 300_000_000  # of one picture: A0 at 400 dpi has 250 million
_MOST_BYTES = 2 * PIECE_BYTES  # of one frame: a piece, as base64, and its name
# Why a member or a page may not be had; all other codes are decided on this side.
_REASONS = frozenset(
    {
        Code.PASSWORD_NEEDED, Code.ENCRYPTION_UNKNOWN, Code.STRUCTURE_DAMAGED, Code.FORMAT_NOT_READ, Code.MEMBER_LIMIT,
        Code.NO_TEXT_WITHIN_READER_LIMITS, Code.READER_LIMIT, Code.PAGES_FAILED, Code.BINARY_CONTENT,
        Code.SYMBOLIC_LINK, Code.SPECIAL_FILE,
    }
)  # fmt: skip
_LOST = "?"  # the name of a member whose name did not arrive


@dataclass(slots=True)
class Allowance:
    """What may still be taken out of one file, its members' members included."""

    members: int
    unpacked_bytes: int


class Extraction:
    """Takes documents apart, one child each. Threads may share it."""

    def __init__(
        self, launcher: Launcher, limits: ParsingConfig, stop: threading.Event, passwords: Sequence[str] = ()
    ) -> None:
        self._launcher = launcher
        self._limits = limits
        self._stop = stop
        self._passwords = tuple(passwords)

    def members(self, document: int, suffix: str, count: int, allowance: Allowance) -> Iterator[Extracted]:
        """The `count` members of the open file `document`, in order; each one's content is open until the next.

        Of the allowance is taken what was used; where it ends, the last one says so. Raises Stopped, SandboxError.
        """
        patience = Patience(self._limits.timeout_s, self._limits.page_timeout_s)
        number, lost_children = 1, 0
        while number <= count:
            if allowance.members < 1 or allowance.unpacked_bytes < 1:
                yield Extracted(number, _LOST, None, 0, Code.MEMBER_LIMIT)
                return
            request = self._request(suffix, Task.MEMBERS, number, allowance)
            child = self._launcher.start(document, request)
            answer = frames(child, _MOST_BYTES, patience, self._stop, lambda: 1.0)
            name = _LOST
            try:
                for untrusted in answer:
                    if isinstance(untrusted, Finished) and untrusted.code in _REASONS:
                        yield Extracted(number, name, None, 0, untrusted.code)
                        return
                    member = _checked_member(untrusted, number)
                    name = member.name
                    allowance.members -= 1
                    if member.code is not None:
                        yield Extracted(number, name, None, 0, member.code)
                    else:
                        with scratch_file() as content:
                            size = collect(answer, content, allowance.unpacked_bytes)
                            allowance.unpacked_bytes -= size
                            yield Extracted(number, name, content, size)
                    number, name = number + 1, _LOST
                    if number > count:
                        return  # what a child says beyond is not heard
                raise ChildLost(Code.PARSER_CRASHED)
            except ChildLost as lost:
                lost_children += 1
                yield Extracted(number, name, None, 0, lost.code)
                if patience.over or lost_children >= MAX_LOST_CHILDREN or lost.code is Code.PARSER_ANSWER_REFUSED:
                    return
                number += 1
            finally:
                child.kill()

    def pictures(
        self, document: int, suffix: str, pages: Sequence[int], dpi: int, colour: bool = False
    ) -> Iterator[Picture]:
        """Pictures of these pages of the open file `document`, in order; each one's content is open until the next.

        One byte a pixel, or in colour three: red, green, blue. Raises Stopped, SandboxError.
        """
        task, pixel_bytes = (Task.COLOUR, 3) if colour else (Task.RENDER, 1)
        patience = Patience(len(pages) * self._limits.page_timeout_s, self._limits.page_timeout_s)
        left, lost_children = list(pages), 0
        while left:
            request = self._request(suffix, task, 1, Allowance(0, 0), tuple(left[:_PAGES_AT_ONCE]), dpi)
            child = self._launcher.start(document, request)
            answer = frames(child, _MOST_BYTES, patience, self._stop, lambda: 1.0)
            try:
                for number in request.pages:
                    untrusted = next(answer, None)
                    if not isinstance(untrusted, Bitmap):
                        raise ChildLost(_end(untrusted))
                    picture = _checked_bitmap(untrusted, number)
                    if picture.code is not None:
                        left.pop(0)
                        yield picture
                        continue
                    with scratch_file() as content:
                        most = pixel_bytes * picture.width * picture.height
                        check(collect(answer, content, most) == most)
                        left.pop(0)
                        yield Picture(number, picture.width, picture.height, picture.dpi, content)
            except ChildLost as lost:
                lost_children += 1
                yield Picture(left.pop(0), 0, 0, dpi, None, lost.code)
                if patience.over or lost_children >= MAX_LOST_CHILDREN or lost.code is Code.PARSER_ANSWER_REFUSED:
                    return
            finally:
                child.kill()

    def _request(
        self, suffix: str, task: Task, first: int, allowance: Allowance, pages: tuple[int, ...] = (), dpi: int = 300
    ) -> Request:
        return Request(
            task=task,
            suffix=suffix,
            first_page=first,
            pages=pages,
            dpi=dpi,
            passwords=self._passwords,
            max_pages=self._limits.max_pages,
            max_text_bytes=self._limits.max_text_mb << 20,
            max_members=first - 1 + allowance.members,
            max_member_bytes=allowance.unpacked_bytes,
            address_space_bytes=2 * (self._limits.memory_mb << 20),
            cpu_s=int(self._limits.timeout_s) + 1,
            page_cpu_s=self._limits.page_timeout_s * CPU_SHARE,
        )


_PAGES_AT_ONCE = 1000  # named in one request


def _checked_member(untrusted: Frame, number: int) -> Member:
    if not isinstance(untrusted, Member):
        raise ChildLost(Code.PARSER_ANSWER_REFUSED)
    check(untrusted.number == number and (untrusted.code is None or untrusted.code in _REASONS))
    check(len(untrusted.name) <= MAX_NAME_CHARACTERS and not UNCLEAN.search(untrusted.name))
    return untrusted


def _checked_bitmap(untrusted: Bitmap, number: int) -> Picture:
    check(untrusted.number == number and 0 < untrusted.dpi <= 10_000)
    if untrusted.code is not None:
        check(untrusted.code in _REASONS)
        return Picture(number, 0, 0, untrusted.dpi, None, untrusted.code)
    check(untrusted.width > 0 and untrusted.height > 0 and untrusted.width * untrusted.height <= MAX_PIXELS)
    return Picture(number, untrusted.width, untrusted.height, untrusted.dpi, None)


def collect(answer: Iterator[Frame], content: int, max_bytes: int) -> int:
    """Write the pieces that follow to an open file; returns how many bytes they had."""
    size = 0
    with open(content, "wb", closefd=False) as file:  # buffered, since one write(2) may take only a part
        for untrusted in answer:
            if not isinstance(untrusted, Piece):
                raise ChildLost(_end(untrusted))
            size += len(untrusted.content)
            check(len(untrusted.content) <= PIECE_BYTES and size <= max_bytes)
            file.write(untrusted.content)
            if untrusted.last:
                file.seek(0)
                return size
    raise ChildLost(Code.PARSER_CRASHED)


def _end(untrusted: Frame | None) -> Code:
    """Why nothing more comes where something had to: the child's reason, if it is one that it may have."""
    if untrusted is None:
        return Code.PARSER_CRASHED
    if isinstance(untrusted, Finished) and untrusted.code in _REASONS | {Code.PARSER_MEMORY}:
        return untrusted.code
    return Code.PARSER_ANSWER_REFUSED

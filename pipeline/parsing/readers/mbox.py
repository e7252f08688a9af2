"""Mailboxes (mbox): a page with a line for each mail, and each mail as a document. The file is read as a stream."""

import io
import itertools
import re
from array import array
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.handover import begin, hand_out
from pipeline.parsing.mail_signs import begins_mailbox
from pipeline.parsing.protocol import PIECE_BYTES, Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.mail_headers import Header, header_of
from pipeline.parsing.readers.names import display_name
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Blocks, blocks_of

MAX_MAILS = 1_000_000  # their places take eight bytes each
_MARK = b"\nFrom "
_LINE_BYTES = 2000  # of a line that may stand between mails, and of the next
_HEADER_BYTES, _LONG_HEADER_BYTES = 8 << 10, 64 << 10  # of each mail, to find its date, sender and subject
_SUBJECT_CHARACTERS = 100
_DIGITS = 4  # of a mail's number in its name, at least: so that names sort as the mails lie
_SLASHES = str.maketrans("/\\", "--")  # in a subject they part no folders
# What follows the line between mails; some programs have a second one, quoted.
_FIELD = re.compile(rb"[!-9;-~]{1,80}[ \t]*:|>From ")
_BLANK = re.compile(rb"\n\r?\n")
_QUOTED = re.compile(rb"^>(?=>*From )", re.M)  # a line that begins so was given a `>`, lest it end the mail


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: date, sender and subject of each mail, a line each, separated by tabs."""
    places: array[int] = array("Q")
    lines: list[str] = []
    code = None
    try:
        with at_most(request.page_cpu_s):
            places.extend(_places(file))
            lines.extend(_listed(file, start, end) for start, end in itertools.pairwise(places))
    except Exhausted:
        code = Code.READER_LIMIT
    if not places:
        raise ReadingEnded(Code.READER_LIMIT)
    yield Opened("mbox", 1, len(places) - 1)
    if request.first_page == 1:
        yield Page(1, "\n".join(lines), code or (Code.READER_LIMIT if len(places) > MAX_MAILS else None))


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """Each mail, named by its number and subject."""
    places = array("Q", _places(file))
    digits = max(_DIGITS, len(str(len(places))))
    taken = 0
    for number in range(request.first_page, len(places)):
        start, end = places[number - 1], places[number]
        subject = _header(file, start, end).text("subject").translate(_SLASHES)[:_SUBJECT_CHARACTERS]
        name = display_name(f"{number:0{digits}} {subject}".rstrip()) + ".eml"
        try:
            if end - start > request.max_member_bytes - taken:
                raise ReadingEnded(Code.MEMBER_LIMIT)
            begun = begin(_content(file, start, end), end - start, request.page_cpu_s)
        except ReadingEnded as limit:
            yield Member(number, name, limit.code)
        else:
            taken += yield from hand_out(number, name, begun)


def _listed(file: BinaryIO, start: int, end: int) -> str:
    header = _header(file, start, end)
    values = [header.text(name) for name in ("date", "from", "subject")]
    if any(values):
        return "\t".join(values)
    file.seek(start)  # the line between mails has a sender and a date, too
    return file.readline(min(_LINE_BYTES, end - start)).decode("utf-8", "replace").strip()


def _header(file: BinaryIO, start: int, end: int) -> Header:
    for length in (_HEADER_BYTES, _LONG_HEADER_BYTES):
        file.seek(start)
        beginning = file.read(min(length, end - start))
        header, _, _ = header_of(beginning, 0, len(beginning))
        if _BLANK.search(beginning):
            break
    return header


def _places(file: BinaryIO) -> Iterator[int]:
    """Where each mail begins, one more than MAX_MAILS at most; then where the last one ends."""
    mails = 0
    for place in itertools.islice(_between_mails(file), MAX_MAILS):
        if not mails and not _is_blank(file, place):  # what stands before the first such line is a mail too
            yield 0
        mails += 1
        yield place
    length = file.seek(0, io.SEEK_END)
    if not mails and length:
        yield 0
    yield length


def _between_mails(file: BinaryIO) -> Iterator[int]:
    """Where the lines stand that part mails."""
    before, position = b"\n", 0
    for block in blocks_of(file):
        window = before + block
        at = window.find(_MARK)
        while at >= 0:
            place = position - len(before) + at + 1
            if _parts_mails(file, place):
                yield place
            at = window.find(_MARK, at + 1)
        before = window[1 - len(_MARK) :]
        position += len(block)


def _parts_mails(file: BinaryIO, place: int) -> bool:
    """Whether the line at `place` is no line of a text: a field of a mail follows, or it stands between empty ones."""
    file.seek(max(0, place - 3))
    before = file.read(min(3, place))
    line, following = file.readline(_LINE_BYTES), file.readline(_LINE_BYTES)
    if not begins_mailbox(line):
        return False
    was_blank = not before.strip() or before.endswith((b"\n\n", b"\n\r\n"))
    return _FIELD.match(following) is not None or (was_blank and not following.strip())


def _is_blank(file: BinaryIO, place: int) -> bool:
    return all(not block.strip() for block in blocks_of(file, 0, place))


def _content(file: BinaryIO, start: int, end: int) -> Blocks:
    """One mail as it was before it came into the mailbox."""
    file.seek(start)
    first = file.readline(min(_LINE_BYTES, end - start))
    if begins_mailbox(first):
        start += len(first)
    while start < end:
        file.seek(start)
        block = file.read(min(PIECE_BYTES, end - start))
        if start + len(block) < end:
            block = block[: block.rfind(b"\n") + 1] or block
        if not block:
            return
        start += len(block)
        yield _QUOTED.sub(b"", block)

"""Rich Text Format: text with notes, headers and boxes, pages by its page breaks; embedded documents as members."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import dates
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import rtf_objects
from pipeline.parsing.readers.inner_html import page_text
from pipeline.parsing.readers.office_text import Draft, numbered
from pipeline.parsing.readers.rtf_text import RtfText
from pipeline.parsing.readers.rtf_tokens import tokens
from pipeline.parsing.readers.word_pages import drafts
from pipeline.parsing.reading import ReadingEnded, in_pieces

_HEAD_BYTES = 1 << 20  # fonts and styles stand before what a text says of itself
_TIMES = re.compile(rb"\\(revtim|creatim)\s?\\yr(\d{4})\s?\\mo(\d{1,2})\s?\\dy(\d{1,2})")


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The pages; of a mail whose HTML was put into RTF, what the HTML shows."""
    data = file.read()
    pages, code = pages_of(data, request)
    yield Opened("rtf", len(pages), len(rtf_objects.found(data)), _saved(data))
    yield from numbered(pages, request.first_page)
    if code is not None:
        raise ReadingEnded(code)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents that are embedded in it."""
    data = file.read()
    for number, at in enumerate(rtf_objects.found(data), 1):
        if number >= request.first_page:
            inner = rtf_objects.taken_out(data, at, number)
            yield Member(number, inner.name, inner.code)
            if inner.code is None:
                yield from in_pieces(inner.content)


def _saved(data: bytes) -> str:
    """The day on which it was last saved, else made."""
    told = {found[1]: b"-".join(found.groups()[1:]).decode() for found in _TIMES.finditer(data[:_HEAD_BYTES])}
    return dates.dated(told.get(b"revtim"), told.get(b"creatim"))


def pages_of(data: bytes, request: Request) -> tuple[list[Draft], Code | None]:
    """The pages of an RTF text, and why there may be more than that."""
    text = RtfText()
    code = None
    try:
        with at_most(request.page_cpu_s):
            text.follow(tokens(data))
    except Exhausted:
        code = Code.READER_LIMIT
    if not text.is_html:
        return drafts(text.parts), code
    shown, unread = page_text(text.html.encode("utf-8", "replace"), request)
    return [Draft(shown, has_pictures=False)], code or unread

"""Files that were signed as a whole (PKCS #7, `.p7m`): the file within, as a document. Checks no signature."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.handover import begin, hand_out
from pipeline.parsing.protocol import NO_NAME, Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import cms
from pipeline.parsing.readers.mail_headers import decoded_base64
from pipeline.parsing.reading import ReadingEnded

_ARMOUR = re.compile(rb"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_BLOCK_BYTES = 1 << 20


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page, which says no more than that there is a file within."""
    _content(file)
    yield Opened("p7m", 1, 1)
    if request.first_page == 1:
        yield Page(1, NO_NAME)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The file within."""
    content = _content(file)
    if request.first_page > 1:
        return
    blocks = (content[start : start + _BLOCK_BYTES] for start in range(0, len(content), _BLOCK_BYTES))
    try:
        begun = begin(blocks, request.max_member_bytes, request.page_cpu_s)
    except ReadingEnded as end:
        yield Member(1, NO_NAME, end.code)
    else:
        yield from hand_out(1, NO_NAME, begun)


def _content(file: BinaryIO) -> bytes:
    """What was signed. Raises ReadingEnded where that is not to be had."""
    source = file.read()
    kind = cms.kind_of(source[:100])
    if kind is None:  # it may have been made fit for the mail
        source = decoded_base64(_ARMOUR.sub(b"", source))
        kind = cms.kind_of(source[:100])
    if kind is cms.Kind.ENCRYPTED:
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
    content = cms.signed_content(source) if kind is cms.Kind.SIGNED else None
    if content is None:  # a signature alone, a certificate
        raise ReadingEnded(Code.FORMAT_NOT_READ if kind is not None else Code.STRUCTURE_DAMAGED)
    return content

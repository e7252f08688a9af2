"""A single file that was packed with gzip, bzip2 or xz: a page with its name, and the file as a document."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.handover import begin, hand_out
from pipeline.parsing.protocol import NO_NAME, Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.names import decoded_name, display_name
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import GZIP, compression_of, unpacked_file

_HEAD_BYTES = 1024  # with a name of any length that file systems allow
_HAS_EXTRA, _HAS_NAME = 4, 8  # flags of gzip's header (RFC 1952)
_FIXED_BYTES = 10


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: the name of the file within, where it is kept."""
    name = _name(file)
    yield Opened("compressed", 1, 1)
    if request.first_page == 1:
        yield Page(1, name)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The file within."""
    if request.first_page > 1:
        return
    name = _name(file)
    compression = compression_of(_head(file))
    if compression is None:
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    try:
        begun = begin(unpacked_file(file, compression), request.max_member_bytes, request.page_cpu_s)
    except ReadingEnded as end:
        yield Member(1, name, end.code)
    else:
        yield from hand_out(1, name, begun)


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_HEAD_BYTES)


def _name(file: BinaryIO) -> str:
    """The name in gzip's header, which is of the file that was packed."""
    head = _head(file)
    if compression_of(head) is not GZIP or len(head) < _FIXED_BYTES or not head[3] & _HAS_NAME:
        return NO_NAME
    at = _FIXED_BYTES
    if head[3] & _HAS_EXTRA:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    name, end, _ = head[at:].partition(b"\x00")
    return display_name(decoded_name(name, "latin-1")) if name and end else NO_NAME

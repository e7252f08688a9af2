"""What every reader agrees on: the types of its functions, the ways to end early, how bytes are handed out.

A new format is one module in readers/ with a `read` of type Reader, and an entry in formats.py. A reader of documents
that hold others has `members` too, one that can draw its pages `render`; both are of type Extractor.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.protocol import PIECE_BYTES, Bitmap, Member, Opened, Page, Piece, Request

# Yields Opened once, then its pages in order from request.first_page on. May raise anything: each exception is
# caught in worker.py, and ReadingEnded says which outcome it is.
Reader = Callable[[BinaryIO, Request], Iterator[Opened | Page]]
# Yields each member from request.first_page on, or each of request.pages, followed by its pieces (see in_pieces).
Extractor = Callable[[BinaryIO, Request], Iterator[Member | Bitmap | Piece]]


class ReadingEnded(Exception):  # noqa: N818 - an outcome, not a fault of the program
    """The document ends here, for the reason in `code`; pages yielded before are kept."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def in_pieces(source: bytes | BinaryIO) -> Iterator[Piece]:
    """The content behind a Member or Bitmap, from bytes or from an open file that is read to its end."""
    if isinstance(source, bytes):
        view = memoryview(source)
        for start in range(0, max(1, len(view)), PIECE_BYTES):
            yield Piece(bytes(view[start : start + PIECE_BYTES]), start + PIECE_BYTES >= len(view))
        return
    block = source.read(PIECE_BYTES)
    while True:
        following = source.read(PIECE_BYTES)
        yield Piece(block, not following)
        if not following:
            return
        block = following

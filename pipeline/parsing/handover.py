"""Hands out the documents in a document: sound ones piece by piece, of others only the reason. Unpacks nothing."""

import itertools
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import PIECE_BYTES, Member, Piece
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Blocks

# What is unpacked before a member is announced: most of those that are broken are known by then. One that turns out
# to be broken later costs the child, of which a document has six (sandbox.MAX_LOST_CHILDREN).
_AHEAD_BYTES = 8 << 20
_AHEAD_SHARE = 0.25  # of the processor time for one step: so long, at most


@dataclass(frozen=True, slots=True)
class Begun:
    """The first blocks of a member, known to be sound, and those that follow."""

    ahead: tuple[bytes, ...]
    rest: Blocks


def begin(blocks: Blocks, most_bytes: int, cpu_s: float) -> Begun:
    """Look ahead into a member's content, so that it need not be announced if it is broken.

    Raises ReadingEnded, also with MEMBER_LIMIT above `most_bytes` and READER_LIMIT after `cpu_s` of processor time.
    """
    ahead: list[bytes] = []
    size = 0
    until = time.process_time() + _AHEAD_SHARE * cpu_s
    try:
        with at_most(cpu_s):
            for block in blocks:
                ahead.append(block)
                size += len(block)
                if size > most_bytes:
                    raise ReadingEnded(Code.MEMBER_LIMIT)
                if size >= _AHEAD_BYTES or time.process_time() > until:
                    break
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    return Begun(tuple(ahead), _timed(blocks, cpu_s))


def hand_out(number: int, name: str, begun: Begun) -> Generator[Member | Piece, None, int]:
    """A member and its pieces; returns how many bytes it had. Raises ReadingEnded where it turns out to be broken."""
    yield Member(number, name)
    size = 0
    for piece in pieces(itertools.chain(begun.ahead, begun.rest)):
        size += len(piece.content)
        yield piece
    return size


def pieces(blocks: Blocks) -> Iterator[Piece]:
    """Blocks as a member's pieces, each as large as may be, the last one marked."""
    held: list[bytes] = []
    size = 0
    for block in blocks:
        if size + len(block) > PIECE_BYTES:
            yield Piece(b"".join(held), last=False)
            held, size = [], 0
        held.append(block)
        size += len(block)
    yield Piece(b"".join(held), last=True)


def _timed(blocks: Blocks, cpu_s: float) -> Blocks:
    """The same blocks, each within so much processor time. The clock never runs while a frame is written."""
    while True:
        try:
            with at_most(cpu_s):
                block = next(blocks, None)
        except Exhausted:
            raise ReadingEnded(Code.READER_LIMIT) from None
        if block is None:
            return
        yield block

"""Puts single lines into blocks and blocks into the order in which they are read, for engines that do not. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.parsing.ocr.lines import Box, Line

_CLOSE = 0.9  # heights of a line that may lie between two of one block
_ABOVE = 0.5  # of the narrower of two lines lies above the other, in one block
_PARAGRAPH = 0.6  # heights of a line that lie between two paragraphs


def in_reading_order(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines block by block, numbered, with the beginnings of paragraphs."""
    blocks: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box.top):
        block = next((one for one in blocks if _continues(one[-1].box, line.box)), None)
        if block is None:
            blocks.append([line])
        else:
            block.append(line)
    for number, block in enumerate(_ordered(blocks)):
        above: Box | None = None
        for line in block:
            begins = above is None or line.box.top - above.bottom > _PARAGRAPH * (line.box.bottom - line.box.top)
            yield replace(line, block=number, begins_paragraph=begins)
            above = line.box


def _continues(above: Box, below: Box) -> bool:
    narrower = max(1, min(above.right - above.left, below.right - below.left))
    shared = (min(above.right, below.right) - max(above.left, below.left)) / narrower
    gap = below.top - above.bottom
    height = min(above.bottom - above.top, below.bottom - below.top)
    return shared >= _ABOVE and -_ABOVE * height <= gap <= _CLOSE * height


def _ordered(blocks: list[list[Line]]) -> Iterator[list[Line]]:
    """Each block behind those that stand above it, and behind those that stand left of it."""
    waiting = sorted(blocks, key=lambda block: (block[0].box.left, block[0].box.top))
    while waiting:
        first = next((one for one in waiting if not any(_is_above(other, one) for other in waiting)), waiting[0])
        waiting.remove(first)
        yield first


def _is_above(one: Sequence[Line], other: Sequence[Line]) -> bool:
    left, right = max(_left(one), _left(other)), min(_right(one), _right(other))
    return one is not other and left < right and one[-1].box.bottom <= other[0].box.top


def _left(block: Sequence[Line]) -> int:
    return min(line.box.left for line in block)


def _right(block: Sequence[Line]) -> int:
    return max(line.box.right for line in block)

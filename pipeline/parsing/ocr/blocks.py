"""Puts single lines into blocks and blocks into the order in which they are read, for engines that do not. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.parsing.ocr.lines import Box, Line
from pipeline.parsing.ocr.rows import has_columns

_CLOSE = 0.9  # heights of a line that may lie between two of one block
_ABOVE = 0.5  # of the narrower of two lines lies above the other, in one block
_PARAGRAPH = 0.35  # heights of a line that lie between two paragraphs


def in_reading_order(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines with the numbers of their blocks and the beginnings of paragraphs.

    Where there are no columns of prose each line is a block of its own, so that those of one row are put together.
    """
    lines = sorted(lines, key=lambda line: line.box.top)
    blocks = _blocks(lines)
    if has_columns(blocks):
        for number, block in enumerate(_ordered(blocks)):
            yield from (replace(line, block=number) for line in _with_paragraphs(block))
    else:
        yield from (replace(line, block=number) for number, line in enumerate(_with_paragraphs(lines)))


def _with_paragraphs(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines in their order; one that stands off all those above begins a paragraph."""
    lowest: float = -math.inf
    for line in lines:
        yield replace(line, begins_paragraph=line.box.top - lowest > _PARAGRAPH * (line.box.bottom - line.box.top))
        lowest = max(lowest, line.box.bottom)


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand close below each other."""
    blocks: list[list[Line]] = []
    for line in lines:
        block = next((one for one in blocks if _continues(one[-1].box, line.box)), None)
        if block is None:
            blocks.append([line])
        else:
            block.append(line)
    return blocks


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

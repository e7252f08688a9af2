"""Puts single lines into blocks and blocks into the order in which they are read, for engines that do not. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

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
    """Lines, by their upper edges, that stand close below each other, up to where columns begin or end."""
    blocks: list[tuple[int, list[Line]]] = []
    for stretch, line in zip(_stretches([line.box for line in lines]), lines, strict=True):
        above = (block for number, block in blocks if number == stretch and _continues(block[-1].box, line.box))
        block = next(above, None)
        if block is None:
            blocks.append((stretch, [line]))
        else:
            block.append(line)
    return [block for _, block in blocks]


def _stretches(boxes: Sequence[Box]) -> Iterator[int]:
    """For each line the number of its part of the page: one begins with columns, and behind them with a full line.

    A column that is longer than its neighbour belongs to the columns as far as no line crosses both.
    """
    pairs = {one: other for pair in _side_by_side(boxes) for one, other in (pair, pair[::-1])}
    stretch, columns = 0, None
    for box in boxes:
        if columns is None and box in pairs:
            stretch += 1
        elif columns is not None and all(_is_over(box, column) for column in columns):
            stretch, columns = stretch + 1, None
        if box in pairs:
            columns = (box, pairs[box])
        yield stretch


def _side_by_side(boxes: Sequence[Box]) -> Iterator[tuple[Box, Box]]:
    for place, box in enumerate(boxes):
        for other in islice(boxes, place + 1, None):
            if other.top >= box.bottom:
                break  # as all that follow
            if _is_beside(box, other):
                yield box, other


def _continues(above: Box, below: Box) -> bool:
    height = _lower(above, below)
    return _is_over(above, below) and -_ABOVE * height <= below.top - above.bottom <= _CLOSE * height


def _is_over(one: Box, other: Box) -> bool:
    narrower = max(1, min(one.right - one.left, other.right - other.left))
    return min(one.right, other.right) - max(one.left, other.left) >= _ABOVE * narrower


def _is_beside(one: Box, other: Box) -> bool:
    level = min(one.bottom, other.bottom) - max(one.top, other.top) > _ABOVE * _lower(one, other)
    return level and (one.right <= other.left or other.right <= one.left)


def _lower(one: Box, other: Box) -> int:
    return min(one.bottom - one.top, other.bottom - other.top)


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

"""Puts together what stands in one row, as in tables and forms, which engines read column by column. Pure.

Columns of prose stay as they are. They are told by lines that go on in the middle of a sentence.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby, pairwise

from pipeline.parsing.ocr.lines import Box, Line

_PROSE_LINES, _PROSE_WORDS = 3, 3.0  # at least, and of words to a line
_GOING_ON = 0.4  # of the lines of prose go on in the next one, which begins with a letter that is no capital
_ENDS = ".!?:;。"
_APART = 0.1  # of the narrower of two lines in one row may lie above the other, where a picture is not straight

_TABLE_ROWS = 3
_GAP = 2.0  # times the height of a line, between two words: two cells

Row = list[Line]


def arranged(lines: Sequence[Line]) -> list[Row]:
    """The lines in the order in which they are read, those of one row together from left to right."""
    downward = sum(_is_downward(line) for line in lines) > len(lines) / 2
    blocks = [list(block) for _, block in groupby(lines, key=lambda line: line.block)]
    if has_columns(blocks):
        return list(_column_by_column(blocks, downward))
    prose = [block for block in blocks if _is_prose(block)]
    rows = list(_rows([line for block in blocks if not _is_prose(block) for line in block], downward))
    result: list[Row] = []
    for block in prose:
        top = _place(block[0], downward).top
        above = [row for row in rows if _middle(row[0], downward) < top]
        rows = rows[len(above) :]
        result += [*above, *([line] for line in block)]
    return [*result, *rows]


def is_table(lines: Sequence[Line]) -> bool:
    """Whether several rows of more than one cell stand on a page that has one column of prose at most."""
    return not columns_in(lines) and sum(len(row) > 1 for row in arranged(lines)) >= _TABLE_ROWS


def columns_in(lines: Sequence[Line]) -> bool:
    """Whether some blocks of these lines are columns of prose that stand side by side."""
    return has_columns([list(block) for _, block in groupby(lines, key=lambda line: line.block)])


def has_columns(blocks: Sequence[Sequence[Line]]) -> bool:
    """Whether some of these blocks are columns of prose that stand side by side."""
    prose = [_around(block) for block in blocks if _is_prose(block)]
    return any(_is_beside(one, other) for one, other in combinations(prose, 2))


def cells(line: Line) -> list[str]:
    """The text of a line, in parts where it is interrupted by more than the space between words."""
    parts = [[line.words[0]]] if line.words else []
    for word, following in pairwise(line.words):
        gap = max(following.box.left - word.box.right, word.box.left - following.box.right)  # right to left, too
        if gap > _GAP * (line.box.bottom - line.box.top):
            parts.append([])
        parts[-1].append(following)
    return [line.text.strip()] if len(parts) < 2 else [" ".join(word.text for word in part) for part in parts]


def _column_by_column(blocks: Sequence[Sequence[Line]], downward: bool) -> Iterator[Row]:
    """The blocks in the order that the engine gives, which knows columns; rows only of what comes in one place."""
    together: list[Line] = []
    for block in blocks:
        prose = _is_prose(block)
        if together and (prose or _is_higher(block[0], together, downward)):
            yield from _rows(together, downward)
            together = []
        if prose:
            yield from ([line] for line in block)
        else:
            together += block
    yield from _rows(together, downward)


def _is_higher(line: Line, others: Sequence[Line], downward: bool) -> bool:
    """Whether a line stands above all others, as the head of the next column does."""
    return _place(line, downward).bottom < min(_place(other, downward).top for other in others)


def _is_beside(one: Box, other: Box) -> bool:
    return _shared(one, other) <= _APART and min(one.bottom, other.bottom) > max(one.top, other.top)


def _around(block: Sequence[Line]) -> Box:
    boxes = [line.box for line in block]
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _is_prose(block: Sequence[Line]) -> bool:
    if len(block) < _PROSE_LINES or sum(len(line.words) for line in block) < _PROSE_WORDS * len(block):
        return False
    going_on = sum(_goes_on(line, following) for line, following in pairwise(block))
    return going_on >= _GOING_ON * (len(block) - 1)


def _goes_on(line: Line, following: Line) -> bool:
    """Whether a sentence goes on in the next line."""
    last, first = line.text.rstrip()[-1:], following.text[:1]
    return last not in _ENDS and first.isalpha() and not first.isupper()


def _rows(lines: Sequence[Line], downward: bool) -> Iterator[Row]:
    row: Row = []
    for line in sorted(lines, key=lambda line: _middle(line, downward)):
        if row and not _fits(row, line, downward):
            yield sorted(row, key=lambda one: _place(one, downward).left)
            row = []
        row.append(line)
    if row:
        yield sorted(row, key=lambda one: _place(one, downward).left)


def _fits(row: Row, line: Line, downward: bool) -> bool:
    first, new = _place(row[0], downward), _place(line, downward)
    level = first.top < (new.top + new.bottom) / 2 < first.bottom
    return level and all(_shared(_place(one, downward), new) <= _APART for one in row)


def _shared(one: Box, other: Box) -> float:
    """How much of the narrower of two boxes lies above or below the other."""
    narrower = max(1, min(one.right - one.left, other.right - other.left))
    return (min(one.right, other.right) - max(one.left, other.left)) / narrower


def _middle(line: Line, downward: bool) -> float:
    place = _place(line, downward)
    return (place.top + place.bottom) / 2


def _place(line: Line, downward: bool) -> Box:
    """Where a line stands for one who reads the page; a page with lines that run downwards is turned for it."""
    box = line.box
    return Box(box.top, -box.right, box.bottom, -box.left) if downward else box


def _is_downward(line: Line) -> bool:
    return line.box.bottom - line.box.top > line.box.right - line.box.left

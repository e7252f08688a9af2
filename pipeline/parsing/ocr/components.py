"""Finds what hangs together in a map of yes and no, such as a detector's map of where text is. Pure."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.parsing.ocr.lines import Box

_Run = tuple[int, int, int]  # row, first column, column behind the last


def components(mask: npt.NDArray[np.bool_], most: int) -> list[Box]:
    """The boxes around what hangs together, also over corners; of a map of more than `most` runs only the first."""
    runs = _runs(mask, most)
    parents = list(range(len(runs)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = run = parents[parents[run]]
        return run

    for one, other in _touching(runs):
        parents[root(one)] = root(other)
    boxes: dict[int, Box] = {}
    for number, (row, start, end) in enumerate(runs):
        found = boxes.get(root(number), Box(start, row, end, row + 1))
        boxes[root(number)] = Box(min(found.left, start), found.top, max(found.right, end), row + 1)
    return list(boxes.values())


def _runs(mask: npt.NDArray[np.bool_], most: int) -> list[_Run]:
    """The stretches of yes, row by row."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return list(zip(rows[:most].tolist(), starts[:most].tolist(), ends[:most].tolist(), strict=True))


def _touching(runs: list[_Run]) -> Iterator[tuple[int, int]]:
    """The pairs of runs that lie in rows below each other and touch."""
    rows: dict[int, list[int]] = {}
    for number, (row, _, _) in enumerate(runs):
        rows.setdefault(row, []).append(number)
    for above, below in pairwise(rows):
        if below == above + 1:
            yield from _touching_rows(runs, rows[above], rows[below])


def _touching_rows(runs: list[_Run], above: list[int], below: list[int]) -> Iterator[tuple[int, int]]:
    at = 0
    for lower in below:
        _, start, end = runs[lower]
        while at < len(above) and runs[above[at]][2] < start:
            at += 1
        behind = at
        while behind < len(above) and runs[above[behind]][1] <= end:
            yield above[behind], lower
            behind += 1

"""What hangs together in a map, against a search that looks at every place."""

from collections import deque

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.ocr.components import components
from pipeline.parsing.ocr.lines import Box
from tests.parsing.support import CAREFUL

MAPS = st.integers(1, 12).flatmap(
    lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=12)
)


def searched(mask: npt.NDArray[np.bool_]) -> set[Box]:
    """Boxes by flooding, over sides and corners."""
    left = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    found = set()
    while left:
        start = left.pop()
        seen, waiting = {start}, deque([start])
        while waiting:
            row, column = waiting.popleft()
            for near in [(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]:
                if near in left:
                    left.remove(near)
                    seen.add(near)
                    waiting.append(near)
        rows, columns = [row for row, _ in seen], [column for _, column in seen]
        found.add(Box(min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    return found


@CAREFUL
@given(MAPS)
def test_as_a_search_of_every_place_finds_them(rows: list[list[bool]]) -> None:
    mask = np.array(rows)
    found = components(mask, 1000)
    assert set(found) == searched(mask)


@pytest.mark.parametrize(
    ("drawing", "boxes"),
    [
        ("#..#\n....\n####", [Box(0, 0, 1, 1), Box(3, 0, 4, 1), Box(0, 2, 4, 3)]),
        ("#.#\n.#.\n#.#", [Box(0, 0, 3, 3)]),
        ("#.#\n#.#\n###", [Box(0, 0, 3, 3)]),
        ("....", []),
    ],
)
def test_shapes(drawing: str, boxes: list[Box]) -> None:
    mask = np.array([[character == "#" for character in row] for row in drawing.split("\n")])
    assert sorted(components(mask, 1000), key=str) == sorted(boxes, key=str)


def test_a_map_of_crumbs_is_looked_at_only_so_far() -> None:
    mask = np.zeros((2000, 2000), np.bool_)
    mask[::2, ::2] = True
    assert len(components(mask, 5000)) == 5000

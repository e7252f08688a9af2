"""Charts as SVG: a histogram, intervals on one axis, bars. Colours come from CSS classes, so that a dark page works."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.markup import Html, element

WIDTH = 440  # of every chart; two stand beside each other on a page
_LABEL_COLUMNS = 34  # what fits left of a value, in characters of ordinary width
_LEAST_HEIGHT = 1.5  # one passage in ten thousand must still be seen
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across a chart, and what is written at it."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Whisker:
    """One row of an interval chart; `written` is its value as people read it."""

    label: str
    value: float
    low: float
    high: float
    written: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart, from 0; `written` is its value as people read it."""

    label: str
    value: float
    written: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value lies on an axis: `low` at `start`, `high` at `end`, in pixels. What lies outside is at the rim."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        span = self.high - self.low or 1.0
        place = min(1.0, max(0.0, (value - self.low) / span))
        return self.start + place * (self.end - self.start)


def histogram(
    counts: Sequence[int], low: float, high: float, *, title: str, marks: Sequence[Mark] = (), tallest: float = 0.0
) -> Html:
    """Shares of all that was counted, in equal steps from `low` to `high`; what lies below is in the first.

    `tallest` is the share that the axis reaches at least: the same for charts that are to be compared.
    """
    total = sum(counts) or 1
    top = max(tallest, max(counts, default=0) / total) or 1.0
    across, up = Scale(low, high, 40, WIDTH - 18), Scale(0, top, 160, 40)
    columns = [_column(counts, place, across, up) for place in range(len(counts))]
    lines = [_mark(mark, across, 12 + 15 * place, 160) for place, mark in enumerate(marks)]
    described = f"{sum(counts):,} counted; " + "; ".join(mark.label for mark in marks)
    return _chart(184, title, described, *_grid(up, across), *columns, *_axis(across, 160), *lines)


def intervals(rows: Sequence[Whisker], *, title: str, bound: Mark | None = None, zero: bool = False) -> Html:
    """A dot for each value, a whisker for its interval, and the bound that is asked. Dots that miss it are hollow.

    `zero` draws a line at 0, as differences need it.
    """
    top = 22 if bound else 4
    floor = top + 42 * len(rows)
    across = _domain(rows, [bound.value if bound else None, 0.0 if zero else None])
    label = [_mark(bound, across, 12, 19)] if bound else []
    drawn = [_whisker(row, across, top + 42 * place, bound) for place, row in enumerate(rows)]
    levels = [_level(across, top + 42 * place, bound, zero) for place in range(len(rows))]
    described = "; ".join([*(f"{row.label}: {row.written}" for row in rows), *([bound.label] if bound else [])])
    return _chart(floor + 24, title, described, *label, *levels, *drawn, *_axis(across, floor))


def bars(rows: Sequence[Bar], *, title: str) -> Html:
    """A bar for each value, from 0; the longest spans the chart."""
    along = Scale(0, max((row.value for row in rows), default=0.0), 0, WIDTH)
    drawn = [_bar(row, along, 40 * place) for place, row in enumerate(rows)]
    described = "; ".join(f"{row.label}: {row.written}" for row in rows)
    return _chart(40 * len(rows), title, described, *drawn)


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round values from `low` to `high`, no more than `about` and one."""
    if high <= low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in _STEPS if size * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def shortened(name: str, columns: int = _LABEL_COLUMNS) -> str:
    """A name that fits: cut in the middle, for names of models differ at their ends. Wide characters count twice."""
    if _columns(name) <= columns:
        return name
    keep = len(name) - 1
    while keep > 2 and _columns(_cut(name, keep)) > columns:
        keep -= 1
    return _cut(name, keep)


def _cut(name: str, keep: int) -> str:
    return f"{name[: keep - keep // 2]}…{name[len(name) - keep // 2 :]}"


def _columns(name: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in name)


def _chart(height: float, title: str, described: str, *shapes: Html) -> Html:
    named = (element("title", {}, title), element("desc", {}, described or title))
    return element("svg", {"role": "img", "viewBox": f"0 0 {WIDTH} {height:g}"}, *named, *shapes)


def _write(kind: str, x: float, y: float, content: str, anchor: str = "start") -> Html:
    return element("text", {"class": kind, "x": x, "y": y, "text-anchor": anchor}, content)


def _line(kind: str, start: tuple[float, float], end: tuple[float, float]) -> Html:
    return element("line", {"class": kind, "x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]})


def _vertical(kind: str, x: float, top: float, floor: float) -> Html:
    return _line(kind, (x, top), (x, floor))


def _axis(across: Scale, floor: float) -> list[Html]:
    places = ticks(across.low, across.high, 5)
    drawn = [_line("axis", (across.start, floor), (across.end, floor))]
    for value, written in zip(places, _alike(places), strict=True):
        drawn += [_vertical("axis", across(value), floor, floor + 4)]
        drawn += [_write("tick", across(value), floor + 17, written, "middle")]
    return drawn


def _grid(up: Scale, across: Scale) -> list[Html]:
    shares = ticks(0, up.high, 4)
    drawn: list[Html] = []
    for share, written in zip(shares, _alike([100 * share for share in shares]), strict=True):
        drawn += [_line("grid", (across.start, up(share)), (across.end, up(share)))]
        drawn += [_write("tick", across.start - 7, up(share) + 4, f"{written} %", "end")]
    return drawn


def _alike(values: Sequence[float]) -> list[str]:
    """Evenly spaced values, all with the digits that the step between them needs."""
    step = values[1] - values[0] if len(values) > 1 else 1.0
    digits = next((count for count in range(9) if math.isclose(step, round(step, count), rel_tol=1e-6)), 9)
    return [f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}") for value in values]


def _column(counts: Sequence[int], place: int, across: Scale, up: Scale) -> Html:
    step = (across.high - across.low) / len(counts)
    left, right = (across(across.low + step * edge) for edge in (place, place + 1))
    height = up.start - up(counts[place] / (sum(counts) or 1))
    height = max(height, _LEAST_HEIGHT) if counts[place] else 0.0
    told = f"{across.low + step * place:.4f} to {across.low + step * (place + 1):.4f}: {counts[place]:,}"
    box: dict[str, str | float]
    box = {"class": "column", "x": left + 0.5, "y": up.start - height, "width": right - left - 1, "height": height}
    return element("rect", box, element("title", {}, told))


def _mark(mark: Mark, across: Scale, baseline: float, floor: float) -> Html:
    x = across(mark.value)
    before = x > across.start + 110
    label = _write("mark", x - 5 if before else x + 5, baseline, mark.label, "end" if before else "start")
    return element("g", {}, _vertical("mark", x, baseline - 10, floor), label)


def _domain(rows: Sequence[Whisker], levels: Sequence[float | None]) -> Scale:
    values = [value for row in rows for value in (row.low, row.value, row.high)]
    values += [level for level in levels if level is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = (high - low) * 0.08 or 0.01
    return Scale(low - margin, high + margin, 18, WIDTH - 18)


def _level(across: Scale, top: float, bound: Mark | None, zero: bool) -> Html:
    """The lines at 0 and at the bound, beside one whisker only: they would cross the names above it."""
    places = ([("zero", 0.0)] if zero else []) + ([("mark", bound.value)] if bound else [])
    return element("g", {}, *(_vertical(kind, across(value), top + 19, top + 42) for kind, value in places))


def _whisker(row: Whisker, across: Scale, top: float, bound: Mark | None) -> Html:
    y = top + 28
    missed = bound is not None and row.value < bound.value
    low, high = across(row.low), across(row.high)
    lines = [_line("whisker", (low, y), (high, y)), *(_vertical("whisker", x, y - 4, y + 4) for x in (low, high))]
    dot = element("circle", {"class": "dot missed" if missed else "dot", "cx": across(row.value), "cy": y, "r": 4.5})
    label, value = (
        _write("label", 0, top + 13, shortened(row.label)),
        _write("value", WIDTH, top + 13, row.written, "end"),
    )
    return element("g", {}, *lines, dot, label, value)


def _bar(row: Bar, along: Scale, top: float) -> Html:
    label = _write("label", 0, top + 13, shortened(row.label))
    value = _write("value", WIDTH, top + 13, row.written, "end")
    track = element("rect", {"class": "track", "x": 0, "y": top + 19, "width": WIDTH, "height": 9})
    kind = "bar strong" if row.strong else "bar"
    filled = element("rect", {"class": kind, "x": 0, "y": top + 19, "width": along(row.value), "height": 9})
    return element("g", {}, label, value, track, filled)

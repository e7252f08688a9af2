"""Charts: every place and length follows from its value, and every text is escaped."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from pipeline.evaluation import svg
from pipeline.evaluation.svg import Bar, Mark, Scale, Whisker

HOSTILE = '</text><script>alert("1")</script>&\x00\x1b[31m\u202e\ud800'


def parsed(chart: str) -> Element:
    return ElementTree.fromstring(chart)


def of_class(root: Element, kind: str) -> list[Element]:
    return [element for element in root.iter() if kind in element.get("class", "").split()]


def numbers(elements: list[Element], name: str) -> list[float]:
    return [float(element.attrib[name]) for element in elements]


def test_columns_are_as_high_as_their_share() -> None:
    root = parsed(svg.histogram([10, 20, 40, 30], 0.96, 1.0, title="Cosines"))
    columns = of_class(root, "column")
    heights = numbers(columns, "height")
    assert heights == pytest.approx([30, 60, 120, 90])
    feet = [y + height for y, height in zip(numbers(columns, "y"), heights, strict=True)]
    assert feet == pytest.approx([160] * 4)


def test_columns_stand_side_by_side_over_their_values() -> None:
    columns = of_class(parsed(svg.histogram([1, 1, 1, 1], 0.96, 1.0, title="Cosines")), "column")
    assert numbers(columns, "x") == pytest.approx([40.5, 136, 231.5, 327])
    assert numbers(columns, "width") == pytest.approx([94.5] * 4)
    assert [column.findtext("title") for column in columns][:2] == ["0.9600 to 0.9700: 1", "0.9700 to 0.9800: 1"]


def test_one_passage_among_many_is_still_seen_and_none_is_not() -> None:
    columns = of_class(parsed(svg.histogram([0, 1, 99_999], 0.7, 1.0, title="Cosines")), "column")
    assert numbers(columns, "height") == pytest.approx([0, 1.5, 120])


def test_charts_that_share_a_tallest_share_have_one_scale() -> None:
    columns = of_class(parsed(svg.histogram([50, 50], 0, 1, title="t", tallest=1.0)), "column")
    assert numbers(columns, "height") == pytest.approx([60, 60])


def test_a_histogram_without_passages_is_drawn() -> None:
    columns = of_class(parsed(svg.histogram([0, 0], 0.9, 1, title="t")), "column")
    assert numbers(columns, "height") == [0, 0]
    assert of_class(parsed(svg.histogram([], 0.9, 1, title="t")), "column") == []


def test_a_mark_stands_at_its_value_and_one_below_the_axis_at_its_rim() -> None:
    marks = [Mark("mean", 0.98), Mark("p1", 0.5)]
    drawn = of_class(parsed(svg.histogram([1], 0.96, 1.0, title="t", marks=marks)), "mark")
    assert numbers([line for line in drawn if line.tag == "line"], "x1") == pytest.approx([231, 40])


def test_whiskers_reach_from_low_to_high_with_the_dot_at_the_value() -> None:
    rows = [Whisker("a", 0.5, 0.0, 1.0, "0.5"), Whisker("b", 0.25, 0.25, 0.75, "0.25")]
    root = parsed(svg.intervals(rows, title="Overlap"))
    across = Scale(-0.08, 1.08, 18, 422)
    flat = [line for line in of_class(root, "whisker") if line.get("y1") == line.get("y2")]
    assert numbers(flat, "x1") == pytest.approx([across(0.0), across(0.25)], abs=0.01)
    assert numbers(flat, "x2") == pytest.approx([across(1.0), across(0.75)], abs=0.01)
    assert numbers(of_class(root, "dot"), "cx") == pytest.approx([across(0.5), across(0.25)], abs=0.01)
    assert numbers(of_class(root, "dot"), "cy") == numbers(flat, "y1")


def test_the_bound_is_drawn_where_it_lies_and_a_dot_that_misses_it_is_hollow() -> None:
    rows = [Whisker("good", 0.95, 0.94, 0.96, "0.95"), Whisker("bad", 0.90, 0.88, 0.92, "0.90")]
    rows += [Whisker("exact", 0.93, 0.92, 0.94, "0.93")]
    root = parsed(svg.intervals(rows, title="Overlap", bound=Mark("at least 0.93", 0.93)))
    dots = of_class(root, "dot")
    assert ["missed" in dot.attrib["class"] for dot in dots] == [False, True, False]
    lines = [line for line in of_class(root, "mark") if line.tag == "line"]
    assert len(lines) == 1 + len(rows)
    assert set(numbers(lines, "x1")) == {float(dots[2].attrib["cx"])}


def test_differences_show_zero_even_where_no_interval_reaches_it() -> None:
    rows = [Whisker("a", -0.5, -1.0, -0.25, "-0.5")]
    assert of_class(parsed(svg.intervals(rows, title="t")), "zero") == []
    (zero,) = of_class(parsed(svg.intervals(rows, title="t", zero=True)), "zero")
    assert float(zero.attrib["x1"]) == pytest.approx(Scale(-1.08, 0.08, 18, 422)(0), abs=0.01)


def test_bars_are_as_long_as_their_values() -> None:
    rows = [Bar("slow", 2_500, "2,500"), Bar("fast", 10_000, "10,000", strong=True), Bar("none", 0, "0")]
    bars = of_class(parsed(svg.bars(rows, title="Speed")), "bar")
    assert numbers(bars, "width") == pytest.approx([110, 440, 0])
    assert ["strong" in bar.attrib["class"] for bar in bars] == [False, True, False]


def test_all_that_is_drawn_lies_within_the_chart() -> None:
    rows = [Whisker("x" * 90, 0.95, 0.94, 1.0, "0.950 [0.940, 1.000]")] * 4
    root = parsed(svg.intervals(rows, title="t", bound=Mark("gate: at least 0.93", 0.93)))
    width, height = (float(size) for size in root.attrib["viewBox"].split()[2:])
    for element in root.iter():
        for name, most in {"x": width, "x1": width, "x2": width, "cx": width, "y": height, "y2": height}.items():
            assert 0 <= float(element.get(name, "0")) <= most


@pytest.mark.parametrize(
    ("low", "high", "about", "expected"),
    [
        (0.98, 1.0, 5, [0.98, 0.985, 0.99, 0.995, 1.0]),
        (0.0, 0.11, 3, [0.0, 0.05, 0.1]),
        (-0.012, 0.001, 5, [-0.01, -0.005, 0.0]),
        (0.0, 1.0, 4, [0.0, 0.25, 0.5, 0.75, 1.0]),
        (1.0, 1.0, 5, [1.0]),
    ],
)
def test_ticks_are_round(low: float, high: float, about: int, expected: list[float]) -> None:
    assert svg.ticks(low, high, about) == pytest.approx(expected)


def test_ticks_are_written_with_the_digits_that_their_step_needs() -> None:
    root = parsed(svg.histogram([1, 6, 3], 0.99, 1.0, title="t"))
    written = [tick.text for tick in of_class(root, "tick")]
    assert written == ["0 %", "20 %", "40 %", "60 %", "0.990", "0.992", "0.994", "0.996", "0.998", "1.000"]


def test_a_long_name_keeps_both_ends() -> None:
    assert svg.shortened("short") == "short"
    assert svg.shortened("a" * 20 + "b" * 20, 9) == "aaaa…bbbb"
    assert svg.shortened("名" * 20, 9) == "名名…名名"


def test_charts_are_images_with_a_name_and_a_description() -> None:
    charts = [
        svg.histogram([3, 1], 0.9, 1.0, title="Name & all", marks=[Mark("mean 0.95", 0.95)]),
        svg.intervals([Whisker("a", 1, 0, 2, "1 [0, 2]")], title="Name & all", bound=Mark("at least 0", 0)),
        svg.bars([Bar("a", 1, "1")], title="Name & all"),
    ]
    for root in map(parsed, charts):
        assert (root.tag, root.attrib["role"], root[0].tag, root[0].text) == ("svg", "img", "title", "Name & all")
    descriptions = [parsed(chart).findtext("desc") for chart in charts]
    assert descriptions == ["4 counted; mean 0.95", "a: 1 [0, 2]; at least 0", "a: 1"]


def test_hostile_names_are_text() -> None:
    charts = [
        svg.histogram([1], 0.9, 1.0, title=HOSTILE, marks=[Mark(HOSTILE, 0.95)]),
        svg.intervals([Whisker(HOSTILE, 1, 0, 2, HOSTILE)], title=HOSTILE, bound=Mark(HOSTILE, 1)),
        svg.bars([Bar(HOSTILE, 1, HOSTILE)], title=HOSTILE),
    ]
    for chart in charts:
        tags = {element.tag for element in parsed(chart).iter()}
        assert tags <= {"svg", "title", "desc", "g", "text", "line", "rect", "circle"}
        assert '</text><script>alert("1")</script>&' in (parsed(chart)[0].text or "")
        assert not {"\x00", "\x1b", "\u202e", "\ud800"} & set(chart)
        chart.encode("utf-8")

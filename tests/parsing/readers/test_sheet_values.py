"""Numbers and dates in cells: as people write them, whatever a double makes of them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.readers.sheet_values import Kind, kind_of, number_text, valued, written_number
from tests.parsing.support import CAREFUL


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("1234.5", "1234.5"), ("1234.5000000000002", "1234.5"), ("1234.5000000001", "1234.5"), ("12.0", "12"),
        ("0.30000000000000004", "0.3"), ("0.33333333333333331", "0.333333333"), ("-7", "-7"), ("-0.0", "0"),
        ("1E3", "1000"), ("1.5e-7", "1.5e-07"), ("123456789012345", "123456789012345"), ("1e20", "1" + "0" * 20),
        ("1e300", "1e+300"), ("10210210.199999999", "10210210.2"), ("007", "007"), ("1.50", "1.5"), ("", ""),
        ("abc", "abc"), ("nan", "nan"), ("1e999", "1e999"), ("12,5", "12,5"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_people_do(stored: str, text: str) -> None:
    assert written_number(stored) == text


@CAREFUL
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False))
def test_a_number_that_people_write_comes_back_as_it_was(number: object) -> None:
    text = format(number, "f").rstrip("0").rstrip(".")
    text = "0" if text in ("-0", "") else text
    assert number_text(float(text)) == text
    assert written_number(repr(float(text))) == text


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", Kind.NUMBER), ("0.00", Kind.NUMBER), ("#,##0.00 [$€-407]", Kind.NUMBER), ("0.00E+00", Kind.NUMBER),
        ('"day "0', Kind.NUMBER), ("[Red]0.00", Kind.NUMBER), ("_(* #,##0_)", Kind.NUMBER), ("@", Kind.NUMBER),
        ("# ?/?", Kind.NUMBER), ("0%", Kind.NUMBER), (r"\d0", Kind.NUMBER), ("", Kind.NUMBER),
        ("yyyy-mm-dd", Kind.DATE), ("[$-407]d. mmmm yyyy", Kind.DATE), ("m/d/yy;@", Kind.DATE), ("mmm-yy", Kind.DATE),
        ('yyyy"年"m"月"', Kind.DATE), (r"[$-F800]dddd\,\ mmmm\ dd", Kind.DATE), ("ge.m.d", Kind.DATE),
        ("mmmm", Kind.DATE),
        ("h:mm AM/PM", Kind.TIME), ("mm:ss.0", Kind.TIME), ("[=0]?;hh:mm", Kind.TIME),
        ("dd.mm.yy hh:mm", Kind.MOMENT), ("[h]:mm", Kind.ELAPSED), ("[mm]:ss", Kind.ELAPSED),
    ],
)  # fmt: skip
def test_a_format_says_what_a_number_means(code: str, kind: Kind) -> None:
    assert kind_of(164, code) is kind


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (0, Kind.NUMBER), (2, Kind.NUMBER), (14, Kind.DATE), (20, Kind.TIME), (22, Kind.MOMENT), (46, Kind.ELAPSED),
        (57, Kind.DATE),
    ],
)  # fmt: skip
def test_built_in_formats_are_known(number: int, kind: Kind) -> None:
    assert kind_of(number, None) is kind


@pytest.mark.parametrize(
    ("value", "kind", "since_1904", "text"),
    [
        (45356.0, Kind.DATE, False, "2024-03-05"), (43894.0, Kind.DATE, True, "2024-03-05"),
        (45356.75, Kind.DATE, False, "2024-03-05 18:00:00"), (45356.75, Kind.MOMENT, False, "2024-03-05 18:00:00"),
        (45356.75, Kind.TIME, False, "2024-03-05 18:00:00"), (0.75, Kind.TIME, False, "18:00:00"),
        (0.75, Kind.MOMENT, False, "18:00:00"), (1.25, Kind.ELAPSED, False, "30:00:00"), (0.0, Kind.DATE, False, "0"),
        (0.0, Kind.DATE, True, "1904-01-01"), (59.0, Kind.DATE, False, "1900-02-28"),
        (61.0, Kind.DATE, False, "1900-03-01"),
        (2958465.0, Kind.DATE, False, "9999-12-31"), (2958466.0, Kind.DATE, False, "2958466"),
        (2958465.9999999, Kind.MOMENT, False, "2958465.9999999"), (-1.0, Kind.DATE, False, "-1"),
        (float("nan"), Kind.DATE, False, "nan"), (float("inf"), Kind.MOMENT, False, "inf"),
        (12.5, Kind.NUMBER, False, "12.5"),
    ],
)  # fmt: skip
def test_a_number_is_shown_by_what_it_means(value: float, kind: Kind, since_1904: bool, text: str) -> None:
    assert valued(value, kind, since_1904=since_1904) == text


@CAREFUL
@given(st.dates(datetime.date(1900, 3, 1)))
def test_every_day_has_its_number(day: datetime.date) -> None:
    number = float((day - datetime.date(1899, 12, 30)).days)
    assert valued(number, Kind.DATE, since_1904=False) == day.isoformat()

"""Dates as programs and people write them, and what only looks like one: a day, or nothing; never an error."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.dates import FIRST, LAST, checked, dated
from tests.parsing.support import CAREFUL


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-01", "2024-03-01"),
        ("2024-03-01T23:30:00-08:00", "2024-03-01"),  # of who wrote it, not of Greenwich
        ("2024-03-01T09:30:00.123Z", "2024-03-01"),
        ("2024-03-01 09:30", "2024-03-01"),
        ("2024-03-01+01:00", "2024-03-01"),
        ("2024-3-1", "2024-03-01"),
        ("2024-03", "2024-03-01"),
        ("2024", "2024-01-01"),
        ("20240301", "2024-03-01"),
        ("20240301;103000000000000", "2024-03-01"),
        (" \n 2024-03-01 \n", "2024-03-01"),
        ("D:20240301093000+01'00'", "2024-03-01"),
        ("D:20240301093000Z", "2024-03-01"),
        ("20240301093000", "2024-03-01"),
        ("D:202403", "2024-03-01"),
        ("D:2024", "2024-01-01"),
        ("Fri, 1 Mar 2024 09:30:00 +0100", "2024-03-01"),
        ("1 Mar 2024 09:30 GMT", "2024-03-01"),
        ("Fri,  01 MAR 24 09:30:00 EST", "2024-03-01"),
        ("Mon, 1 Mar 99 09:30:00 +0000", "1999-03-01"),
        ("Thu, 1 Mar 101 09:30:00 +0000", "2001-03-01"),
        ("Friday, 01-Mar-24 08:49:37 GMT", "2024-03-01"),
        ("Fri Mar  1 09:30:00 2024", "2024-03-01"),
        ("Fri Mar  1 09:30:00 CET 2024", "2024-03-01"),
        ("March 1, 2024", "2024-03-01"),
        ("Fri, 1 Mar 2024 09:30:00 +0100, Sat, 2 Mar 2024", "2024-03-01"),  # a field that stands there twice
        ("2200-12-31", "2200-12-31"),
        ("1900-01-01", "1900-01-01"),
    ],
)
def test_a_date_is_the_day_that_was_written(written: str, day: str) -> None:
    assert dated(written) == day
    assert checked(day) == day


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "yesterday", "2024-02-30", "2024-13-01", "2024-00-00", "0000-00-00", "1899-12-31", "2201-01-01",
        "9999-12-31T23:59:59Z", "D:191010301", "D:99999999999999", "D:20240230", "D:", "03/01/2024", "1.3.2024",
        "1 Foo 2024", "99 Mar 2024", "Mar 99, 2024", "2024-03-01garbage", "2024-W10", "-2024-03-01", "١٢٣٤-٠٥-٠٦",
        "２０２４-０３-０１", "2024\x00-03-01", "\ud800", "\udcff2024-03-01", "💥", "1" * 5000, "\n" * 10**6,
        "2" * 10**6, "1 " * 10**6, "a" * 10**6, "2024-03-01"[::-1], "%s%n", "'; DROP TABLE documents --",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(written: str) -> None:
    assert dated(written) == ""


def test_the_first_text_with_a_date_counts() -> None:
    assert dated(None, "", "never", "2024-03-01", "2025-01-01") == "2024-03-01"
    assert dated() == dated(None) == ""


@CAREFUL
@given(st.text(max_size=200))
def test_any_text_gives_a_day_within_bounds_or_none(text: str) -> None:
    found = dated(text)
    assert found == "" or checked(found) == found


@CAREFUL
@given(st.dates(FIRST, LAST))
def test_every_day_is_read_in_every_form(day: date) -> None:
    for form in ("%Y-%m-%d", "D:%Y%m%d", "%a, %d %b %Y %H:%M:%S +0000", "%a %b %d %H:%M:%S %Y", "%B %d, %Y"):
        assert dated(day.strftime(form)) == day.isoformat()


@pytest.mark.parametrize(
    "untrusted",
    [
        "", "2024", "2024-3-1", "2024-03-01 ", " 2024-03-01", "2024-03-01\n", "2024-02-30", "1899-12-31", "2201-01-01",
        "20240301", "２０２４-０３-０１", "2024-03-01T00:00:00Z", "9" * 10**6, "2024-03-01'; DROP TABLE documents --",
    ],
)  # fmt: skip
def test_what_a_child_calls_a_day_is_believed_only_as_written_here(untrusted: str) -> None:
    assert checked(untrusted) is None

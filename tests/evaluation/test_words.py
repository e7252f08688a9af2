"""Numbers as people write them."""

import pytest

from pipeline.evaluation import words
from pipeline.evaluation.report import Interval


def test_sizes_have_their_unit_and_zero_bytes_were_not_measured() -> None:
    assert words.megabytes(23_612_000) == "23.6 MB"
    assert words.megabytes(1_340_000_000) == "1,340.0 MB"
    assert words.gibibytes(16 * 2**30) == "16.0 GiB"
    assert words.megabytes(0) == words.gibibytes(0) == "not measured"


def test_ratios_have_two_digits_that_matter() -> None:
    assert [words.times(ratio) for ratio in (3.213, 1.0, 0.314)] == ["3.2×", "1.0×", "0.31×"]


def test_differences_have_a_sign_and_zero_has_none() -> None:
    signed = [words.decimal(value, 4, signed=True) for value in (0.0012, -0.0012, -0.000001, 0.0)]
    assert signed == ["+0.0012", "−0.0012", "0.0000", "0.0000"]


def test_an_interval_stands_behind_its_value() -> None:
    written = words.interval(Interval(0.9979, 0.9976, 0.9981), 4)
    assert written == '0.9979 <span class="bounds">[0.9976, 0.9981]</span>'
    assert words.interval(None, 4) == "not measured"


def test_a_value_that_just_misses_its_bound_is_never_written_like_it() -> None:
    assert words.compared(0.9979, 0.997) == ("0.9979", "0.9970")
    assert words.compared(0.99298, 0.993) == ("0.99298", "0.99300")
    assert words.compared(0.993, 0.993) == ("0.9930", "0.9930")
    assert words.compared(-0.00504, -0.005) == ("−0.00504", "−0.00500")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-01T15:05:09+01:00", "2026-03-01 14:05 UTC"),
        ("2026-03-01T14:05:09Z", "2026-03-01 14:05 UTC"),
        ("2026-03-01T14:05:09", "2026-03-01T14:05:09"),
        ("yesterday", "yesterday"),
    ],
)
def test_moments_are_told_in_utc(written: str, expected: str) -> None:
    assert words.moment(written) == expected

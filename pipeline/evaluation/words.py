"""How the page writes numbers: with the digits that matter, their units, and "not measured" where there is none."""

from datetime import UTC, datetime

from pipeline.evaluation.markup import Html, join, span
from pipeline.evaluation.report import Interval

NOT_MEASURED = "not measured"
COSINE_DIGITS = 4
SHARE_DIGITS = 3
_MOST_DIGITS = 7  # beyond these, float32 says nothing
_MINUS = "\N{MINUS SIGN}"
_TIMES = "\N{MULTIPLICATION SIGN}"


def whole(count: float) -> str:
    """12,345: a count, or a rate that is large."""
    return f"{count:,.0f}"


def megabytes(size_bytes: int) -> str:
    """23.6 MB, of a million bytes each; 0 bytes were not measured."""
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes else NOT_MEASURED


def gibibytes(size_bytes: int) -> str:
    """15.6 GiB, of 2**30 bytes each, as memory is sold; 0 bytes were not measured."""
    return f"{size_bytes / 2**30:,.1f} GiB" if size_bytes else NOT_MEASURED


def milliseconds(time_ms: float, digits: int = 0) -> str:
    """240 ms."""
    return f"{time_ms:,.{digits}f} ms"


def times(ratio: float) -> str:
    """3.2×, or 0.31×: how many times another."""
    return f"{ratio:.{1 if ratio >= 1 else 2}f}{_TIMES}"


def decimal(value: float, digits: int, *, signed: bool = False) -> str:
    """0.9979; with a true minus, and a plus where the number is a difference."""
    written = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(written) == 0:
        written = written.lstrip("+-")
    return written.replace("-", _MINUS)


def interval(measured: Interval | None, digits: int, *, signed: bool = False) -> Html | str:
    """0.9979 [0.9976, 0.9981], the bounds set back."""
    if measured is None:
        return NOT_MEASURED
    return join([decimal(measured.value, digits, signed=signed), " ", bounds(measured, digits, signed=signed)])


def bounds(measured: Interval, digits: int, *, signed: bool = False) -> Html:
    """[0.9976, 0.9981], set back behind its value."""
    low, high = (decimal(bound, digits, signed=signed) for bound in (measured.low, measured.high))
    return span("bounds", f"[{low}, {high}]")


def compared(measured: float, bound: float) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to tell them apart: 0.99298 misses 0.99300, not 0.9930."""
    digits = COSINE_DIGITS
    while digits < _MOST_DIGITS and measured != bound and f"{measured:.{digits}f}" == f"{bound:.{digits}f}":
        digits += 1
    return decimal(measured, digits), decimal(bound, digits)


def moment(written: str) -> str:
    """2026-03-01 14:05 UTC, of an ISO time; what is none stays as it is."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at.tzinfo else written

"""What stands in a cell, as people write it: numbers without rounding noise, dates as ISO 8601. Calculates nothing.

Serial numbers of days and the built-in formats: ECMA-376 part 1, 18.17.4 and 18.8.30.
"""

import math
import re
from datetime import datetime, timedelta
from enum import Enum

# Day 0 of each calendar; a cell has no time zone. That of 1900 has a 29 February 1900, which never was.
_SINCE_1900, _SINCE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001
_MISSING_DAY = 60
_LAST_SERIAL = 2_958_465  # 9999-12-31
_DAY_S = 86_400
_DECIMALS = 9  # what a cell holds beyond is the noise of binary fractions
_LONGEST_CODE = 1000  # characters of a format; Excel allows 255
_LONGEST_INTEGER = 1e21  # written out in full below
_PLAIN_CHARACTERS = 11  # a number in so few is written as it is stored, but for these signs and ends

# Of a format's code, what is no placeholder: text, escaped characters, colours and conditions, fill and padding.
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


class Kind(Enum):
    """What a number means."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    MOMENT = "date and time"
    ELAPSED = "elapsed time"


_BUILT_IN = {
    **dict.fromkeys((*range(14, 18), *range(27, 32), 34, 35, 36, *range(50, 59)), Kind.DATE),
    **dict.fromkeys((*range(18, 22), 32, 33, 45, 47), Kind.TIME),
    22: Kind.MOMENT,
    46: Kind.ELAPSED,
}


def kind_of(number: int, code: str | None) -> Kind:
    """What numbers in the format with this number mean; `code` is None for the built-in ones."""
    return _BUILT_IN.get(number, Kind.NUMBER) if code is None else _of_code(code)


def _of_code(code: str) -> Kind:
    """By the first of a code's sections (for what is positive, negative, nought) that is one of a date or a time."""
    sections = (_of_section(section) for section in _LITERAL.sub("", code[:_LONGEST_CODE]).lower().split(";"))
    return next((kind for kind in sections if kind is not Kind.NUMBER), Kind.NUMBER)


def _of_section(section: str) -> Kind:
    if "general" in section or "#" in section or "?" in section:
        return Kind.NUMBER
    if "[" in section:
        return Kind.ELAPSED
    clock = "h" in section or "s" in section
    if re.search(r"[dy]|e(?![+-])", section):
        return Kind.MOMENT if clock else Kind.DATE
    return Kind.TIME if clock else Kind.DATE if "m" in section else Kind.NUMBER


def number_text(value: float) -> str:
    """A number, as `1234.5`, `12` or `1e+300`."""
    if value.is_integer() and abs(value) < _LONGEST_INTEGER:
        return str(int(value))
    text = f"{value:.15g}"
    if "e" not in text and len(text.partition(".")[2]) > _DECIMALS:
        rounded = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        return text if rounded in ("0", "-0") else rounded
    return text


def written_number(text: str) -> str:
    """A number from how it is stored, which may be `1234.5000000000001` or `12.0`; as it is where it is none."""
    if len(text) <= _PLAIN_CHARACTERS and text[-1:] != "0" and "E" not in text and "e" not in text:
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    return number_text(value) if math.isfinite(value) else text


def valued(value: float, kind: Kind, *, since_1904: bool) -> str:
    """A number by what it means. One that is no day of the calendar is a number."""
    if kind is Kind.NUMBER or not 0 <= value < _LAST_SERIAL + 1:
        return number_text(value)
    seconds = round(value * _DAY_S)
    if kind is Kind.ELAPSED or (value < 1 and kind in (Kind.TIME, Kind.MOMENT)):
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if not since_1904 and value < 1:
        return number_text(value)
    if not since_1904 and value < _MISSING_DAY:
        seconds += _DAY_S
    try:
        moment = (_SINCE_1904 if since_1904 else _SINCE_1900) + timedelta(seconds=seconds)
    except OverflowError:
        return number_text(value)
    return moment.date().isoformat() if kind is Kind.DATE and not seconds % _DAY_S else moment.isoformat(" ")

"""The day on which a document says that it was written, from what programs and people write as dates. Pure.

The day is taken as it is written, in the time zone of who wrote it. What stands there is untrusted: it is text of any
length and kind, and what is no date between 1900 and 2200 counts as none.
"""

import re
from collections.abc import Iterable
from datetime import date

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)
_LOOKED_AT = 100  # characters: no date is longer, and no pattern below meets more
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_PATTERNS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        # ISO 8601, XML Schema and what the W3C makes of them: 2024, 2024-03, 2024-03-01, 2024-03-01T09:30:00Z
        r"\s*(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?))?)?(?=[\sTZ]|[-+]\d\d:|$)",
        # PDF (ISO 32000-1, 7.9.4), of which all behind the year may be missing: D:20240301093000+01'00'
        r"\s*D:(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:\d\d){0,3})?)?(?!\d)",
        r"\s*(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:\d\d){0,3}(?!\d)",
        # Mail (RFC 5322, 3.3 and 4.3): Fri, 1 Mar 2024 09:30:00 +0100; and what programs made of it
        r"\s*(?:[a-z]{2,9}\.?,?\s{1,9})?(?P<day>\d\d?)[\s-]{1,9}(?P<name>[a-z]{3})[a-z]{0,6}\.?[\s-]{1,9}(?P<year>\d{2,4})(?!\d)",
        # ctime: Fri Mar  1 09:30:00 2024; and March 1, 2024
        r"\s*(?:[a-z]{3}\s{1,9})?(?P<name>[a-z]{3})[a-z]{0,6}\.?\s{1,9}(?P<day>\d\d?),?\s{1,9}"
        r"(?:\d\d:\d\d(?::\d\d)?\s{1,9})?(?:[A-Z]{3,5}\s{1,9})?(?P<year>\d{4})(?!\d)",
    )
)


def dated(*texts: str | None) -> str:
    """The first of the texts that begins with a date, as YYYY-MM-DD; empty where none does. Never raises.

    A year or a month stands for its first day.
    """
    return next((found for text in texts if text and (found := _day(text[:_LOOKED_AT]))), "")


def checked(untrusted: str) -> str | None:
    """What a child says is a day, if it is one within the bounds, written as dated() writes it; else None."""
    found = _DAY.fullmatch(untrusted)
    return None if found is None else _written(int(found[1]), int(found[2]), int(found[3])) or None


def _day(text: str) -> str:
    found: Iterable[re.Match[str] | None] = (pattern.match(text) for pattern in _PATTERNS)
    return next((day for one in found if one is not None and (day := _meant(one.groupdict()))), "")


def _meant(parts: dict[str, str | None]) -> str:
    year, name = parts["year"] or "", (parts.get("name") or "").lower()
    if "name" in parts and name not in _MONTHS:
        return ""
    month = _MONTHS.index(name) + 1 if name else int(parts.get("month") or 1)
    return _written(_whole_year(year), month, int(parts.get("day") or 1))


def _whole_year(written: str) -> int:
    """A year of two or three digits as mails of before 2000 meant it (RFC 5322, 4.3)."""
    year = int(written)
    if len(written) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(written) == 3 else year


def _written(year: int, month: int, day: int) -> str:
    try:
        found = date(year, month, day)
    except ValueError:
        return ""
    return found.isoformat() if FIRST <= found <= LAST else ""

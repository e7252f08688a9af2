"""What the rules of identity numbers share: the ends of a candidate, real days, words of context. Finds nothing itself.

The checks of the modules identity_* rely on the shape that the pattern of their detector has; they look at the rest.
"""

import datetime
import re

from pipeline.insight.pii.detector import words

DIGIT, LETTER = "[0-9]", "[A-Za-z]"
GAP = r"[ \t]?\n?[ \t]?"  # within a long number: nothing, a space, the end of a line

# A candidate is never cut out of a longer run: of characters, of parts joined by hyphens, of a decimal or an amount.
# The first character is read before what stands in front of it, so that the search skips to such characters.
_NO_PART = "A-Za-z0-9_À-ɏ"
_END = rf"(?![{_NO_PART}])(?!-[A-Za-z0-9])(?![.,/][0-9])"


def number(first: str, rest: str, *, lone: bool = False) -> re.Pattern[str]:
    """The pattern of a number by the class of its first character and what follows. `lone`: no digits a space away."""
    start = rf"(?<![+$€£{_NO_PART}]{first})(?<![A-Za-z0-9]-{first})(?<![0-9][.,/]{first})"
    if lone:
        return re.compile(rf"{first}{start}(?<![0-9] {first})(?:{rest}){_END}(?! [0-9])", re.ASCII)
    return re.compile(rf"{first}{start}(?:{rest}){_END}", re.ASCII)


# Words of many countries. A number of one with its check digit right is personal also where a text is in English.
NATIONAL = (
    r"national[ -](?:id|identity|identification|insurance)", r"identity (?:card|number|no)", "social security",
    r"personal (?:id|identity|identification)(?: number| no| code)?",
)  # fmt: skip
TAX = (r"tax(?:payer)?(?:['’]s)?[ -](?:id|identification|identity|number|no|reference|code)", "tin", "vat")


def near(*whole: str, anywhere: str = "") -> re.Pattern[str]:
    """Words of context, met whole; and those `anywhere`, of scripts that put no space between words."""
    pattern = words(*whole)
    return re.compile(f"{pattern.pattern}|{anywhere}", re.IGNORECASE) if anywhere else pattern


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day."""
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def is_day_of_any_century(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day in the 20th or 21st century; the year is of two digits."""
    return is_day(2000 + year, month, day) or is_day(1900 + year, month, day)


def pairs(digits: str) -> tuple[int, int, int]:
    """The first six digits as three numbers."""
    return int(digits[:2]), int(digits[2:4]), int(digits[4:6])

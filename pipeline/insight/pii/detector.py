"""One way to find one kind of personal data, as a row of a table: a pattern, a check, and words that stand near it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[str], bool]

# How far words of context may stand: on the same line or the one before, as in forms and tables.
CONTEXT_BEFORE, CONTEXT_AFTER = 64, 24  # characters


@dataclass(frozen=True, slots=True)
class Detector:
    """`pattern` finds candidates in plain text (plain.py); what its group `value` matches, else all of it, is meant.

    `check` is given the candidate without spaces, dots, hyphens and slashes, in upper case, and says whether it can be
    one. `alone` is the score of a candidate without words of `context` near it, 0: it is none; `in_context` the score
    with them. Scores are of 0 to 1: how likely such a candidate is what it seems in business text.
    A page without any character of `needs` is not looked through, with `has_digits` only what stands near digits, or
    stars that hide some. `raw`: separators say something, so that the check
    reads the candidate as it stands.
    """

    name: str
    kind: str  # a PersonalKind, or a name of the configuration
    pattern: re.Pattern[str]
    check: Check | None = None
    alone: float = 0.0
    in_context: float = 0.95
    context: re.Pattern[str] | None = None
    needs: str = ""
    raw: bool = False
    has_digits: bool = True

    @property
    def group(self) -> str | int:
        """The group of the pattern that is meant."""
        return "value" if "value" in self.pattern.groupindex else 0

    def score(self, text: str, start: int, end: int) -> float:
        """How likely text[start:end], a candidate that passed `check`, is what it seems. 0: it is none."""
        if self.context is None:
            return max(self.alone, self.in_context)
        if self.context.search(text, max(0, start - CONTEXT_BEFORE), start):
            return self.in_context
        return self.in_context if self.context.search(text, end, end + CONTEXT_AFTER) else self.alone


def words(*given: str) -> re.Pattern[str]:
    """A pattern of words of context, of which one must be met whole. A word may be a regular expression."""
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(given)})(?![^\W\d_])", re.IGNORECASE)


def compact(candidate: str) -> str:
    """A candidate as checks read it: without separators, in upper case."""
    return candidate.translate(_SEPARATORS).upper()


_SEPARATORS = dict.fromkeys(map(ord, " \t\n.-/"))

"""Patterns of the configuration as detectors. RE2 runs them in linear time, so that none of them can be made slow.

RE2 (google-re2): https://github.com/google/re2/wiki/WhyRE2
"""

import re
from typing import cast

from pipeline.config import PersonalPattern
from pipeline.insight.pii.detector import Detector, words

_ALONE, _IN_CONTEXT = 0.9, 0.95


def detector(given: PersonalPattern) -> Detector:
    """A detector of one's own; with words of context it finds only what stands near one of them."""
    import re2  # noqa: PLC0415 - only who configures patterns needs it

    return Detector(
        given.name,
        given.name,
        cast("re.Pattern[str]", re2.compile(given.pattern)),  # it has what is used of one: finditer, groupindex
        alone=0.0 if given.context else _ALONE,
        in_context=_IN_CONTEXT,
        has_digits=False,
        context=words(*map(re.escape, given.context)) if given.context else None,
    )

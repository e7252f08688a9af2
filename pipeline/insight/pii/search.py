"""Looks for personal data in the text of a page: where it stands, of what kind it is, and how sure that is."""

import re
from collections.abc import Iterator, Sequence

from pipeline.datatypes import Finding
from pipeline.insight.pii.detector import Detector, compact
from pipeline.insight.pii.plain import Plain, plain

MIN_SCORE = 0.5
Span = tuple[int, int]

_DIGITS = re.compile(r"[0-9*][0-9*., /-]{0,40}")
_REACH = (
    160  # characters: an address may begin or end as far from its nearest digit, and so may what a number is called
)


def find(page: int, text: str, detectors: Sequence[Detector]) -> tuple[Finding, ...]:
    """All findings on a page, by place; of two that overlap the surer, then the longer one is kept.

    O(characters) for each detector, whatever the text: patterns are bounded at both ends.
    """
    read = plain(text)
    present = {character for character in "@.:-=°" if character in read.text}
    whole, near_digits = [(0, len(read.text))], _near_digits(read.text)
    found = [
        finding
        for detector in detectors
        if not detector.needs or not present.isdisjoint(detector.needs)
        for finding in _by(detector, page, read, near_digits if detector.has_digits else whole)
    ]
    return tuple(sorted(_apart(found), key=lambda one: one.start))


def _near_digits(text: str) -> list[Span]:
    """The stretches of a text in which a number may be meant, with the words around: most of a contract is left out.

    They begin and end at spaces, so that no word or number is cut.
    """
    stretches: list[Span] = []
    for digits in _DIGITS.finditer(text):
        if stretches and digits.end() < stretches[-1][1]:
            continue
        start, end = digits.start() - _REACH, digits.end() + _REACH
        start = 0 if start <= 0 else max(0, text.rfind(" ", 0, start))
        space = text.find(" ", end)
        end = len(text) if space < 0 else space
        if stretches and start <= stretches[-1][1]:
            start = stretches.pop()[0]
        stretches.append((start, end))
    return stretches


def _by(detector: Detector, page: int, read: Plain, stretches: Sequence[Span]) -> Iterator[Finding]:
    for match in (match for stretch in stretches for match in detector.pattern.finditer(read.text, *stretch)):
        start, end = match.span(detector.group)
        value = read.text[start:end].rstrip()
        end = start + len(value)
        if start == end:  # a pattern of the configuration may match nothing
            continue
        if detector.check is None or detector.check(value if detector.raw else compact(value)):
            score = detector.score(read.text, start, end)
            if score >= MIN_SCORE:
                place = read.place(start, end)
                yield Finding(detector.kind, page, *place, score, detector.name)


def _apart(found: Sequence[Finding]) -> list[Finding]:
    """Those that are left when of each two that overlap one goes."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: (-one.score, one.start - one.end, one.start, one.detector)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return kept

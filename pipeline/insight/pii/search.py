"""Looks for personal data in the text of a page: where it stands, of what kind it is, and how sure that is."""

from collections.abc import Iterator, Sequence

from pipeline.datatypes import Finding
from pipeline.insight.pii.detector import Detector, compact
from pipeline.insight.pii.plain import Plain, plain

MIN_SCORE = 0.5


def find(page: int, text: str, detectors: Sequence[Detector]) -> tuple[Finding, ...]:
    """All findings on a page, by place; of two that overlap the surer, then the longer one is kept.

    O(characters) for each detector, whatever the text: patterns are bounded at both ends.
    """
    read = plain(text)
    present = {character for character in "@.:-=°" if character in read.text}
    found = [
        finding
        for detector in detectors
        if not detector.needs or not present.isdisjoint(detector.needs)
        for finding in _by(detector, page, read)
    ]
    return tuple(sorted(_apart(found), key=lambda one: one.start))


def _by(detector: Detector, page: int, read: Plain) -> Iterator[Finding]:
    for match in detector.pattern.finditer(read.text):
        start, end = match.span(detector.group)
        value = read.text[start:end]
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

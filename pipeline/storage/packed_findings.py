"""The findings of a page as a few bytes each, and back. Pure."""

import zlib
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.datatypes import Finding

_FIELDS = 5  # of each finding: start behind the one before, length, kind, detector, score in thousandths


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """The findings of a page: their words, each once, and five numbers for each finding."""

    words: list[str]
    numbers: list[int]


def packed(found: Sequence[Finding]) -> bytes:
    """The findings of one page, by place, as they are kept."""
    words = sorted({word for one in found for word in (str(one.kind), one.detector)})
    place = {word: number for number, word in enumerate(words)}
    numbers: list[int] = []
    before = 0
    for one in found:
        score = round(one.score * 1000)
        numbers += [one.start - before, one.end - one.start, place[str(one.kind)], place[one.detector], score]
        before = one.start
    return zlib.compress(msgspec.msgpack.encode(_Packed(words, numbers)))


def unpacked(page: int, content: bytes) -> Iterator[Finding]:
    """The findings of a page, by place, of what is kept."""
    kept = msgspec.msgpack.decode(zlib.decompress(content), type=_Packed)
    start = 0
    for behind, length, kind, detector, score in zip(*[iter(kept.numbers)] * _FIELDS, strict=True):
        start += behind
        yield Finding(kept.words[kind], page, start, start + length, score / 1000, kept.words[detector])

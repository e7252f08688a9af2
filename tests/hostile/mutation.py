"""Damages documents in ways that depend on a seed only: the same seed gives the same file, on every machine."""

import random
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(rb"/(Length|Size|Count|N|First|Predictor|Columns|Prev|W|V|R|Rows|Width|Height)\s+\d+")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_WORD = re.compile(rb"/[A-Za-z]{1,20}|\b(?:obj|endobj|stream|endstream|xref|trailer|startxref|R|true|false|null)\b")
_TAG = re.compile(rb"</?[a-zA-Z][^>]{0,40}>?|&\w{1,8};?|[#*`_>|-]{1,3}")
_ABSURD = (0, 1, -1, 2, 16, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**63, 2**64, 10**30)
_MOST_CHANGES = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A sound document to be damaged."""

    suffix: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mutant:
    """What came of a sample; `seed` and `number` give it again."""

    seed: int
    number: int
    suffix: str
    content: bytes


def mutant(seed: int, number: int, samples: Sequence[Sample]) -> Mutant:
    """The mutant of this number: one of the samples, changed one to four times."""
    chance = random.Random(f"{seed}/{number}")
    sample = chance.choice(samples)
    partners = [other.content for other in samples if other.suffix == sample.suffix]
    changes = _OF_PDF if sample.suffix == ".pdf" else _OF_TEXT
    content = sample.content
    for _ in range(chance.randint(1, _MOST_CHANGES)):
        content = chance.choice(changes)(chance, content, chance.choice(partners))
    return Mutant(seed, number, sample.suffix, content)


def flipped_bits(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Up to 16 bits turned over."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 16)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def run_of_bytes(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """A stretch overwritten with one byte, or with noise."""
    start, end = _stretch(chance, data)
    filler = chance.randbytes(end - start) if chance.random() < 0.5 else bytes([chance.randrange(256)]) * (end - start)
    return data[:start] + filler + data[end:]


def without_a_part(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """A stretch cut out."""
    start, end = _stretch(chance, data)
    return data[:start] + data[end:]


def with_a_part_twice(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """A stretch repeated, now and then many times."""
    start, end = _stretch(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 1, 1, 2, 50)) + data[end:]


def with_a_part_of_another(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A stretch replaced by one of another document."""
    start, end = _stretch(chance, data)
    from_start, from_end = _stretch(chance, other)
    return data[:start] + other[from_start:from_end] + data[end:]


def truncated(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """The beginning only, or the end only."""
    at = chance.randrange(len(data) + 1)
    return data[:at] if chance.random() < 0.7 else data[at:]


def inflated_number(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """A length, size or count that is absurd."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return flipped_bits(chance, data, data)
    one = chance.choice(found)
    return data[: one.start()] + b"/%b %d" % (one[1], chance.choice(_ABSURD)) + data[one.end() :]


def replaced_word(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A name or keyword of PDF replaced by another."""
    return _replaced(chance, _WORD, data, other)


def replaced_tag(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A tag, entity or mark replaced by another."""
    return _replaced(chance, _TAG, data, other)


def spliced_stream(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """The content of a stream replaced by that of another document's, packed anew half of the time."""
    ours, theirs = list(_STREAM.finditer(data)), list(_STREAM.finditer(other))
    if not ours or not theirs:
        return without_a_part(chance, data, other)
    place, content = chance.choice(ours), chance.choice(theirs)[1]
    return (
        data[: place.start(1)] + (zlib.compress(content) if chance.random() < 0.5 else content) + data[place.end(1) :]
    )


def damaged_within_a_stream(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """What a compressed stream holds, damaged and packed again: damage that decompression does not hide."""
    packed = [one for one in _STREAM.finditer(data) if one[1][:1] == b"\x78"]
    if not packed:
        return flipped_bits(chance, data, other)
    one = chance.choice(packed)
    try:
        content = zlib.decompress(one[1])
    except zlib.error:
        return flipped_bits(chance, data, other)
    inner = chance.choice((flipped_bits, run_of_bytes, without_a_part, with_a_part_twice, replaced_word))
    return data[: one.start(1)] + zlib.compress(inner(chance, content, content)) + data[one.end(1) :]


Change = Callable[[random.Random, bytes, bytes], bytes]
_ANY: tuple[Change, ...] = (
    flipped_bits, run_of_bytes, without_a_part, with_a_part_twice, with_a_part_of_another, truncated,
)  # fmt: skip
_OF_PDF: tuple[Change, ...] = (*_ANY, inflated_number, replaced_word, spliced_stream, damaged_within_a_stream)
_OF_TEXT: tuple[Change, ...] = (*_ANY, replaced_tag)


def _stretch(chance: random.Random, data: bytes) -> tuple[int, int]:
    """A piece of the data, mostly short."""
    start = chance.randrange(len(data) + 1)
    length = min(int(2 ** chance.uniform(0, 14)), len(data) - start)
    return start, start + length


def _replaced(chance: random.Random, pattern: re.Pattern[bytes], data: bytes, other: bytes) -> bytes:
    ours, theirs = list(pattern.finditer(data)), list(pattern.finditer(other))
    if not ours or not theirs:
        return flipped_bits(chance, data, other)
    place = chance.choice(ours)
    return data[: place.start()] + chance.choice(theirs)[0] + data[place.end() :]

"""Streams of compressed bytes: whole when they are sound, given up when they are broken, cut off or bombs."""

import bz2
import gzip
import io
import lzma
import random
import zlib
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import PIECE_BYTES
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import (
    MOST_RATIO,
    Inflate,
    blocks_of,
    compression_of,
    split_off,
    unpacked,
    unpacked_file,
)
from tests.parsing.support import CAREFUL

TEXT = b"The tenant pays rent by the third of each month.\n" * 40
NOISE = random.Random(7).randbytes(300_000)
WAYS = pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
Pack = Callable[[bytes], bytes]


def whole(data: bytes) -> bytes:
    compression = compression_of(data)
    assert compression is not None
    blocks = list(unpacked_file(io.BytesIO(data), compression))
    assert all(0 < len(block) <= PIECE_BYTES for block in blocks)
    return b"".join(blocks)


def refused(blocks: Iterable[bytes]) -> tuple[int, Code]:
    """How many bytes came before it ended, and why it did."""
    size = 0
    with pytest.raises(ReadingEnded) as end:
        for block in blocks:
            size += len(block)
    return size, end.value.code


@WAYS
def test_what_was_packed_comes_out_again(pack: Pack) -> None:
    for content in (b"", b"x", TEXT, NOISE):
        assert whole(pack(content)) == content


@WAYS
def test_streams_that_follow_each_other_are_one_file(pack: Pack) -> None:
    assert whole(pack(TEXT) + pack(b"and more") + pack(NOISE)) == TEXT + b"and more" + NOISE


@WAYS
def test_padding_and_bytes_without_meaning_behind_the_stream_do_no_harm(pack: Pack) -> None:
    assert whole(pack(TEXT) + bytes(70_000)) == TEXT
    assert whole(pack(TEXT) + bytes(5000) + pack(TEXT)) == TEXT + TEXT
    assert whole(pack(TEXT) + b"something else, longer than any signature") == TEXT


@WAYS
def test_a_stream_that_is_cut_off_is_damaged(pack: Pack) -> None:
    packed = pack(TEXT)
    for length in range(12, len(packed) - 1, 7):
        compression = compression_of(packed)
        assert compression is not None
        assert refused(unpacked_file(io.BytesIO(packed[:length]), compression))[1] is Code.STRUCTURE_DAMAGED


@WAYS
@CAREFUL
@given(at=st.floats(0.1, 0.99), to=st.integers(0, 255))
def test_a_stream_with_a_changed_byte_is_damaged_or_the_same(pack: Pack, at: float, to: int) -> None:
    packed = bytearray(pack(TEXT))
    packed[int(at * len(packed))] = to
    compression = compression_of(bytes(packed))
    assert compression is not None
    try:
        assert b"".join(unpacked_file(io.BytesIO(bytes(packed)), compression)) == TEXT
    except ReadingEnded as end:
        assert end.code is Code.STRUCTURE_DAMAGED


@pytest.mark.parametrize("content", [bytes(3 << 20), b"ab" * (3 << 18)], ids=["zeros", "letters"])
@WAYS
def test_a_bomb_is_given_up_soon_behind_what_is_free(pack: Pack, content: bytes) -> None:
    packed = pack(content)
    assert len(content) > MOST_RATIO * len(packed)
    compression = compression_of(packed)
    assert compression is not None
    size, code = refused(unpacked_file(io.BytesIO(packed), compression))
    assert code is Code.READER_LIMIT
    assert size <= MOST_RATIO * len(packed) + PIECE_BYTES


def test_many_small_streams_are_no_way_around_the_limit() -> None:
    compression = compression_of(bz2.compress(b""))
    assert compression is not None
    packed = bz2.compress(bytes(900_000)) * 30  # 45 bytes each
    size, code = refused(unpacked_file(io.BytesIO(packed), compression))
    assert (size, code) == (900_000, Code.READER_LIMIT)


def test_xz_that_asks_for_more_memory_than_there_should_be_is_not_unpacked() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(b"text", check=lzma.CHECK_NONE, filters=filters))
    packed[16] = 38  # a dictionary of 2 GiB, in the header of the block
    packed[20:24] = zlib.crc32(packed[12:20]).to_bytes(4, "little")
    compression = compression_of(bytes(packed))
    assert compression is not None
    assert refused(unpacked_file(io.BytesIO(bytes(packed)), compression)) == (0, Code.READER_LIMIT)


@pytest.mark.parametrize(
    "head", [b"", b"\x1f\x8b", b"BZh", b"BZh is a word", b"BZh91AY is one too", b"\xfd7zXZ", b"PK\x03\x04"]
)
def test_other_beginnings_are_no_compression(head: bytes) -> None:
    assert compression_of(head) is None


def test_bare_deflate_ends_where_its_stream_does() -> None:
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packing.compress(TEXT) + packing.flush()
    assert b"".join(unpacked(iter([packed[:5], packed[5:], b"behind"]), Inflate(-15))) == TEXT
    assert refused(unpacked(iter([packed[:5]]), Inflate(-15)))[1] is Code.STRUCTURE_DAMAGED
    assert refused(unpacked(iter(()), Inflate(-15))) == (0, Code.STRUCTURE_DAMAGED)


@CAREFUL
@given(st.lists(st.binary(max_size=5), max_size=8), st.integers(0, 30))
def test_splitting_off_loses_nothing(blocks: list[bytes], length: int) -> None:
    joined = b"".join(blocks)
    head, rest = split_off(iter(blocks), length)
    assert (head, b"".join(rest)) == (joined[:length], joined[length:])


@pytest.mark.parametrize(("start", "size"), [(0, None), (10, None), (10, 100_000), (0, 0), (299_990, 50), (400_000, 5)])
def test_a_stretch_of_a_file_comes_in_blocks(start: int, size: int | None) -> None:
    content = NOISE[:300_000]
    expected = content[start:] if size is None else content[start : start + size]
    assert b"".join(blocks_of(io.BytesIO(content), start, size)) == expected

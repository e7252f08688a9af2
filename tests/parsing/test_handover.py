"""Members are announced only when they seem sound, and the pieces end where the content does."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing import effort, handover
from pipeline.parsing.handover import begin, hand_out, pieces
from pipeline.parsing.protocol import Member, Piece
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Blocks
from tests.parsing.support import CAREFUL

MEBIBYTE = bytes(1 << 20)


def broken_after(*blocks: bytes) -> Blocks:
    yield from blocks
    raise ReadingEnded(Code.STRUCTURE_DAMAGED)


@CAREFUL
@given(st.lists(st.binary(max_size=4), max_size=6))
def test_small_blocks_are_one_piece(blocks: list[bytes]) -> None:
    assert list(pieces(iter(blocks))) == [Piece(b"".join(blocks), last=True)]


def test_large_content_is_in_pieces_as_large_as_may_be_of_which_the_last_says_so() -> None:
    found = list(pieces(iter([b"a" * 700_000, b"b" * 300_000, b"c" * 700_000, b"d" * (1 << 20)])))
    assert [(piece.content[:1], len(piece.content), piece.last) for piece in found] == [
        (b"a", 1_000_000, False),
        (b"c", 700_000, False),
        (b"d", 1 << 20, True),
    ]


def test_a_sound_member_is_handed_out_whole_and_its_size_returned() -> None:
    given_out = []
    handing = hand_out(3, "a.txt", begin(iter([b"one", b"two"]), 100, 60))
    try:
        while True:
            given_out.append(next(handing))
    except StopIteration as end:
        assert end.value == 6
    assert given_out == [Member(3, "a.txt"), Piece(b"onetwo", last=True)]


def test_what_breaks_within_the_first_mebibytes_is_never_announced() -> None:
    with pytest.raises(ReadingEnded) as end:
        begin(broken_after(b"one"), 100, 60)
    assert end.value.code is Code.STRUCTURE_DAMAGED


def test_what_breaks_later_ends_the_answer() -> None:
    begun = begin(broken_after(*[MEBIBYTE] * 9), 100 << 20, 60)
    handing = hand_out(1, "a.bin", begun)
    assert next(handing) == Member(1, "a.bin")
    with pytest.raises(ReadingEnded):
        for _ in handing:
            pass


def test_what_is_larger_than_allowed_is_not_announced() -> None:
    assert b"".join(begin(iter([b"12345"]), 5, 60).ahead) == b"12345"
    with pytest.raises(ReadingEnded) as end:
        begin(iter([b"12345", b"6"]), 5, 60)
    assert end.value.code is Code.MEMBER_LIMIT


def test_no_more_than_some_mebibytes_are_held_in_memory() -> None:
    asked: list[int] = []

    def endless() -> Blocks:
        while True:
            asked.append(1)
            yield MEBIBYTE

    begin(endless(), 1 << 40, 60)
    assert len(asked) == 8


def test_what_comes_slowly_is_announced_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undoing ZipCrypto takes a second for each mebibyte."""
    clock = iter(range(100))
    monkeypatch.setattr(time, "process_time", lambda: float(next(clock)))
    assert len(begin(iter([b"x"] * 50), 100, 8).ahead) == 3


def exhausted(cpu_s: float) -> contextlib.AbstractContextManager[None]:
    """As effort.at_most, when the time is used up at once."""
    raise effort.Exhausted


def test_what_computes_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = begin(iter([MEBIBYTE] * 12), 100 << 20, 60)
    monkeypatch.setattr(handover, "at_most", exhausted)
    with pytest.raises(ReadingEnded) as end:
        next(begun.rest)
    assert end.value.code is Code.READER_LIMIT
    with pytest.raises(ReadingEnded) as end:
        begin(iter([b"x"]), 100, 60)
    assert end.value.code is Code.READER_LIMIT

"""Single files that were packed: what was packed is a document of its own, under its name where that is kept."""

import bz2
import gzip
import io
import lzma
import random
from collections.abc import Callable
from typing import ClassVar

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from tests.parsing.contract import ParserContract
from tests.parsing.support import MEMBERS, frames, members, members_and_end

LETTER = b"Dear Ada,\n\nthe keys lie at 14 Linden Lane.\n"


def named(name: str, content: bytes = LETTER, before: bytes = b"") -> bytes:
    """A file as gzip writes it; `before` is an extra field."""
    made = io.BytesIO()
    with gzip.GzipFile(name, "wb", 9, made, mtime=0) as target:
        target.write(content)
    packed = made.getvalue()
    if not before:
        return packed
    field = len(before).to_bytes(2, "little") + before
    return packed[:3] + bytes([packed[3] | 4]) + packed[4:10] + field + packed[10:]


class TestGzip(ParserContract):
    format = "compressed"
    suffix = ".gz"
    member_count = 1
    golden: ClassVar[tuple[str, ...]] = ("letter.txt",)
    sample = named("letter.txt")

    def test_the_file_within_is_a_member(self) -> None:
        assert members_and_end(self.sample, ".gz") == ([(Member(1, "letter.txt"), LETTER)], None)

    def test_behind_it_there_is_none(self) -> None:
        assert members_and_end(self.sample, ".gz", msgspec.structs.replace(MEMBERS, first_page=2)) == ([], None)


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, gzip.compress])
def test_where_no_name_is_kept_the_content_is_named_so(pack: Callable[[bytes], bytes]) -> None:
    assert frames(pack(LETTER), ".bz2") == [Opened("compressed", 1, 1), Page(1, "content"), Finished()]
    assert members(pack(LETTER), ".bz2") == [(Member(1, "content"), LETTER)]


@pytest.mark.parametrize(
    ("packed", "name"),
    [
        (named("../../etc/letter.txt"), "letter.txt"),
        (named("Übergabe.txt"), "Übergabe.txt"),
        (named("letter.txt", before=b"AB\x02\x00xy"), "letter.txt"),
        (named("x" * 2000), "content"),
    ],
)
def test_the_name_is_for_people(packed: bytes, name: str) -> None:
    assert members(packed, ".gz") == [(Member(1, name), LETTER)]


def test_a_large_file_comes_in_pieces() -> None:
    content = random.Random(3).randbytes(9 << 20)
    assert members(gzip.compress(content, 1), ".gz") == [(Member(1, "content"), content)]


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, gzip.compress])
def test_a_broken_file_is_named_as_such(pack: Callable[[bytes], bytes]) -> None:
    assert members(pack(LETTER)[:-9], ".gz") == [(Member(1, "content", Code.STRUCTURE_DAMAGED), b"")]


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, gzip.compress])
def test_a_bomb_is_named_as_such(pack: Callable[[bytes], bytes]) -> None:
    assert members(pack(bytes(9 << 20)), ".gz") == [(Member(1, "content", Code.READER_LIMIT), b"")]


def test_what_is_larger_than_allowed_is_named_as_such() -> None:
    small = msgspec.structs.replace(MEMBERS, max_member_bytes=20)
    assert members(named("letter.txt"), ".gz", small) == [(Member(1, "letter.txt", Code.MEMBER_LIMIT), b"")]

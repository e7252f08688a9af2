"""Files that were signed as a whole: the file within is a document of its own."""

import base64
from typing import ClassVar

import pytest

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member
from tests.parsing.contract import ParserContract
from tests.parsing.readers.test_cms import TEXT, der, enveloped, signed, streamed
from tests.parsing.support import frames, members, members_and_end


class TestSigned(ParserContract):
    format = "p7m"
    suffix = ".p7m"
    member_count = 1
    golden: ClassVar[tuple[str, ...]] = ("content",)
    sample = signed(TEXT)

    def test_the_file_within_is_a_member(self) -> None:
        assert members_and_end(self.sample, ".p7m") == ([(Member(1, "content"), TEXT)], None)


@pytest.mark.parametrize(
    "data",
    [
        streamed(TEXT[:9], TEXT[9:]),
        base64.encodebytes(signed(TEXT)),
        b"-----BEGIN PKCS7-----\n" + base64.encodebytes(signed(TEXT)) + b"-----END PKCS7-----\n",
    ],
)
def test_it_is_read_in_each_form(data: bytes) -> None:
    assert members(data, ".p7m") == [(Member(1, "content"), TEXT)]


def test_a_large_file_comes_in_pieces() -> None:
    assert members(signed(TEXT * 50_000), ".p7m") == [(Member(1, "content"), TEXT * 50_000)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (enveloped(), Code.ENCRYPTION_UNKNOWN),
        (signed(TEXT)[:40], Code.FORMAT_NOT_READ),
        (der(0x30, bytes.fromhex("06092a864886f70d010701"), der(0xA0)), Code.FORMAT_NOT_READ),
        (b"words", Code.STRUCTURE_DAMAGED),
    ],
)
def test_what_gives_no_file_says_why(data: bytes, code: Code) -> None:
    assert frames(data, ".p7m") == [Finished(code)]
    assert members_and_end(data, ".p7m") == ([], code)

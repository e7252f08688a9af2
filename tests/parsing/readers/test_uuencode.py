"""Files in the text of a mail, from before there were parts: they are attachments, and the words stay a text."""

import binascii
import random
import time

import pytest

from pipeline.parsing.protocol import Member
from pipeline.parsing.readers.uuencode import Stretch, decoded, stretches
from tests.parsing.support import frames, members, texts

CONTENT = random.Random(4).randbytes(5000)


def encoded(content: bytes, name: str = "plan.bin", end: bytes = b"\n") -> bytes:
    """As uuencode(1) writes it."""
    lines = [binascii.b2a_uu(content[at : at + 45], backtick=True) for at in range(0, len(content), 45)]
    return b"".join([b"begin 644 %b\n" % name.encode(), *lines, b"`\nend\n"]).replace(b"\n", end)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_file_between_words_is_an_attachment(end: bytes) -> None:
    source = (
        b"From: a\nTo: b\nSubject: plan\n\nHere it is:\n\n"
        + encoded(CONTENT, end=end)
        + b"\nAda\n"
        + encoded(b"x", "b.txt")
    )
    assert texts(frames(source, ".eml")) == [
        "From: a\nTo: b\nSubject: plan\nAttachments: plan.bin, b.txt\n\nHere it is:\n\nAda"
    ]
    assert members(source, ".eml") == [(Member(1, "plan.bin"), CONTENT), (Member(2, "b.txt"), b"x")]


def test_a_mail_that_is_only_a_file_has_no_body() -> None:
    source = b"From: a\n\n" + encoded(CONTENT, 'my "plan".bin')
    assert texts(frames(source, ".eml")) == ["From: a\nAttachments: my 'plan'.bin"]
    assert members(source, ".eml") == [(Member(1, "my 'plan'.bin"), CONTENT)]


@pytest.mark.parametrize(
    "words",
    [
        b"begin 644 the work\nas soon as you can\nend\n",
        b"begin 644 PLAN\nM IS SHORT\nend\n",
        b"we begin 644 plan.bin\n" + encoded(CONTENT)[21:],
        encoded(CONTENT).removesuffix(b"end\n"),
        b"begin here\nend\n",
    ],
)
def test_words_that_resemble_a_file_stay_words(words: bytes) -> None:
    found = stretches(words, 0, len(words))
    assert not any(one.name for one in found)
    assert b"".join(words[one.start : one.end] for one in found) == words


def test_spaces_at_the_ends_of_lines_make_no_difference() -> None:
    lines = encoded(CONTENT).replace(b"`", b" ").split(b"\n")
    for changed in (b"\n".join(line.rstrip() for line in lines), b"\n".join(line + b" " for line in lines)):
        assert b"".join(decoded(iter([changed]))) == CONTENT


def test_lines_that_are_none_are_passed_over() -> None:
    assert b"".join(decoded(iter([b"begin 644 a\n\xff\xff\n\n" + binascii.b2a_uu(b"text")]))).endswith(b"text")


def test_where_files_lie_is_found() -> None:
    source = b"ab" + encoded(b"x", "n") + b"cd"
    assert stretches(source, 0, len(source)) == [Stretch(0, len(source))]  # no line begins there
    source = b"a\n" + encoded(b"x", "n") + b"cd"
    assert stretches(source, 0, len(source)) == [
        Stretch(0, 2), Stretch(2, len(source) - 2, "n"), Stretch(len(source) - 2, len(source)),
    ]  # fmt: skip


@pytest.mark.parametrize("line", [b"begin 644 a\n", b"begin 644 a\n#>'AX\n", b"begin 644 a\n#>'AX\nend\n", b"end\n"])
def test_files_without_number_take_no_time(line: bytes) -> None:
    started = time.process_time()
    stretches(line * 15_000, 0, len(line) * 15_000)
    assert time.process_time() - started < 3

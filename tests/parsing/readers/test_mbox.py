"""Mailboxes: a line for each mail, and each mail as it was before it came into the mailbox."""

from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import PIECE_BYTES, Finished, Member, Opened, Page
from pipeline.parsing.readers import mbox
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, MEMBERS, frames, members, members_and_end, texts

BETWEEN = b"From ada@example.org Mon May  6 09:00:00 2024\n"
FIRST = b"From: Ada <ada@example.org>\nDate: Mon, 6 May 2024\nSubject: =?utf-8?q?Schl=C3=BCssel?=\n\nDear tenant,\n"
SECOND = b"From: b@example.org\nDate: Tue, 7 May 2024\nSubject: Re: keys 3/24\n\nthank you.\n"


class TestMbox(ParserContract):
    format = "mbox"
    suffix = ".mbox"
    member_count = 2
    golden: ClassVar[tuple[str, ...]] = (
        "Mon, 6 May 2024\tAda <ada@example.org>\tSchlüssel\nTue, 7 May 2024\tb@example.org\tRe: keys 3/24",
    )
    sample = BETWEEN + FIRST + b"\n" + BETWEEN + SECOND + b"\n"

    def test_each_mail_is_a_member_named_by_its_subject(self) -> None:
        assert members_and_end(self.sample, ".mbox") == (
            [
                (Member(1, "0001 Schlüssel.eml"), FIRST + b"\n"),
                (Member(2, "0002 Re: keys 3-24.eml"), SECOND + b"\n"),
            ],
            None,
        )

    def test_taking_out_resumes_at_any_member(self) -> None:
        from_second = msgspec.structs.replace(MEMBERS, first_page=2)
        assert members(self.sample, ".mbox", from_second) == [(Member(2, "0002 Re: keys 3-24.eml"), SECOND + b"\n")]

    @CAREFUL
    @given(st.lists(st.sampled_from([BETWEEN, b"\n", b"\r\n", FIRST, b"text\n", b"From x\n", b">From y\n"])))
    def test_nothing_but_the_lines_between_is_lost(self, lines: list[bytes]) -> None:
        source = self.sample + b"".join(lines)
        taken, end = members_and_end(source, ".mbox")
        answer = frames(source, ".mbox")
        assert isinstance(answer[0], Opened)
        assert (len(taken), end) == (answer[0].member_count, None)
        kept = b"".join(content for _, content in taken)
        lost = source.replace(b">From y", b"From y").count(BETWEEN) - kept.count(BETWEEN)
        assert lost == len(taken)
        assert len(kept) == len(source) - lost * len(BETWEEN) - source.count(b">From y")


def contents(source: bytes) -> list[bytes]:
    return [content for _, content in members(source, ".mbox")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mails_are_parted_with_and_without_empty_lines_between(end: bytes) -> None:
    for between in (b"", b"\n", b"\n\n"):
        source = (BETWEEN + FIRST + between + BETWEEN + SECOND).replace(b"\n", end)
        assert contents(source) == [(FIRST + between).replace(b"\n", end), SECOND.replace(b"\n", end)]


@pytest.mark.parametrize(
    "line",
    [
        b"From now on, it holds.\n",
        b"From ada@example.org Mon May  6 09:00:00 2024\nis how such a line begins.\n",
        b"\nFrom ada@example.org Mon May  6 09:00:00 2024\nis how such a line begins.\n",
        b"x" * 5000 + b"From ada@example.org Mon May  6 09:00:00 2024\nTo: b\n",
    ],
)
def test_a_line_of_a_text_ends_no_mail(line: bytes) -> None:
    assert contents(BETWEEN + FIRST + line + b"\n" + BETWEEN + SECOND) == [FIRST + line + b"\n", SECOND]


def test_lines_that_were_quoted_for_the_mailbox_are_not_any_more() -> None:
    text = b">From here\n>>From there\n> From quoted\nx >From\n"
    assert contents(BETWEEN + FIRST + text) == [FIRST + b"From here\n>From there\n> From quoted\nx >From\n"]


def test_what_stands_before_the_first_line_between_is_a_mail() -> None:
    assert contents(b"some words\n\n" + BETWEEN + SECOND) == [b"some words\n\n", SECOND]
    assert contents(b"\n\r\n" + BETWEEN + SECOND) == [SECOND]


def test_a_file_without_any_is_one_mail() -> None:
    assert contents(b"just words") == [b"just words"]
    assert frames(b"just words", ".mbox")[0] == Opened("mbox", 1, 1)


def test_a_mail_without_fields_is_listed_by_the_line_before_it() -> None:
    assert texts(frames(BETWEEN + b"\nTest content\n", ".mbox")) == [BETWEEN.decode().strip()]
    assert members(BETWEEN + b"\nTest content\n", ".mbox") == [(Member(1, "0001.eml"), b"\nTest content\n")]


@pytest.mark.parametrize("before", [b"\n", b"12\n", b"12345\n"])
def test_a_mail_longer_than_a_piece_is_given_whole(before: bytes) -> None:
    text = before + b">From a\n" * (PIECE_BYTES // 6)
    assert contents(BETWEEN + FIRST + text + BETWEEN + SECOND) == [FIRST + text.replace(b">From", b"From"), SECOND]


def test_a_line_longer_than_a_piece_is_given_whole() -> None:
    text = b"x" * (3 * PIECE_BYTES)
    assert contents(BETWEEN + FIRST + text) == [FIRST + text]


def test_marks_are_found_wherever_blocks_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.parsing import unpacking

    source = BETWEEN + FIRST + BETWEEN + SECOND + BETWEEN + FIRST
    for length in range(1, 12):
        monkeypatch.setattr(unpacking, "_READ_BYTES", length)
        assert contents(source) == [FIRST, SECOND, FIRST]


def test_a_header_longer_than_most_is_read_for_the_list() -> None:
    source = BETWEEN + b"Received: by x\n" * 2000 + FIRST
    assert texts(frames(source, ".mbox")) == ["Mon, 6 May 2024\tAda <ada@example.org>\tSchlüssel"]


def test_more_mails_than_are_looked_at_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "MAX_MAILS", 3)
    source = (BETWEEN + SECOND) * 9
    answer = frames(source, ".mbox")
    assert answer[0] == Opened("mbox", 1, 3)
    assert isinstance(answer[1], Page)
    assert (answer[1].code, answer[1].text.count("keys")) == (Code.READER_LIMIT, 3)
    assert len(contents(source)) == 3


def test_a_mail_larger_than_what_is_left_is_named_and_the_others_given() -> None:
    source = BETWEEN + SECOND + BETWEEN + FIRST + b"x" * 900 + b"\n" + BETWEEN + SECOND
    small = msgspec.structs.replace(MEMBERS, max_member_bytes=400)
    assert [member.code for member, _ in members(source, ".mbox", small)] == [None, Code.MEMBER_LIMIT, None]


def test_time_used_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.parsing.test_handover import exhausted

    monkeypatch.setattr(mbox, "at_most", exhausted)
    assert frames(BETWEEN + FIRST, ".mbox") == [Finished(Code.READER_LIMIT)]


@pytest.mark.long
def test_a_mailbox_of_150_megabytes_is_read_within_the_memory_of_a_parser(tmp_path: Path) -> None:
    import resource
    import subprocess
    import sys

    large = tmp_path / "large.mbox"
    with large.open("wb") as file:
        for _ in range(90_000):
            file.write(BETWEEN + SECOND + b"a line with some words in it\n" * 55 + b"\n")
    program = "import sys; from tests.parsing.readers.test_mbox import read_and_take; read_and_take(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", program, str(large)], check=True, capture_output=True, text=True)
    assert done.stdout == "90000 1000\n"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 400 << 10


def read_and_take(path: str) -> None:
    from tests.parsing.support import REQUEST

    with Path(path).open("rb") as file:
        opened = next(iter(mbox.read(file, REQUEST)))
        assert isinstance(opened, Opened)
        taken = 0
        for frame in mbox.members(file, MEMBERS):
            taken += isinstance(frame, Member)
            if taken == 1000:
                break
    print(opened.member_count, taken)

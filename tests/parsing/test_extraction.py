"""Members and pictures taken out by a child that lies, dies and hangs: only what keeps to its bounds is believed."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import msgspec
import pytest

from pipeline.config import ParsingConfig
from pipeline.errors import Stopped
from pipeline.outcomes import Code
from pipeline.parsing.extraction import Allowance, Extraction
from pipeline.parsing.protocol import PIECE_BYTES, Bitmap, Finished, Frame, Member, Piece
from pipeline.parsing.zygote import Launcher
from tests.parsing.script import FINISHED, LIMITS, Step, lies, page, says

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripted child looks at POSIX limits")

Taken = tuple[int, str, bytes | None, Code | None]


def member(number: int, *pieces: bytes, name: str = "") -> list[Step]:
    """A member that is as it should be."""
    whole = pieces or (f"content of {number}".encode(),)
    parts = [Piece(piece, place == len(whole)) for place, piece in enumerate(whole, 1)]
    return said(number, Member(number, name or f"{number}.txt"), *parts)


def said(number: int, *frames: Frame) -> list[Step]:
    """Frames that are left out when taking out goes on behind this number."""
    return [msgspec.structs.replace(says(frame), page=number) for frame in frames]


def members(
    launcher: Launcher,
    folder: Path,
    steps: Sequence[Step],
    count: int,
    allowance: Allowance | None = None,
    limits: ParsingConfig = LIMITS,
) -> list[Taken]:
    """What is taken out of a file that holds these steps."""
    file = folder / "document"
    file.write_bytes(msgspec.json.encode(steps))
    taken: list[Taken] = []
    with file.open("rb") as document:
        extraction = Extraction(launcher, limits, Event())
        for one in extraction.members(document.fileno(), ".txt", count, allowance or Allowance(100, 1 << 20)):
            content = None if one.content is None else os.pread(one.content, one.size_bytes + 1, 0)
            taken.append((one.number, one.name, content, one.code))
    return taken


def good(number: int) -> Taken:
    return (number, f"{number}.txt", f"content of {number}".encode(), None)


def test_members_arrive_whole_and_in_order(actors: Launcher, tmp_path: Path) -> None:
    steps = [*member(1), *member(2, b"a" * PIECE_BYTES, b"", b"b" * 10, name="two.bin"), *member(3, b""), FINISHED]
    taken = members(actors, tmp_path, steps, 3, Allowance(3, PIECE_BYTES + 100))
    assert taken == [good(1), (2, "two.bin", b"a" * PIECE_BYTES + b"b" * 10, None), (3, "3.txt", b"", None)]


def test_a_member_that_cannot_be_taken_out_says_why(actor: Launcher, tmp_path: Path) -> None:
    steps = [*said(1, Member(1, "locked.pdf", Code.PASSWORD_NEEDED)), *member(2), FINISHED]
    assert members(actor, tmp_path, steps, 2) == [(1, "locked.pdf", None, Code.PASSWORD_NEEDED), good(2)]


def test_a_child_that_dies_costs_the_member_at_which_it_did(actor: Launcher, tmp_path: Path) -> None:
    steps = [*member(1), *said(2, Member(2, "2.txt")), Step(page=2, die=True), *member(3), FINISHED]
    assert members(actor, tmp_path, steps, 3) == [good(1), (2, "2.txt", None, Code.PARSER_CRASHED), good(3)]


def test_a_child_that_hangs_costs_the_member_at_which_it_did(actor: Launcher, tmp_path: Path) -> None:
    steps = [*member(1), Step(page=2, sleep_s=60), *member(2), *member(3), FINISHED]
    limits = msgspec.structs.replace(LIMITS, page_timeout_s=2.0)
    assert members(actor, tmp_path, steps, 3, limits=limits) == [good(1), (2, "?", None, Code.PARSER_TIME), good(3)]


def test_deaths_without_end_are_not_answered_without_end(actor: Launcher, tmp_path: Path) -> None:
    steps = [Step(page=number, die=True) for number in range(1, 51)]
    taken = members(actor, tmp_path, steps, 50)
    assert 1 < len(taken) < 10
    assert {code for *_, code in taken} == {Code.PARSER_CRASHED}


BROKEN: dict[str, list[Step]] = {
    "a number that is skipped": member(2),
    "pieces without a member": [says(Piece(b"lie", True))],
    "a page": [page(1)],
    "a bitmap": [says(Bitmap(1, 1, 1, 72))],
    "a second member within one": [says(Member(1, "a")), says(Member(2, "b"))],
    "a name with an escape sequence": [says(Member(1, "a\x1b]52;c;bGll\x07")), says(Piece(b"", True))],
    "a name beyond all bounds": [says(Member(1, "a" * 256)), says(Piece(b"", True))],
    "a code that only the coordinator gives": [says(Member(1, "a", Code.FILE_UNREADABLE))],
    "more bytes than allowed": [says(Member(1, "a")), *[says(Piece(b"x" * PIECE_BYTES, False))] * 2],
    "a piece beyond all bounds": [says(Member(1, "a")), says(Piece(b"x" * (PIECE_BYTES + 1), True))],
    "an end before the last": [FINISHED],
    "an end with a reason of others": [says(Finished(Code.COMPLETE))],
    "no JSON": [lies(b"{")],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_child_that_lies_gives_no_member(actor: Launcher, tmp_path: Path, name: str) -> None:
    taken = members(actor, tmp_path, [*BROKEN[name], FINISHED], 1, Allowance(10, PIECE_BYTES + 1))
    assert [(content, code) for _, _, content, code in taken] == [(None, Code.PARSER_ANSWER_REFUSED)]


def test_what_was_taken_is_taken_off_the_allowance(actor: Launcher, tmp_path: Path) -> None:
    allowance = Allowance(3, 1000)
    members(actor, tmp_path, [*member(1, b"x" * 300), *member(2, b"y" * 200), FINISHED], 2, allowance)
    assert (allowance.members, allowance.unpacked_bytes) == (1, 500)


@pytest.mark.parametrize("allowance", [Allowance(2, 1000), Allowance(10, 32)])
def test_where_the_allowance_ends_the_last_one_says_so(actor: Launcher, tmp_path: Path, allowance: Allowance) -> None:
    steps = [*member(1, b"x" * 16), *member(2, b"y" * 16), *said(3, Finished(Code.MEMBER_LIMIT))]
    taken = members(actor, tmp_path, steps, 3, allowance)
    assert [code for *_, code in taken] == [None, None, Code.MEMBER_LIMIT]


def test_a_stop_ends_it_at_once(actor: Launcher, tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    file = tmp_path / "document"
    file.write_bytes(msgspec.json.encode([*member(1), FINISHED]))
    with file.open("rb") as document, pytest.raises(Stopped):
        list(Extraction(actor, LIMITS, stop).members(document.fileno(), "", 1, Allowance(1, 100)))


Drawn = tuple[int, int, int, bytes | None, Code | None]


def pictures(launcher: Launcher, folder: Path, steps: Sequence[Step], pages: Sequence[int]) -> list[Drawn]:
    """The pictures of a file that holds these steps."""
    file = folder / "document"
    file.write_bytes(msgspec.json.encode(steps))
    with file.open("rb") as document:
        return [
            (
                one.page, one.width, one.height,
                None if one.content is None else os.pread(one.content, 1 << 20, 0), one.code,
            )
            for one in Extraction(launcher, LIMITS, Event()).pictures(document.fileno(), ".txt", pages, 100)
        ]  # fmt: skip


def drawn(number: int, width: int = 2, height: int = 3, content: bytes = b"abcdef") -> list[Step]:
    """A picture that is as it should be."""
    return [says(Bitmap(number, width, height, 100)), says(Piece(content, True))]


def test_pictures_of_the_wanted_pages_arrive_in_order(actors: Launcher, tmp_path: Path) -> None:
    taken = pictures(actors, tmp_path, [*drawn(2), *drawn(7, 1, 1, b"z"), FINISHED], [2, 7])
    assert taken == [(2, 2, 3, b"abcdef", None), (7, 1, 1, b"z", None)]


def test_a_page_that_cannot_be_drawn_says_why(actor: Launcher, tmp_path: Path) -> None:
    steps = [says(Bitmap(2, 0, 0, 100, Code.PAGES_FAILED)), *drawn(7), FINISHED]
    assert pictures(actor, tmp_path, steps, [2, 7]) == [(2, 0, 0, None, Code.PAGES_FAILED), (7, 2, 3, b"abcdef", None)]


PICTURE_LIES: dict[str, list[Step]] = {
    "another page": drawn(3),
    "fewer bytes than it has pixels": drawn(2, content=b"abc"),
    "more bytes than it has pixels": drawn(2, content=b"abcdefg"),
    "no pixels": drawn(2, 0, 0, b""),
    "a negative size": drawn(2, -2, -3),
    "more pixels than a page can have": drawn(2, 1 << 20, 1 << 20),
    "a member": [says(Member(2, "a")), says(Piece(b"", True))],
}


@pytest.mark.parametrize("name", PICTURE_LIES)
def test_a_child_that_lies_gives_no_picture(actor: Launcher, tmp_path: Path, name: str) -> None:
    assert pictures(actor, tmp_path, [*PICTURE_LIES[name], FINISHED], [2]) == [
        (2, 0, 0, None, Code.PARSER_ANSWER_REFUSED)
    ]

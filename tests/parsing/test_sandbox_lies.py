"""Children that lie: whatever breaks its bounds is refused, and nothing makes a document seem read that was not."""

import sys
import unicodedata
from pathlib import Path

import pytest

from pipeline.datatypes import PageText
from pipeline.outcomes import Code, State
from pipeline.parsing.protocol import LENGTH, Finished, Opened, Page
from pipeline.parsing.zygote import Launcher
from tests.parsing.script import FINISHED, LIMITS, Step, lies, opened, page, play, says

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripted child looks at POSIX limits")

OVERSIZE = Step(raw=LENGTH.pack((1 << 32) - 1) + b"x" * 100_000)
LIES: dict[str, list[Step]] = {
    "a page before the opening": [page(1)],
    "two openings": [opened(2), opened(2)],
    "an unknown format": [says(Opened("exe", 1))],
    "a negative number of pages": [opened(-1)],
    "a page number that is skipped": [opened(2), page(2)],
    "a page number below one": [opened(2), says(Page(0, "lie"))],
    "a page beyond the last": [opened(0), page(1)],
    "a page beyond the limit": [opened(99), *(says(Page(number, "")) for number in range(1, 52))],
    "too much text": [opened(1), says(Page(1, "lie" * 400_000))],
    "a length beyond all bounds": [opened(1), OVERSIZE],
    "no JSON": [opened(1), lies(b"{")],
    "nothing": [opened(1), lies(b"")],
    "deep JSON": [opened(1), lies(b"[" * 500_000)],
    "no UTF-8": [opened(1), lies(b'{"type":"page","number":1,"text":"\xff"}')],
    "a lone surrogate": [opened(1), lies(b'{"type":"page","number":1,"text":"lie \\ud800 lie"}')],
    "a lone surrogate in bytes": [opened(1), lies(b'{"type":"page","number":1,"text":"\xed\xa0\x80"}')],
    "an unknown kind of frame": [opened(1), lies(b'{"type":"vectors","number":1}')],
    "an unknown code": [opened(1), lies(b'{"type":"finished","code":"fine"}')],
}


@pytest.mark.parametrize("name", LIES)
def test_a_child_that_lies_is_not_believed(actor: Launcher, tmp_path: Path, name: str) -> None:
    document = play(actor, tmp_path, LIES[name])
    assert document.code is Code.PARSER_ANSWER_REFUSED
    assert not any(kept.text for kept in document.pages)


def test_lies_of_a_fresh_process_are_not_believed_either(actors: Launcher, tmp_path: Path) -> None:
    document = play(actors, tmp_path, [opened(2), page(2), FINISHED])
    assert (document.pages, document.code) == ((), Code.PARSER_ANSWER_REFUSED)


def test_a_number_of_pages_that_no_store_can_hold_is_refused(actor: Launcher, tmp_path: Path) -> None:
    """SQLite holds 64-bit numbers; a larger one would fail where the document is stored, for ever again."""
    document = play(actor, tmp_path, [opened(1 << 64), page(1), FINISHED])
    assert document.page_count < 1 << 63
    assert document.code.state is not State.INDEXED


def test_text_in_small_portions_counts_towards_the_limit(actor: Launcher, tmp_path: Path) -> None:
    portions = [says(Page(number, "lie" * 100_000)) for number in range(1, 9)]
    document = play(actor, tmp_path, [opened(9), *portions, FINISHED])
    assert sum(len(kept.text) for kept in document.pages) <= LIMITS.max_text_mb << 20
    assert document.code.state is not State.INDEXED


def test_a_lie_after_good_pages_makes_the_document_incomplete(actor: Launcher, tmp_path: Path) -> None:
    document = play(actor, tmp_path, [opened(3), page(1), says(Page(3, "lie")), page(2), FINISHED])
    assert document.pages in ((), (PageText(1, "text of 1"),))
    assert document.code.state is not State.INDEXED


def test_control_characters_never_reach_the_coordinator(actor: Launcher, tmp_path: Path) -> None:
    """An escape sequence would be played by the terminal that shows a hit, and \\x02 and \\x03 mark matches there."""
    document = play(actor, tmp_path, [opened(1), says(Page(1, "good \x1b]52;c;bGll\x07 \x02\x03\x9b31m")), FINISHED])
    kept = "".join(text.text for text in document.pages)
    assert not [character for character in kept if unicodedata.category(character) == "Cc" and character not in "\n\t"]


@pytest.mark.parametrize("text", ["", "text"])
def test_an_end_before_the_last_page_is_no_end(actor: Launcher, tmp_path: Path, text: str) -> None:
    document = play(actor, tmp_path, [opened(3), says(Page(1, text)), FINISHED])
    assert document.code.state not in (State.INDEXED, State.NO_TEXT)


def test_a_child_cannot_declare_a_document_complete(actor: Launcher, tmp_path: Path) -> None:
    document = play(actor, tmp_path, [says(Finished(Code.COMPLETE))])
    assert document.code.state is State.FAILED


@pytest.mark.parametrize(
    "day", ["spring", "2024-02-30", "9999-01-01", "2024-03-01\n", "<b>2024-03-01</b>", "x" * 100_000]
)
def test_a_day_that_is_none_is_left_out_and_costs_no_page(actor: Launcher, tmp_path: Path, day: str) -> None:
    document = play(actor, tmp_path, [says(Opened("text", 1, 0, day)), page(1), FINISHED])
    assert (document.dated, document.code) == (None, Code.COMPLETE)


def test_a_day_is_taken_over(actor: Launcher, tmp_path: Path) -> None:
    document = play(actor, tmp_path, [says(Opened("text", 1, 0, "2024-03-01")), page(1), FINISHED])
    assert document.dated == "2024-03-01"

"""How values look: a name of a file cannot move the cursor, hide itself or turn the line around."""

import os
from pathlib import Path

import pytest

from pipeline.interfaces.cli.output import plain, shown_path

INVISIBLE = {
    "a C0 control": "\x1b",
    "a line break": "\n",
    "delete": "\x7f",
    "a C1 control": "\x9b",
    "an Arabic letter mark": "\u061c",
    "a zero-width space": "\u200b",
    "a right-to-left mark": "\u200f",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
    "an override of direction": "\u202e",
    "a word joiner": "\u2060",
    "an isolate": "\u2066",
    "a byte order mark": "\ufeff",
    "a tag": "\U000e0041",
}


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_what_cannot_be_seen_is_shown_by_its_number(character: str) -> None:
    assert shown_path(Path(f"/in/a{character}b.txt")) == f"/in/a\\u{ord(character):04x}b.txt"
    assert plain(f"a{character}b") == "a b"


@pytest.mark.parametrize("name", ["Bärbel’s résumé.pdf", "契約書.pdf", "עברית.txt", "मराठी.md", "👍🏽.txt"])
def test_names_of_any_script_are_shown_as_they_are(name: str) -> None:
    assert shown_path(Path("/in") / name) == f"/in/{name}"


def test_bytes_that_are_no_text_are_shown_by_their_number() -> None:
    assert shown_path(Path(os.fsdecode(b"/in/\xff\x1b.txt"))) == "/in/\\xff\\u001b.txt"

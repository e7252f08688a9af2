"""Plain text: encodings, form feeds, and bytes that are no text."""

import io
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing import cleaning
from pipeline.parsing.protocol import Finished, Frame, Opened, Page
from pipeline.parsing.readers import text
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, REQUEST, end, frames, pages, texts

GERMAN = (
    "Sehr geehrte Frau Müller,\n\nfür die Kündigung der Räume gilt eine Frist von drei Monaten zum Ende "
    "eines Vierteljahres. Die Übergabe der Schlüssel erfolgt am letzten Werktag.\n\nMit freundlichen Grüßen\nJürgen\n"
)
CHINESE = "本合同自签字之日起生效。"


class TestText(ParserContract):
    format = "text"
    suffix = ".txt"
    golden: ClassVar[tuple[str, ...]] = ("Rent: 1 200 €\ndue on the 3rd", "second page – naïve", "third")
    sample = "Rent: 1 200 €\ndue on the 3rd\f\nsecond page – naïve\n\fthird\f".encode()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_names_the_encoding(encoding: str) -> None:
    assert frames((GERMAN + CHINESE).encode(encoding), ".txt")[1:] == [Page(1, GERMAN + CHINESE), Finished()]


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xfe\xff", "utf-16-be"), (b"\x00\x00\xfe\xff", "utf-32-be")])
def test_a_big_endian_byte_order_mark_names_the_encoding(mark: bytes, encoding: str) -> None:
    assert frames(mark + GERMAN.encode(encoding), ".txt")[1:] == [Page(1, GERMAN), Finished()]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content", [GERMAN, "Plain English without any umlaut.\n"])
def test_utf16_without_a_byte_order_mark_is_recognized(content: str, encoding: str) -> None:
    assert frames(content.encode(encoding), ".txt")[1:] == [Page(1, content), Finished()]


def test_the_encoding_of_western_windows_is_guessed() -> None:
    assert frames(GERMAN.encode("cp1252"), ".txt")[1:] == [Page(1, GERMAN), Finished()]


@CAREFUL
@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd"), min_size=1))
def test_any_text_in_utf8_comes_back_as_it_was(content: str) -> None:
    answer: list[Frame] = list(text.read(io.BytesIO(content.encode()), REQUEST))
    assert answer[0] == Opened("text", 1)
    assert [(cleaning.clean(page.text), page.code) for page in pages(answer)] == [(cleaning.clean(content), None)]


def test_a_last_character_outside_utf8_is_not_dropped_in_silence() -> None:
    answer = frames("Wir treffen uns im kleinen Café".encode("latin-1"), ".txt")
    complete = texts(answer) == ["Wir treffen uns im kleinen Café"]
    assert complete or pages(answer)[0].code is Code.UNDECODABLE_CHARACTERS


def test_a_form_feed_starts_a_page_and_one_at_the_very_end_does_not() -> None:
    assert frames(b"one\ftwo\f\fthree\n\f\n", ".txt") == [
        Opened("text", 4), Page(1, "one"), Page(2, "two"), Page(3, ""), Page(4, "three\n"), Finished(),
    ]  # fmt: skip


def test_bytes_that_are_no_text_are_refused_as_binary() -> None:
    assert frames(bytes(range(256)) * 20, ".txt") == [Finished(Code.BINARY_CONTENT)]
    assert frames(b"\x01\x02\x03\x04some text" * 30, ".txt") == [Finished(Code.BINARY_CONTENT)]


def test_only_the_page_with_undecodable_characters_says_so() -> None:
    content = b"\xff\xfe" + "good\f".encode("utf-16-le") + b"\x00\xd8" + "bad\flast".encode("utf-16-le")
    assert pages(frames(content, ".txt")) == [
        Page(1, "good"), Page(2, "\ufffdbad", Code.UNDECODABLE_CHARACTERS), Page(3, "last"),
    ]  # fmt: skip


def test_a_character_halved_by_the_text_limit_does_not_change_the_encoding() -> None:
    answer = frames("é".encode() * 1000, ".txt", msgspec.structs.replace(REQUEST, max_text_bytes=501))
    assert answer[1:] == [Page(1, "é" * 250), Finished(Code.TEXT_LIMIT)]


def test_text_over_the_limit_keeps_its_beginning_in_every_script() -> None:
    """Chinese takes two bytes a character in UTF-16 and three in UTF-8, in which the limit is counted."""
    limited = msgspec.structs.replace(REQUEST, max_text_bytes=3000)
    answer = frames(("\ufeff" + "中" * 2000).encode("utf-16-le"), ".txt", limited)
    assert end(answer) is Code.TEXT_LIMIT
    assert texts(answer) == ["中" * 1000]


def test_a_line_of_any_length_is_read_up_to_the_limit() -> None:
    limited = msgspec.structs.replace(REQUEST, max_text_bytes=5_000_000)
    answer = frames(b"word " * 2_000_000, ".txt", limited)
    assert end(answer) is Code.TEXT_LIMIT
    assert texts(answer) == [("word " * 1_000_000).strip()]


def test_zeros_and_terminal_escapes_do_not_reach_the_page() -> None:
    source = b"one\0two \x1b[31mred\x1b[0m, \x1b]0;title\x07, " + b"and much more without any of them, " * 3
    assert texts(frames(source, ".log")) == [
        "onetwo red, ]0;title, and much more without any of them, and much more without any of them, "
        "and much more without any of them,"
    ]


def test_line_ends_of_all_systems_become_one() -> None:
    assert frames(b"unix\nwindows\r\nmac\rnext\n\rend", ".txt")[1:] == [
        Page(1, "unix\nwindows\nmac\nnext\n\nend"), Finished(),
    ]  # fmt: skip

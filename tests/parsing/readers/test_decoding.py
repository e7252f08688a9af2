"""From bytes to text: the encoding that is marked, that shows, that is declared; and bytes that are no text."""

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.readers.decoding import decode, read_at_most
from pipeline.parsing.reading import ReadingEnded
from tests.parsing.readers import test_legacy_encodings as languages
from tests.parsing.support import CAREFUL

NOISE = bytes(byte | 0x80 for byte in random.Random(1).randbytes(500))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    [
        languages.GERMAN, languages.RUSSIAN, languages.GREEK, languages.HEBREW, languages.ARABIC, languages.THAI,
        languages.JAPANESE, languages.CHINESE, languages.KOREAN, "Plain English.\n", "A rocket \U0001f680 and a word",
        languages.CHINESE + "0.",
    ],
)  # fmt: skip
def test_two_or_four_bytes_a_character_show_without_a_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, False)


def test_a_sample_that_ends_within_a_character_shows_it_too() -> None:
    text = "x" + "\U0001f680 up, " * 20_000
    assert decode(text.encode("utf-16-le")) == (text, False)


@pytest.mark.parametrize("encoding", ["iso2022_jp", "iso2022_jp_ext"])
def test_japanese_in_seven_bits_is_known_by_its_escapes(encoding: str) -> None:
    assert decode(languages.JAPANESE.encode(encoding)) == (languages.JAPANESE, False)


def test_korean_in_seven_bits_is_known_by_its_escapes() -> None:
    assert decode(languages.KOREAN.encode("iso2022_kr")) == (languages.KOREAN, False)


def test_utf8_with_a_few_broken_bytes_stays_utf8() -> None:
    text, lossy = decode("Grüße aus Köln, ".encode() + b"\xff\xc3 und mehr")
    assert (text, lossy) == ("Grüße aus Köln, \ufffd\ufffd und mehr", True)


def test_utf8_that_is_cut_off_within_a_character_stays_utf8() -> None:
    assert decode("Grüße aus Köln".encode()[:-3]) == ("Grüße aus K\ufffd", True)


def test_lines_from_files_in_another_encoding_are_read_too() -> None:
    lines = ["Grüße aus Köln", "doação uno negócios", "本合同自签字之日起生效。", "prácticas en España"]
    mixed = b"\n".join(line.encode("cp1252" if "ç" in line or "á" in line else "utf-8") for line in lines)
    assert decode(mixed) == ("\n".join(lines), False)


def test_what_was_replaced_before_is_not_replaced_here() -> None:
    assert decode("was lost: \ufffd".encode()) == ("was lost: \ufffd", False)
    assert decode("was lost: \ufffd".encode("utf-16")) == ("was lost: \ufffd", False)
    assert decode("was lost: ".encode("utf-16") + b"\x00\xd8") == ("was lost: \ufffd", True)


@pytest.mark.parametrize(
    ("declared", "text", "encoding"),
    [
        ("iso-8859-1", "It’s – “quoted” …", "cp1252"),
        ("windows-1251", "и", "cp1251"),
        ("gb2312", "朱镕基", "gbk"),
        ("Shift_JIS", "①②", "cp932"),
        ("big5", "恒生", "big5hkscs"),
        ("euc-kr", "똠", "cp949"),
        ("iso-8859-9", "ş", "cp1254"),
        ("tis-620", "ก…", "cp874"),
    ],
)
def test_what_is_declared_is_taken_as_it_is_meant(declared: str, text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), declared) == (text, False)


@pytest.mark.parametrize("declared", ["hex", "utf-16", "no-such", "", "rot13", "base64", "idna"])
def test_what_cannot_be_meant_is_passed_over(declared: str) -> None:
    assert decode(languages.GERMAN.encode("cp1252"), declared) == (languages.GERMAN, False)


def test_bold_and_underlined_text_of_terminals_is_given_once() -> None:
    source = "N\bNA\bAM\bME\bE\n_\bf_\bi_\bl_\be \x1b[1;31mred\x1b[0m \x1b[2Kword"
    assert decode(source.encode()) == ("NAME\nfile red word", False)


def test_what_a_terminal_would_have_rubbed_out_is_kept() -> None:
    source = b"They shall pay 100\b\b\b200 now." + b" And so on." * 20
    assert decode(source)[0].startswith("They shall pay 100\b\b\b200 now.")


def test_zeros_within_text_do_no_harm() -> None:
    assert decode(b"one record\0\0\0another\0\0")[0].replace("\0", "") == "one recordanother"
    assert decode(b"a log" + b"\0" * 4096 + b"and what came later")[0] == "a log\nand what came later"


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 20, b"\x01\x02\x03\x04some text" * 30, b"ab\0\0\0" * 50, NOISE, bytes(5000)]
)
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(ReadingEnded) as end:
        decode(data)
    assert end.value.code is Code.BINARY_CONTENT


@CAREFUL
@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text, lossy = decode(data)
    except ReadingEnded as end:
        assert end.code is Code.BINARY_CONTENT
    else:
        assert not lossy or "\ufffd" in text


@CAREFUL
@given(st.lists(st.sampled_from([b"a", b"bc\n", b"\n", b"defg"])).map(b"".join), st.integers(1, 40))
def test_a_cut_is_told_and_falls_behind_a_line_where_there_is_one(data: bytes, limit: int) -> None:
    kept, cut = read_at_most(io.BytesIO(data), limit)
    assert data.startswith(kept)
    assert cut == (len(data) > limit)
    if not cut:
        assert kept == data
    elif b"\n" in data[limit // 2 : limit]:
        assert kept.endswith(b"\n")
        assert b"\n" not in data[len(kept) : limit]
    else:
        assert len(kept) == limit


def test_a_cut_does_not_part_a_character_of_four_bytes() -> None:
    kept, cut = read_at_most(io.BytesIO("a line\nanother".encode("utf-32-le")), 30)
    assert (kept.decode("utf-32-le"), cut) == ("a line\n", True)

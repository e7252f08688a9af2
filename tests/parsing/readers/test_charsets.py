"""Text of mails comes out right whether its encoding is declared rightly, wrongly or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.readers.charsets import decode, decode_words
from tests.parsing.support import CAREFUL

GERMAN = "Die Kündigung der Räume ist für den Mieter möglich, größere Schäden sind zu melden."
RUSSIAN = "Привет, как дела? Встреча завтра в десять часов утра."
JAPANESE = "株式会社の契約書を送ります。よろしくお願いします。"
CHINESE = "合同文件已经发送给您,请查收。"
KOREAN = "계약서를 보내 드립니다. 확인 부탁드립니다."


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (GERMAN, "utf-8", "utf-8"), (GERMAN, "utf-8", "iso-8859-1"), (GERMAN, "utf-8", ""),
        (GERMAN, "cp1252", "iso-8859-1"),
        (GERMAN + " „Ja“", "cp1252", "iso-8859-1"), (GERMAN, "cp1252", "us-ascii"), (GERMAN, "cp1252", "x-unknown"),
        (GERMAN, "cp1252", "utf-8"), (GERMAN, "cp850", "cp-850"), (GERMAN, "mac-roman", "x-mac-roman"),
        (RUSSIAN, "koi8-r", "KOI8-R"), (RUSSIAN, "cp1251", "windows-1251"), (RUSSIAN, "koi8-r", ""),
        (JAPANESE, "iso-2022-jp", "iso-2022-jp"), (JAPANESE, "iso-2022-jp", ""), (JAPANESE, "cp932", "x-sjis"),
        (JAPANESE, "euc-jp", "euc-jp"), (CHINESE, "gb18030", "gb2312"), (CHINESE, "hz", "hz-gb-2312"),
        (CHINESE, "big5", "big5"), (KOREAN, "cp949", "ks_c_5601-1987"), (KOREAN, "euc-kr", "euc-kr"),
        (GERMAN, "utf-7", "utf-7"), (GERMAN, "utf-16", "utf-16"), (GERMAN, "utf-16-le", "utf-16le"),
        ("שלום לכם, ההסכם מצורף.", "iso-8859-8", "iso-8859-8-i"),
    ],
)  # fmt: skip
def test_text_is_read(text: str, encoding: str, declared: str) -> None:
    assert decode(text.encode(encoding, "ignore"), declared) == (
        text.encode(encoding, "ignore").decode(encoding),
        False,
    )


@pytest.mark.parametrize(
    "declared", ["hex", "punycode", "idna", "unicode_escape", "undefined", "a\x00b", "zip", "é" * 50]
)
def test_what_is_no_encoding_of_text_is_passed_over(declared: str) -> None:
    assert decode(b"6869 xn--a", declared) == ("6869 xn--a", False)
    assert decode_words(b"6869", declared) == "6869"


def test_bytes_that_are_no_text_give_none() -> None:
    assert decode(bytes(range(256)) * 20, "iso-8859-1")[0] == ""


def test_characters_that_had_to_be_replaced_are_told() -> None:
    assert decode(JAPANESE.encode("iso-2022-jp") + b"\x1b$B\x21", "iso-2022-jp")[1]
    assert decode("für ".encode() * 20 + b"\xff", "utf-8")[1]


@CAREFUL
@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "hz", "utf-7", "utf-16", "iso-2022-kr", "big5", "cp037"]))
def test_any_bytes_are_read(content: bytes, declared: str) -> None:
    text, lossy = decode(content, declared)
    assert isinstance(decode_words(content, declared), str)
    assert content.isascii() or text or lossy, "bytes that are no text leave a trace"

"""Code pages and languages of Windows mean the encodings that their texts are in."""

import pytest

from pipeline.parsing.readers.code_pages import encoding_of, of_language


@pytest.mark.parametrize(
    ("code_page", "text", "content"),
    [
        (1252, "€", b"\x80"),
        (28591, "€", b"\x80"),
        (20127, "€", b"\x80"),
        (28605, "€", b"\xa4"),
        (28592, "ł", b"\xb3"),
        (1251, "я", b"\xff"),
        (20866, "я", b"\xd1"),
        (932, "表", b"\x95\\"),
        (936, "表", b"\xb1\xed"),
        (65001, "я", b"\xd1\x8f"),
        (949, "한", b"\xc7\xd1"),
        (950, "表", b"\xaa\xed"),
        (1255, "א", b"\xe0"),
        (10000, "ä", b"\x8a"),
        (437, "ä", b"\x84"),
        (50220, "表", b"\x1b$BI=\x1b(B"),
        (54936, "表", b"\xb1\xed"),
    ],
)
def test_the_encoding_of_a_code_page(code_page: int, text: str, content: bytes) -> None:
    encoding = encoding_of(code_page)
    assert encoding is not None
    assert content.decode(encoding) == text


@pytest.mark.parametrize("code_page", [0, 1, 1200, 1201, 12000, 99999, 0xFFFFFFFF])
def test_code_pages_without_bytes_for_characters_have_no_encoding(code_page: int) -> None:
    assert encoding_of(code_page) is None


@pytest.mark.parametrize(
    ("identifier", "encoding"),
    [
        (0x0409, "cp1252"), (0x0407, "cp1252"), (0x0419, "cp1251"), (0x0415, "cp1250"), (0x0408, "cp1253"),
        (0x041F, "cp1254"), (0x040D, "cp1255"), (0x0801, "cp1256"), (0x0427, "cp1257"), (0x0411, "cp932"),
        (0x0412, "cp949"), (0x0804, "cp936"), (0x0404, "cp950"), (0x0C1A, "cp1251"), (0xFFFF, "cp1252"), (0, "cp1252"),
    ],
)  # fmt: skip
def test_the_encoding_of_a_language(identifier: int, encoding: str) -> None:
    assert of_language(identifier) == encoding

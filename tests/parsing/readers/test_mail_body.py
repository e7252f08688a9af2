"""The body of a mail as people read it: one of several alternatives, paragraphs whole, in its own encoding."""

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.readers import html
from pipeline.parsing.readers.mail_body import Body, unflowed
from pipeline.parsing.readers.mime import mail_of
from tests.parsing.readers.test_mime import TOP, multipart, part
from tests.parsing.support import REQUEST

PAGE = b"<html><body><p>Dear <b>Ada</b>,</p><p>the keys.</p></body></html>"
LONG_PAGE = b"<html><body>" + b"<p>The keys lie at 14 Linden Lane.</p>" * 30 + b"</body></html>"


def text(source: bytes, max_text_bytes: int = 1 << 20) -> tuple[str, Code | None]:
    body = Body(msgspec.structs.replace(REQUEST, max_text_bytes=max_text_bytes))
    return body.text(mail_of(TOP + source).parts), body.code


def alternatives(*parts: bytes) -> bytes:
    return multipart(*parts, kind="alternative")


def test_of_alternatives_the_plain_text_is_taken() -> None:
    assert text(alternatives(part("text/plain", b"Dear Ada"), part("text/html", PAGE))) == ("Dear Ada", None)
    assert text(alternatives(part("text/html", PAGE), part("text/plain", b"Dear Ada"))) == ("Dear Ada", None)


@pytest.mark.parametrize("plain", [b"", b"\n \n"])
def test_where_the_plain_text_is_empty_the_page_is_taken(plain: bytes) -> None:
    assert text(alternatives(part("text/plain", plain), part("text/html", PAGE))) == ("Dear Ada,\n\nthe keys.", None)


def test_a_plain_text_that_only_points_to_the_page_is_none() -> None:
    stub = part("text/plain", b"Please use a program that shows HTML.")
    assert text(alternatives(stub, part("text/html", LONG_PAGE)))[0].startswith("The keys lie")
    assert text(alternatives(stub, part("text/html", PAGE)))[0].startswith("Please")
    plain = part("text/plain", b"The whole letter, in words. " * 20)
    assert text(alternatives(plain, part("text/html", LONG_PAGE)))[0].startswith("The whole letter")


def test_a_page_alone_is_read() -> None:
    assert text(part("text/html", PAGE)) == ("Dear Ada,\n\nthe keys.", None)


def test_texts_that_are_no_alternatives_follow_each_other() -> None:
    source = multipart(part("text/plain", b"one\n"), part("text/html", b"<p>two"), part("text/plain", b"three"))
    assert text(source) == ("one\n\ntwo\n\nthree", None)


def test_several_pages_of_one_set_are_taken_together() -> None:
    mixed = multipart(part("text/html", b"<p>one"), part("text/html", b"<p>two"), boundary="c")
    assert text(alternatives(part("text/plain", b""), mixed)) == ("one\n\ntwo", None)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("text/plain; charset=iso-8859-1", "für".encode("latin-1"), "für"),
        ("text/html; charset=koi8-r", "<p>Договор".encode("koi8-r"), "Договор"),
        ("text/html", '<meta charset="windows-1251"><p>Договор аренды'.encode("cp1251"), "Договор аренды"),
        ("text/html; charset=utf-8", '<meta charset="windows-1251"><p>für'.encode(), "für"),
        ("text/plain; charset=iso-2022-jp", "契約書".encode("iso-2022-jp"), "契約書"),
    ],
)
def test_the_declared_encoding_is_used(kind: str, content: bytes, expected: str) -> None:
    assert text(part(kind, content, "8bit")) == (expected, None)


def test_characters_that_had_to_be_replaced_are_told() -> None:
    assert text(part("text/plain; charset=utf-8", "für ".encode() * 9 + b"\xff"))[1] is Code.UNDECODABLE_CHARACTERS
    assert text(part("text/plain", bytes(range(256)) * 9, "8bit")) == ("", Code.UNDECODABLE_CHARACTERS)
    assert text(part("text/html", b"\x00\x01\x02\x03" * 500, "8bit"))[1] is Code.UNDECODABLE_CHARACTERS


def test_text_beyond_the_limit_is_cut_over_all_parts_together() -> None:
    source = multipart(part("text/plain", b"a" * 60), part("text/plain", b"b" * 60), part("text/plain", b"c" * 60))
    assert text(source, 100) == ("a" * 60 + "\n\n" + "b" * 40, Code.TEXT_LIMIT)
    assert text(source, 180)[1] is None


def test_a_page_that_asks_for_too_much_work_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_MAX_WORK", 100)
    assert text(part("text/html", b"<html>" + b"<div>" * 1000 + b"x")) == ("", Code.READER_LIMIT)


@pytest.mark.parametrize(
    ("flowed", "read"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("one\n\ntwo \nthree \n\nfour", "one\n\ntwo three\n\nfour"),
        (" From here\n >quoted?", "From here\n>quoted?"),
        ("> one \n> two\n> three\nfour", "> one two\n> three\nfour"),
        ("> one \n>> two\n", "> one\n>> two\n"),
        ("text \n-- \nAda \nFischer", "text\n--\nAda Fischer"),
        ("ends \n", "ends\n".rstrip("\n")),
        ("", ""),
    ],
)
def test_lines_that_were_broken_for_the_way_are_joined(flowed: str, read: str) -> None:
    assert unflowed(flowed, del_sp=False).rstrip("\n") == read.rstrip("\n")


def test_the_space_at_the_end_may_be_no_part_of_the_text() -> None:
    assert unflowed("契約 \n書", del_sp=True) == "契約書"
    source = part("text/plain; charset=utf-8; format=flowed; delsp=yes", "契約 \r\n書".encode())
    assert text(source) == ("契約書", None)
    assert text(part('text/plain; format="Flowed"', b"one \r\ntwo")) == ("one two", None)

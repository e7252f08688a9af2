"""The header of a mail: fields, encoded words, parameters; and what programs write instead of these."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.readers import mail_headers
from pipeline.parsing.readers.mail_headers import Header, decoded_base64, decoded_words, header_of
from tests.parsing.support import CAREFUL


def header(source: bytes) -> Header:
    return header_of(source, 0, len(source))[0]


def body(source: bytes) -> bytes:
    return source[header_of(source, 0, len(source))[1] :]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?= aus Berlin", "Grüße aus Berlin"),
        ("=?utf-8?q?one?= =?utf-8?q?two?=", "onetwo"),
        ("=?utf-8?q?one?=  \t =?utf-8?q?two?= three", "onetwo three"),
        ("=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b"),
        ("=?utf-8?b?w7w=?= =?iso-8859-1?q?=FC?=", "üü"),
        ("=?utf-8?b?w7?= =?utf-8?b?w=?=", "\ufffd"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),  # a character cut in two
        ("=?iso-8859-1?q?a_b=5Fc?=", "a b_c"),
        ("=?iso-8859-1*de?q?=FC?=", "ü"),
        ("=?ks_c_5601-1987?B?x9GxuQ==?=", "한국"),
        ("=?gb2312?B?us/NrA==?=", "合同"),
        ("=?iso-2022-jp?B?GyRCN0BMcz1xGyhC?=", "契約書"),
        ("=?no-such-charset?q?caf=E9?=", "café"),
        ("=?hex?q?6162?= =?punycode?q?x?=", "6162x"),
        ("=?utf-8?q?with spaces inside?=", "with spaces inside"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),  # its padding is lost
        ("=?utf-8?b?***?=", ""),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?q?no end", "=?utf-8?q?no end"),
        ("(=?utf-8?q?in?=) =?utf-8?q?brackets?=", "(in) brackets"),
    ],
)
def test_encoded_words_are_read(value: str, read: str) -> None:
    assert decoded_words(value) == read


@pytest.mark.parametrize(
    ("source", "subject"),
    [
        (b"Subject: lease\n\n", "lease"),
        (b"SUBJECT : lease\r\n\r\n", "lease"),
        (b"Subject: the lease\n of 14 Linden\r\n\tLane\nTo: a\n\n", "the lease of 14 Linden Lane"),
        (b"Subject:lease", "lease"),
        (b"Subject:\nTo: a\n\n", ""),
        ("Subject: Grüße\n\n".encode(), "Grüße"),
        ("Subject: Grüße\n\n".encode("cp1252"), "Grüße"),
        (b"Subject: one\nSubject: two\n\n", "one, two"),
        (b"From a Mon Jan  1 10:00:00 2024\nSubject: lease\n\n", "lease"),
        (b">From a Mon Jan  1 10:00:00 2024\nSubject: lease\n\n", "lease"),
        (b"To: a,\nb@example.org\nSubject: lease\n\n", "lease"),  # a line broken without its space
        (b"no field\nSubject: lease\n\n", ""),
        (b"\nSubject: lease\n\n", ""),
        (b"Subject: a\x00b\n\n", "a\x00b"),
    ],
)
def test_a_field_is_read(source: bytes, subject: str) -> None:
    assert header(source).text("subject") == subject


@pytest.mark.parametrize(
    ("source", "behind"),
    [
        (b"To: a\n\ntext", b"text"),
        (b"To: a\r\n\r\n\r\ntext", b"\r\ntext"),
        (b"\ntext", b"text"),
        (b"\r\ntext", b"text"),
        (b"To: a\ntext: not\nbut this is\n\nmore", b"but this is\n\nmore"),
        (b"To: a", b""),
        (b"no field at all", b"no field at all"),
        (b"To: a,\nb\nSubject: c\n\ntext", b"text"),
        (b"", b""),
    ],
)
def test_the_body_begins_behind_the_header(source: bytes, behind: bytes) -> None:
    assert body(source) == behind


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b'attachment; filename="a b.txt"', "a b.txt"),
        (b"attachment; filename=a b.txt", "a b.txt"),
        (b"attachment;filename=a.txt;size=5", "a.txt"),
        (b'attachment; FileName="a;b.txt"', "a;b.txt"),
        (b'attachment; filename="say \\"hi\\".txt"', 'say "hi".txt'),
        (b'attachment; filename="C:\\folder\\a.txt"', "C:\\folder\\a.txt"),
        (b'attachment; filename="no end.txt', "no end.txt"),
        (b"attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt", "Grüße.txt"),
        (b"attachment; filename*=iso-8859-1'de'Gr%FC%DFe.txt", "Grüße.txt"),
        (b"attachment; filename=x.txt; filename*=utf-8''y.txt", "y.txt"),
        (b'attachment;\n filename*0="a long ";\n filename*1="name.txt"', "a long name.txt"),
        (b"attachment; filename*1=b.txt; filename*0=a", "ab.txt"),
        (b"attachment; filename*0*=utf-8''%C3; filename*1*=%BC.txt", "ü.txt"),
        (b"attachment; filename*0*=utf-8''a%20; filename*1=\"b%20.txt\"", "a b%20.txt"),
        (b'attachment; filename="=?utf-8?B?R3LDvMOfZS50eHQ=?="', "Grüße.txt"),
        (b"attachment; filename*=%zz", "%zz"),
        (b"attachment; filename*99999=a", ""),
        (b"attachment", ""),
        (b'attachment; name="other.txt"', ""),
    ],
)
def test_a_parameter_is_read(value: bytes, name: str) -> None:
    assert header(b"Content-Disposition: " + value + b"\n\n").parameter("content-disposition", "filename") == name


def test_the_value_is_what_stands_before_the_parameters() -> None:
    assert header(b"Content-Type: Text/HTML ; charset=x\n\n").value("content-type") == "text/html"
    assert header(b"To: a\n\n").value("content-type") == ""


@CAREFUL
@given(st.binary(max_size=300))
def test_any_bytes_are_a_header_and_a_body(source: bytes) -> None:
    found, start, cut = header_of(source, 0, len(source))
    assert 0 <= start <= len(source)
    assert not cut
    for name in found.fields:
        found.text(name)
        found.parameter(name, "charset")


@CAREFUL
@given(st.text("=?utf-8qb \n\"';*%C3012", max_size=60))
def test_any_value_is_read(value: str) -> None:
    assert isinstance(decoded_words(value), str)
    assert isinstance(header(b"Content-Type: a; " + value.encode() + b"\n\n").parameter("content-type", "c"), str)


def test_a_header_beyond_the_limit_is_cut_and_the_body_found() -> None:
    source = b"To: a\nX: " + b"x" * mail_headers.MAX_BYTES + b"\nSubject: late\n\ntext"
    found, start, cut = header_of(source, 0, len(source))
    assert (found.text("to"), found.text("subject"), source[start:], cut) == ("a", "", b"text", True)


@pytest.mark.parametrize(
    "source",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000,
        b"Subject: " + b"=?utf-8?q?" * 30_000,
        b"Subject: " + b"=?a?b" * 60_000,
        b"Content-Type: a" + b";x" * 130_000,
        b'Content-Type: a; b="' + b"\\" * 300_000,
        b"Content-Type: a" + b'; b*0="x"' * 30_000,
        b"To: a\n" + b"x\n" * 130_000 + b"Subject: end\n\n",
        b"To: a\n" + b" x\n" * 100_000,
        b"a:\n" * 100_000,
    ],
    ids=["words", "word-starts", "charsets", "semicolons", "backslashes", "pieces", "broken-lines", "folds", "fields"],
)
def test_headers_made_to_take_time_take_next_to_none(source: bytes) -> None:
    started = time.process_time()
    found = header(source)
    for name in ("subject", "to", "content-type"):
        found.text(name)
        found.parameter(name, "b")
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"dGV4dA==", b"text"), (b"dG V4\r\ndA==", b"text"), (b"dGV4dA", b"text"), (b"dGV4dA=", b"text"),
        (b"dGV4d", b"tex"), (b"dGV4dA==dGV4dA==", b"text"), (b"!!", b""), (b"", b""), (b"\xff\x00dGV4", b"tex"),
    ],
)  # fmt: skip
def test_broken_base64_is_read_as_far_as_it_goes(raw: bytes, content: bytes) -> None:
    assert decoded_base64(raw) == content

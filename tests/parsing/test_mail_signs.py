"""Mails are known by their fields, mailboxes by the line between mails; other texts with fields are left alone."""

import pytest

from pipeline.parsing.mail_signs import begins_mail, begins_mailbox

MAIL = b"From: a@example.org\nTo: b@example.org\nSubject: lease\n\nDear tenant,\n"


@pytest.mark.parametrize(
    "head",
    [
        MAIL,
        MAIL.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + MAIL,
        b"\r\n\r\n" + MAIL,
        b"received: from x\n\tby y\n by z\nX-Spam: no\nDate: today\n\ntext",
        b"Received: from x by y;\r\n Mon, 1 Jan 2024\r\nDKIM-Signature: v=1;\r\n a=b\r\nFrom: a\r\nbroken line",
        b"Return-Path : <a@b>\nDelivered-To: c@d\nReceived: from e",
        b"Newsgroups: de.test\nFrom: a\nSubject: s\nMessage-ID: <1@b>\n\nArchive-name: faq",
        b"From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/\nSubject: Page\nDate: today\n",
        b"Content-Type: text/plain\nMIME-Version: 1.0\nSubject: s\nTo: a",
        b"X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00\nReply-To: a\nTo: b\n",
    ],
)
def test_a_mail_is_known(head: bytes) -> None:
    assert begins_mail(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Subject: three words only\n\nNo mail.",
        b"---\ntitle: Notes\ndate: 2024-01-01\nsubject: x\nfrom: y\n---\n",
        b"Title: Notes\nAuthor: Ada\nDate: 2024-01-01\nTags: a, b\nSubject: x\nLayout: y\n\n# Head",
        b"Title: a\nAuthor: b\nLayout: c\nTags: d\nDate: f\nSubject: g\nFrom: h\n",
        b"2024-01-01T10:00:00 INFO: from: a\n2024-01-01T10:00:01 INFO: to: b\n",
        b"date: x\ncontent-type: y\nstatus: 200\nlines: 4\n\n",
        b"HTTP/1.1 200 OK\nDate: today\nContent-Type: text/html\nX-A: b\n\n",
        b"User-agent: *\nDisallow: /\nAllow: /x\n",
        b"Package: a\nVersion: 1\nDepends: b\nDescription: c\n",
        b"To: do\nFrom: there\n\nTwo fields are too few.",
        b"From: a\nFrom: b\nFrom: c\nFrom: d\n",
        b"  From: a\nTo: b\nSubject: c\n",
        b"From a to b: c\nTo: b\nSubject: c\n",
    ],
)
def test_other_texts_are_no_mail(head: bytes) -> None:
    assert not begins_mail(head)


@pytest.mark.parametrize(
    "line",
    [
        b"From ada@example.org Mon Jan  1 10:00:00 2024\n",
        b"From ada@example.org  Mon Jan  1 10:00 2024",
        b"From - Mon Jan 01 10:00:00 2024\r\n",
        b'From "ada fischer" Wed Jan 30 18:07:01 2002\n',
        b"From 1234567890@xxx Mon Jan 01 10:00:00 +0000 2024\n",
        b"From ada@example.org Mon Jan  1 10:00:00 CET 2024 remote from host\n",
        b"From ada@example.org Wed, 30 Jan 2002 18:07:01 +0100\n",
        b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n",
    ],
)
def test_a_line_between_mails_is_known(line: bytes) -> None:
    assert begins_mailbox(line)


@pytest.mark.parametrize(
    "line",
    [
        b"From: a\n", b"From now on, it holds.\n", b"From Berlin we left at 10:00 in May 2009.\n",
        b">From a Mon Jan  1 10:00:00 2024", b"from a Mon Jan  1 10:00:00 2024", b"From a\nMon Jan  1 10:00:00 2024",
        b"From " + b"x" * 5000 + b" Jan  1 10:00:00 2024",
    ],
)  # fmt: skip
def test_other_lines_are_none(line: bytes) -> None:
    assert not begins_mailbox(line)

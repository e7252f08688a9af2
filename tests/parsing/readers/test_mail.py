"""E-mails: the head that people see, the body, and each attachment as a document of its own."""

import base64
from email.message import EmailMessage
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from tests.parsing.contract import ParserContract
from tests.parsing.readers.test_cms import enveloped
from tests.parsing.readers.test_mime import TOP, multipart, part
from tests.parsing.support import CAREFUL, MEMBERS, REQUEST, frames, members, members_and_end, pages, texts

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)


def letter() -> EmailMessage:
    """As Python's own library writes a mail."""
    made = EmailMessage()
    made["From"] = "Ada Fischer <ada@example.org>"
    made["To"] = "Jörg Öhlmann <joerg@example.org>, b@example.org"
    made["Cc"] = "office@example.org"
    made["Date"] = "Mon, 06 May 2024 09:00:00 +0200"
    made["Subject"] = "Übergabe der Schlüssel"
    made.set_content("Lieber Jörg,\n\ndie Schlüssel liegen bereit.\n")
    return made


def attached() -> EmailMessage:
    made = letter()
    made.add_alternative("<p>Lieber Jörg,</p><p>die Schlüssel liegen bereit.</p>", subtype="html")
    made.add_attachment(b"key,place\n", maintype="text", subtype="csv", filename="Schlüssel.csv")
    made.add_attachment(PNG, maintype="image", subtype="png", filename="Haus.png")
    return made


class TestMail(ParserContract):
    format = "eml"
    suffix = ".eml"
    member_count = 2
    dated = "2024-05-06"
    golden: ClassVar[tuple[str, ...]] = (
        "From: Ada Fischer <ada@example.org>\n"
        "To: Jörg Öhlmann <joerg@example.org>, b@example.org\n"
        "Cc: office@example.org\n"
        "Date: Mon, 06 May 2024 09:00:00 +0200\n"
        "Subject: Übergabe der Schlüssel\n"
        "Attachments: Schlüssel.csv, Haus.png\n\n"
        "Lieber Jörg,\n\ndie Schlüssel liegen bereit.",
    )
    sample = attached().as_bytes()

    def test_what_is_attached_are_members(self) -> None:
        assert members_and_end(self.sample, ".eml") == (
            [(Member(1, "Schlüssel.csv"), b"key,place\n"), (Member(2, "Haus.png"), PNG)],
            None,
        )

    def test_taking_out_resumes_at_any_member(self) -> None:
        assert members(self.sample, ".eml", msgspec.structs.replace(MEMBERS, first_page=2)) == [
            (Member(2, "Haus.png"), PNG)
        ]

    @CAREFUL
    @given(st.data())
    def test_reading_and_taking_out_agree_on_a_damaged_mail(self, draw: st.DataObject) -> None:
        damaged = bytearray(self.sample[: draw.draw(st.integers(1, len(self.sample)))])
        for place in draw.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
            damaged[place] = draw.draw(st.integers(0, 255))
        answer = frames(bytes(damaged), ".eml")
        if isinstance(answer[0], Opened):
            taken, end = members_and_end(bytes(damaged), ".eml")
            assert (len(taken), end) == (answer[0].member_count, None)


def names(source: bytes) -> list[str]:
    return [member.name for member, _ in members(TOP + source, ".eml")]


def body(source: bytes) -> str:
    return texts(frames(TOP + source, ".eml"))[0].partition("\n\n")[2]


def test_a_mail_with_its_head_only_is_read() -> None:
    assert texts(frames(b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\n", ".eml")) == ["Subject: Grüße"]


def test_a_text_under_the_name_of_a_mail_is_a_body() -> None:
    assert texts(frames(b"no header, just\n\nwords", ".eml")) == ["no header, just\n\nwords"]


def test_bytes_that_are_no_text_under_the_name_of_a_mail_are_no_mail() -> None:
    assert frames(bytes(range(256)) * 9, ".eml") == [Finished(Code.BINARY_CONTENT)]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'Content-Type: application/pdf; name="a.pdf"\n', "a.pdf"),
        (b"Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%C3%BC.pdf\n", "ü.pdf"),
        (b"Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=b.pdf\n", "b.pdf"),
        (b"Content-Type: application/pdf\n", "part 2.pdf"),
        (b"Content-Type: image/png\nContent-ID: <1@x>\nContent-Disposition: inline\n", "part 2.png"),
        (b"Content-Type: text/calendar; method=REQUEST\n", "part 2.ics"),
        (b"Content-Type: application/x-unknown\n", "part 2"),
        (b"Content-Type: application/ms-tnef; name=winmail.dat\n", "winmail.dat"),
        (b"Content-Type: text/plain; name=notes.txt\n", "notes.txt"),
        (b"Content-Type: text/plain\nContent-Disposition: attachment\n", "part 2.txt"),
        (b'Content-Type: application/pdf; name="../../etc/a.pdf"\n', "etc/a.pdf"),
        (b'Content-Type: application/pdf; name="a\xe2\x80\xaefdp.exe"\n', "afdp.exe"),
        (b'Content-Type: application/pdf; name="  "\n', "part 2.pdf"),
    ],
)
def test_an_attachment_is_named(head: bytes, name: str) -> None:
    source = multipart(part("text/plain", b"body"), head + b"\ncontent")
    assert members(TOP + source, ".eml") == [(Member(1, name), b"content")]
    assert body(source) == "body"


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        (b"Subject: =?utf-8?q?Schl=C3=BCssel?= 3/24\n\ntext", "Schlüssel 3-24.eml"),
        (b"To: a\n\ntext", "part 2.eml"),
        (b"", "part 2.eml"),
    ],
)
def test_a_mail_that_was_passed_on_is_named_by_its_subject(inner: bytes, name: str) -> None:
    source = multipart(part("text/plain", b"see below"), part("message/rfc822", inner))
    assert members(TOP + source, ".eml") == [(Member(1, name), inner)]
    encoded = multipart(part("text/plain", b"x"), part("message/rfc822", base64.encodebytes(inner), "base64"))
    assert members(TOP + encoded, ".eml") == [(Member(1, name), inner)]


def test_a_mail_that_was_passed_on_as_a_file_keeps_that_name() -> None:
    source = multipart(part("text/plain", b"x"), part("message/rfc822; name=old.eml", b"Subject: new\n\ntext"))
    assert names(source) == ["old.eml"]


def test_signatures_and_styles_are_no_documents() -> None:
    source = multipart(
        part("text/plain", b"signed"),
        part(
            "application/pkcs7-signature; name=smime.p7s",
            b"x",
            more=b"Content-Disposition: attachment; filename=s.p7s\n",
        ),
        part("application/pgp-signature", b"x"),
        part("text/css", b"x"),
    )
    assert names(source) == []
    assert body(source) == "signed"


def test_a_style_that_was_attached_is_a_document() -> None:
    disposition = b"Content-Disposition: attachment; filename=a.css\n"
    assert names(multipart(part("text/plain", b"x"), part("text/css", b"y", more=disposition))) == ["a.css"]


def test_pictures_in_the_body_are_members() -> None:
    related = multipart(
        part("text/html", b"<p>see <img src=cid:1>"), part("image/png", PNG), kind="related", boundary="c"
    )
    source = multipart(part("text/plain", b"see"), related, kind="alternative")
    assert (names(source), body(source)) == (["part 3.png"], "see")


def test_a_mail_that_is_only_a_picture_has_a_member_and_a_head() -> None:
    answer = frames(TOP + part("image/png; name=scan.png", PNG), ".eml")
    assert answer == [Opened("eml", 1, 1), Page(1, "From: a@example.org\nAttachments: scan.png"), Finished()]


def test_a_report_on_delivery_is_read() -> None:
    status = b"Final-Recipient: rfc822; b@example.org\nAction: failed\n"
    source = multipart(
        part("text/plain", b"could not be delivered"),
        part("message/delivery-status", status),
        part("message/rfc822", b"Subject: lost\n\ntext"),
        kind="report",
    )
    assert names(source) == ["lost.eml"]
    assert body(source) == f"could not be delivered\n\n{status.decode().strip()}"


def test_an_only_part_that_has_a_name_is_the_body_all_the_same() -> None:
    assert (names(part("text/plain; name=a.txt", b"text")), body(part("text/plain; name=a.txt", b"text"))) == (
        [],
        "text",
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (part("application/pkcs7-mime; name=smime.p7m", base64.encodebytes(enveloped()), "base64"), "smime.p7m"),
        (part("text/plain", b"-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n"), "encrypted"),
        (multipart(part("application/pgp-encrypted", b"Version: 1"), kind="encrypted"), "encrypted"),
    ],
)
def test_a_body_that_is_encrypted_is_a_member_that_says_so(source: bytes, name: str) -> None:
    assert members(TOP + source, ".eml") == [(Member(1, name, Code.ENCRYPTION_UNKNOWN), b"")]
    assert texts(frames(TOP + source, ".eml")) == [f"From: a@example.org\nAttachments: {name}"]


class TestHostile:
    def test_mails_within_mails_cost_their_length_at_each_level(self) -> None:
        source = TOP + b"Subject: innermost\n\ndeep"
        for level in range(100):
            source = (
                TOP
                + b"Subject: level %d\n" % level
                + multipart(part("text/plain", b"x"), part("message/rfc822", source), boundary=f"b{level}")
            )
        for level in reversed(range(100)):
            assert texts(frames(source, ".eml"))[0].startswith(f"From: a@example.org\nSubject: level {level}\n")
            ((_, source),) = members(source, ".eml")
        assert body(source.removeprefix(TOP)) == "deep"

    def test_a_header_of_many_megabytes_is_cut_and_the_body_read(self) -> None:
        source = b"Subject: s\nTo: a\nFrom: b\nX: " + b"x" * (5 << 20) + b"\n\nbody"
        assert frames(source, ".eml") == [
            Opened("eml", 1, 0),
            Page(1, "From: b\nTo: a\nSubject: s\n\nbody", Code.READER_LIMIT),
            Finished(),
        ]

    def test_levels_without_end_are_told(self) -> None:
        levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000))
        assert [page.code for page in pages(frames(TOP + levels + b"\ntext", ".eml"))] == [Code.READER_LIMIT]

    def test_more_attachments_than_are_asked_for_are_told(self) -> None:
        source = TOP + multipart(*(part("image/png", b"x") for _ in range(2000)))
        taken, end = members_and_end(source, ".eml")
        assert (len(taken), end) == (1000, Code.MEMBER_LIMIT)

    def test_base64_that_is_none_gives_what_can_be_read_of_it(self) -> None:
        source = multipart(part("text/plain", b"x"), part("application/pdf; name=a.pdf", b"\xff!*\n" * 900, "base64"))
        assert members(TOP + source, ".eml") == [(Member(1, "a.pdf"), b"")]

    def test_an_attachment_larger_than_what_is_left_is_named(self) -> None:
        source = TOP + multipart(
            part("image/png", b"x" * 60), part("image/png", b"y" * 50), part("image/png", b"z" * 40)
        )
        small = msgspec.structs.replace(MEMBERS, max_member_bytes=100)
        assert [member.code for member, _ in members(source, ".eml", small)] == [None, Code.MEMBER_LIMIT, None]

    def test_time_used_up_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import contextlib

        from pipeline.parsing import effort
        from pipeline.parsing.readers import mail

        calls: list[float] = []

        def second_time_exhausted(cpu_s: float) -> contextlib.AbstractContextManager[None]:
            calls.append(cpu_s)
            if len(calls) == 2:
                raise effort.Exhausted
            return contextlib.nullcontext()

        monkeypatch.setattr(mail, "at_most", second_time_exhausted)
        answer = frames(TOP + b"\nbody", ".eml", msgspec.structs.replace(REQUEST, page_cpu_s=7))
        assert answer == [Opened("eml", 1, 0), Page(1, "From: a@example.org", Code.READER_LIMIT), Finished()]
        assert calls == [7, 7]

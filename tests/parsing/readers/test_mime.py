"""The parts of a mail are found whatever is broken about it, in one pass at each level."""

import base64
import random
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.protocol import PIECE_BYTES
from pipeline.parsing.readers import mime
from pipeline.parsing.readers.mime import ENCRYPTED, Part, content_of, mail_of
from tests.parsing.readers.test_cms import enveloped, signed
from tests.parsing.support import CAREFUL

TOP = b"From: a@example.org\nMIME-Version: 1.0\n"


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "b", parameters: str | None = None) -> bytes:
    """A multipart with its header field; each part is given with its own header."""
    said = f'; boundary="{boundary}"' if parameters is None else parameters
    head = f"Content-Type: multipart/{kind}{said}\n\npreamble\n".encode()
    return head + b"".join(f"--{boundary}\n".encode() + part + b"\n" for part in parts) + f"--{boundary}--\n".encode()


def part(kind: str, content: bytes, encoding: str = "7bit", more: bytes = b"") -> bytes:
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n".encode() + more + b"\n" + content


def found(source: bytes) -> list[tuple[str, bytes]]:
    return [(one.type, b"".join(content_of(one))) for one in mail_of(source).parts]


def test_a_mail_without_parts_is_one() -> None:
    assert found(TOP + b"\nHello.\n") == [("text/plain", b"Hello.\n")]
    assert found(b"no header at all\n\nor is there") == [("text/plain", b"no header at all\n\nor is there")]
    assert found(b"") == [("text/plain", b"")]


def test_a_mail_may_stand_between_its_length_and_a_property_list() -> None:
    mail = TOP + b"To: b\nSubject: s\n\nHello.\n"
    listed = b"<?xml version='1.0'?><plist/>\n"
    assert found(b"%d  \n%b%b" % (len(mail), mail, listed)) == [("text/plain", b"Hello.\n")]
    assert found(b"12\nmonths\n") == [("text/plain", b"12\nmonths\n")]


def test_parts_are_found_in_their_order_without_what_stands_around_them() -> None:
    inner = multipart(part("text/plain", b"two"), part("text/html", b"three"), kind="alternative", boundary="c")
    source = TOP + multipart(part("text/plain", b"one"), inner, part("image/png", b"four")) + b"epilogue"
    assert found(source) == [
        ("text/plain", b"one"), ("text/plain", b"two"), ("text/html", b"three"), ("image/png", b"four"),
    ]  # fmt: skip


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_line_end_before_a_boundary_is_no_part_of_the_content(end: bytes) -> None:
    source = TOP + multipart(part("text/plain", b"one\n"), part("text/plain", b""), part("text/plain", b"\n\n"))
    assert [content for _, content in found(source.replace(b"\n", end))] == [b"one" + end, b"", end + end]


def test_white_space_behind_a_boundary_is_none_of_it_and_a_longer_one_is_another() -> None:
    source = TOP + multipart(part("text/plain", b"one\n--bb\n--b x\n --b\n-- b")).replace(b"--b\n", b"--b \t\n", 1)
    assert found(source) == [("text/plain", b"one\n--bb\n--b x\n --b\n-- b")]


def test_the_last_boundary_may_be_missing() -> None:
    whole = TOP + multipart(part("text/plain", b"one"), part("text/plain", b"two"))
    assert found(whole.removesuffix(b"\n--b--\n")) == [("text/plain", b"one"), ("text/plain", b"two")]
    inner = multipart(part("text/plain", b"one"), boundary="c").removesuffix(b"\n--c--\n")
    assert found(TOP + multipart(inner, part("text/plain", b"two"))) == [("text/plain", b"one"), ("text/plain", b"two")]


@pytest.mark.parametrize(
    "parameters", ["", "; boundary=", "; boundry=b", "; boundary = b ; charset=x", "; boundary=b  "]
)
def test_a_boundary_that_is_not_declared_rightly_is_found(parameters: str) -> None:
    source = TOP + multipart(part("text/plain", b"one"), part("image/png", b"two"), parameters=parameters)
    source = source.replace(b"preamble\n", b"")
    assert found(source) == [("text/plain", b"one"), ("image/png", b"two")]


def test_a_multipart_without_parts_is_kept_as_it_is() -> None:
    ((kind, content),) = found(TOP + b"Content-Type: multipart/mixed; boundary=x\n\nHello.\n")
    assert (kind, content) == ("multipart/mixed", b"Hello.\n")


def test_a_type_that_is_none_means_text() -> None:
    assert found(TOP + b"Content-Type: text\n\nHello.") == [("text/plain", b"Hello.")]
    assert found(TOP + b"Content-Type: ; charset=x\n\nHello.") == [("text/plain", b"Hello.")]


def test_in_a_digest_parts_are_mails() -> None:
    source = TOP + multipart(b"\nSubject: one\n\ntext", kind="digest")
    assert found(source) == [("message/rfc822", b"Subject: one\n\ntext")]


def test_alternatives_belong_to_the_outermost_set() -> None:
    deep = multipart(part("text/plain", b"3"), part("text/html", b"4"), kind="alternative", boundary="d")
    inner = multipart(
        part("text/plain", b"1"), multipart(deep, kind="related", boundary="e"), kind="alternative", boundary="c"
    )
    source = TOP + multipart(part("text/plain", b"0"), inner, inner.replace(b"c", b"f"))
    assert [one.alternative for one in mail_of(source).parts] == [None, 0, 0, 0, 1, 1, 1]


def test_a_mail_within_is_not_taken_apart() -> None:
    inner = TOP + multipart(part("text/plain", b"deep"), boundary="c")
    assert found(TOP + multipart(part("message/rfc822", inner))) == [("message/rfc822", inner)]


class TestEncodings:
    CONTENT = random.Random(2).randbytes(3_000_000)

    def decoded(self, encoding: str, raw: bytes) -> bytes:
        ((_, content),) = found(TOP + f"Content-Transfer-Encoding: {encoding}\n\n".encode() + raw)
        return content

    def test_base64_comes_out_whole_in_pieces_of_limited_size(self) -> None:
        for raw in (base64.encodebytes(self.CONTENT), base64.b64encode(self.CONTENT)):
            source = TOP + b"Content-Transfer-Encoding: BASE64\n\n" + raw
            blocks = list(content_of(mail_of(source).parts[0]))
            assert b"".join(blocks) == self.CONTENT
            assert max(map(len, blocks)) <= PIECE_BYTES

    def test_what_a_mailing_list_puts_behind_the_end_of_base64_is_none_of_it(self) -> None:
        assert self.decoded("base64", b"dGV4dA==\n" + b"words of a list\n" * 100_000) == b"text"

    @pytest.mark.parametrize(
        ("encoding", "raw", "content"),
        [
            ("base64", b"dG\n!V4*dA==\n-- \nfooter of a list", b"text"),
            ("base64", b"dGV4dA", b"text"),
            ("base64", b"\xff\xfe", b""),
            ("quoted-printable", b"f=C3=BCr =\nihn=\r\n=3D =zz", "für ihn= =zz".encode()),
            ("Quoted-Printable", b"ends with =", b"ends with "),
            ("x-uuencode", b"begin 644 a.txt\n$=&5X=\n`\nend\n", b"text"),
            ("uuencode", b"$=&5X=   trailing\n", b"text"),
            ("8bit", b"\xfc", b"\xfc"),
            ("no-such", b"text", b"text"),
        ],
    )
    def test_what_is_there_is_decoded(self, encoding: str, raw: bytes, content: bytes) -> None:
        assert self.decoded(encoding, raw) == content

    def test_quoted_printable_is_never_cut_within_a_character(self) -> None:
        for length in range(PIECE_BYTES - 4, PIECE_BYTES + 1):
            raw = b"x" * length + b"=41=42=43"
            assert self.decoded("quoted-printable", raw) == b"x" * length + b"ABC"


class TestEncryption:
    @pytest.mark.parametrize("kind", ["application/pkcs7-mime; smime-type=enveloped-data", "application/x-pkcs7-mime"])
    def test_smime_that_is_encrypted_is_known_by_its_content(self, kind: str) -> None:
        raw = base64.encodebytes(enveloped())
        assert [one.type for one in mail_of(TOP + part(kind, raw, "base64")).parts] == [ENCRYPTED]

    def test_pgp_is_known_by_its_type_and_by_its_first_line(self) -> None:
        armour = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n-----END PGP MESSAGE-----\n"
        by_type = multipart(
            part("application/pgp-encrypted", b"Version: 1"), part("application/octet-stream", armour), kind="encrypted"
        )
        for source in (by_type, part("text/plain", b"\n" + armour)):
            assert [one.type for one in mail_of(TOP + source).parts] == [ENCRYPTED]

    def test_a_message_that_is_only_signed_is_opened(self) -> None:
        inner = multipart(part("text/plain", b"one"), part("image/png", b"two"), boundary="c")
        raw = base64.encodebytes(signed(inner))
        source = TOP + part("application/pkcs7-mime; smime-type=signed-data", raw, "base64")
        assert found(source) == [("text/plain", b"one"), ("image/png", b"two")]

    def test_what_looks_signed_and_is_broken_is_a_part(self) -> None:
        raw = base64.encodebytes(signed(b"text")[:40])
        assert [kind for kind, _ in found(TOP + part("application/pkcs7-mime", raw, "base64"))] == [
            "application/pkcs7-mime"
        ]


class TestHostile:
    def test_parts_in_parts_without_end_are_given_up(self) -> None:
        source = (
            TOP
            + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000))
            + b"\ntext"
        )
        started = time.process_time()
        mail = mail_of(source)
        assert time.process_time() - started < 5
        assert (mail.parts, mail.complete) == ((), False)

    def test_as_many_levels_as_are_allowed_are_read(self) -> None:
        source = part("text/plain", b"deep")
        for level in range(mime.MAX_DEPTH):
            source = multipart(source, boundary=f"b{level}")
        assert found(TOP + source) == [("text/plain", b"deep")]
        assert mail_of(TOP + source).complete
        assert not mail_of(TOP + multipart(source, boundary="x")).complete

    def test_parts_without_number_are_cut_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mime, "MAX_PARTS", 5)
        mail = mail_of(TOP + multipart(*(part("text/plain", b"%d" % number) for number in range(9))))
        assert [b"".join(content_of(one)) for one in mail.parts] == [b"0", b"1", b"2", b"3", b"4"]
        assert not mail.complete
        assert mail_of(TOP + multipart(*(part("text/plain", b"x") for _ in range(5)))).complete

    def test_boundaries_without_number_take_no_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mime, "MAX_PARTS", 1000)
        source = TOP + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 1_000_000
        tracemalloc.start()
        mail = mail_of(source)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5 << 20
        assert len(mail.parts) == mime.MAX_PARTS
        assert not mail.complete

    @pytest.mark.parametrize("inside", ["--", "x", "--b--x", "----", "--b"])
    def test_boundaries_that_resemble_each_other_take_no_time(self, inside: str) -> None:
        source = TOP + b"Content-Type: multipart/mixed; boundary=b\n\n" + f"{inside}b{inside}".encode() * 300_000
        started = time.process_time()
        mail_of(source)
        assert time.process_time() - started < 5

    def test_a_signed_message_in_a_signed_message_without_end_is_given_up(self) -> None:
        source = part("text/plain", b"deep")
        for _ in range(mime.MAX_DEPTH + 2):
            source = part("application/pkcs7-mime", signed(source), "8bit")
        assert not mail_of(TOP + source).complete


@CAREFUL
@given(st.lists(st.sampled_from([
    b"--b\n", b"--b--\n", b"--c\n", b"\n", b"x", b"Content-Type: multipart/mixed; boundary=c\n", b"--c--\n",
    b"Content-Type: multipart/alternative; boundary=b\n", b"Content-Transfer-Encoding: base64\n",
    b"Content-Type: a/b\n",
]), max_size=30))  # fmt: skip
def test_any_order_of_lines_is_a_mail_whose_parts_lie_in_it_one_behind_the_other(lines: list[bytes]) -> None:
    source = TOP + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(lines)
    parts = mail_of(source).parts
    assert parts
    end = 0
    for one in parts:
        assert isinstance(one, Part)
        assert end <= one.start <= one.end <= len(source)
        end = one.end
        b"".join(content_of(one))

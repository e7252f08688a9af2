"""Signed messages give what was signed, encrypted ones are known for what they are, broken ones give nothing."""

import datetime
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.readers.cms import Kind, kind_of, signed_content
from tests.parsing.support import CAREFUL

TEXT = b"The rent of 14 Linden Lane is paid.\n"
_DATA, _SIGNED, _ENVELOPED = (bytes.fromhex(f"06092a864886f70d01070{number}") for number in (1, 2, 3))


def der(tag: int, *content: bytes) -> bytes:
    """One element with a definite length."""
    body = b"".join(content)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    width = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + len(body).to_bytes(width, "big") + body


def ber(tag: int, *content: bytes) -> bytes:
    """One element that ends with a mark, as programs write that do not know the length yet."""
    return bytes([tag, 0x80]) + b"".join(content) + b"\x00\x00"


def signed(content: bytes) -> bytes:
    """A signed message without any signature."""
    encapsulated = der(0x30, _DATA, der(0xA0, der(0x04, content)))
    return der(0x30, _SIGNED, der(0xA0, der(0x30, der(0x02, b"\x01"), der(0x31), encapsulated, der(0x31))))


def streamed(*parts: bytes) -> bytes:
    """The same as openssl streams it: no lengths, the content in parts."""
    content = ber(0x24, *(der(0x04, part) for part in parts))
    encapsulated = ber(0x30, _DATA, ber(0xA0, content))
    algorithms = ber(0x31, ber(0x30, der(0x06, b"\x2a"), der(0x05)))
    return ber(0x30, _SIGNED, ber(0xA0, ber(0x30, der(0x02, b"\x01"), algorithms, encapsulated, der(0x31))))


def enveloped() -> bytes:
    """The beginning of an encrypted message, which is all that is ever looked at."""
    return der(0x30, _ENVELOPED, der(0xA0, der(0x30, der(0x02, b"\x00"), b"x" * 200)))


def test_what_was_signed_comes_out() -> None:
    for content in (b"", TEXT, TEXT * 5000):
        assert (kind_of(signed(content)[:100]), signed_content(signed(content))) == (Kind.SIGNED, content)
    assert signed_content(streamed(TEXT, b"", TEXT)) == TEXT + TEXT
    assert kind_of(streamed(TEXT)[:100]) is Kind.SIGNED


def test_a_message_that_a_library_signed_comes_out() -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs7

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ada Fischer")])
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    end = start + datetime.timedelta(days=9)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    certificate = builder.serial_number(1).not_valid_before(start).not_valid_after(end).sign(key, hashes.SHA256())
    message = pkcs7.PKCS7SignatureBuilder().set_data(TEXT).add_signer(certificate, key, hashes.SHA256())
    whole = message.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    detached = message.sign(
        serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature]
    )
    assert (kind_of(whole[:100]), signed_content(whole)) == (Kind.SIGNED, TEXT)
    assert (kind_of(detached[:100]), signed_content(detached)) == (Kind.SIGNED, None)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (enveloped(), Kind.ENCRYPTED), (der(0x30, _DATA, der(0xA0)), Kind.OTHER), (b"", None), (b"0", None),
        (TEXT, None),
        (der(0x30, der(0x06, b"\x2a\x03")), None), (der(0x30, der(0x02, b"\x01")), None),
        (b"0\x80\x06\x84\xff\xff\xff\xff", None),
    ],
)  # fmt: skip
def test_the_kind_is_told_by_the_first_bytes(data: bytes, kind: Kind | None) -> None:
    assert kind_of(data[:100]) is kind


@pytest.mark.parametrize("whole", [signed(TEXT), streamed(TEXT, TEXT)])
def test_a_message_that_is_cut_off_within_its_content_gives_nothing(whole: bytes) -> None:
    for length in range(whole.rfind(TEXT)):
        assert signed_content(whole[:length]) is None


def test_elements_without_end_are_not_followed_for_ever() -> None:
    algorithms = b"\x31\x80" * 100_000
    started = time.process_time()
    assert signed_content(ber(0x30, _SIGNED, ber(0xA0, ber(0x30, der(0x02, b"\x01"), algorithms)))) is None
    assert time.process_time() - started < 3


@CAREFUL
@given(
    st.sampled_from([signed(TEXT), streamed(TEXT, TEXT)]), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)))
)
def test_any_bytes_come_to_an_end(whole: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(whole)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    kind_of(bytes(damaged))
    found = signed_content(bytes(damaged))
    assert found is None or len(found) <= len(whole)

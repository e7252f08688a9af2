"""RC4 in its three kinds: keys from the right password, block by block, and none from another."""

import struct

import pytest

from pipeline.outcomes import Code
from pipeline.parsing.decryption import rc4
from pipeline.parsing.reading import ReadingEnded
from tests.parsing.decryption import encrypting
from tests.parsing.decryption.encrypting import RC4, RC4_40, RC4_128

CONTENT = bytes(range(256)) * 9


@pytest.mark.parametrize("scheme", [RC4, RC4_40, RC4_128])
@pytest.mark.parametrize("block_bytes", [512, 1024])
def test_the_password_opens_every_block(scheme: str, block_bytes: int) -> None:
    keys = rc4.keys_for(encrypting.rc4_header(scheme, "Grüße"), "Grüße")
    assert keys is not None
    closed = encrypting.rc4(scheme, "Grüße", CONTENT, block_bytes)
    assert closed != CONTENT
    assert rc4.decrypted(closed, keys, block_bytes) == CONTENT
    assert rc4.one_block(closed[:block_bytes], keys(0)) == CONTENT[:block_bytes]


@pytest.mark.parametrize("scheme", [RC4, RC4_40, RC4_128])
@pytest.mark.parametrize("password", ["", "grüße", "Grüße "])
def test_another_password_opens_nothing(scheme: str, password: str) -> None:
    assert rc4.keys_for(encrypting.rc4_header(scheme, "Grüße"), password) is None


def test_a_key_of_no_length_is_one_of_40_bits() -> None:
    header = bytearray(encrypting.rc4_header(RC4_40, "x"))
    struct.pack_into("<I", header, 12 + 16, 0)
    assert rc4.keys_for(bytes(header), "x") is not None


@pytest.mark.parametrize(
    "header",
    [
        b"", b"\x01\x00", struct.pack("<HH", 1, 1), struct.pack("<HH", 7, 7) + bytes(200),
        struct.pack("<HHII", 4, 2, 4, 32) + struct.pack("<8I", 4, 0, 0x660E, 0, 128, 0, 0, 0) + bytes(200),  # AES
        struct.pack("<HHII", 4, 2, 4, 32) + struct.pack("<8I", 4, 0, 0x6801, 0, 39, 0, 0, 0) + bytes(200),
        struct.pack("<HHII", 4, 2, 4, 32) + struct.pack("<8I", 4, 0, 0x6801, 0, 256, 0, 0, 0) + bytes(200),
        struct.pack("<HHII", 4, 2, 4, 0xFFFFFFFF) + struct.pack("<8I", 4, 0, 0x6801, 0, 128, 0, 0, 0) + bytes(200),
    ],
)  # fmt: skip
def test_what_is_encrypted_in_another_way_is_said_to_be(header: bytes) -> None:
    with pytest.raises(ReadingEnded) as caught:
        rc4.keys_for(header, "x")
    assert caught.value.code is Code.ENCRYPTION_UNKNOWN

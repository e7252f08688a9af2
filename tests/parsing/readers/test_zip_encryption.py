"""ZIP with passwords, as two other programs wrote them (Info-ZIP zip 3.0 and pyzipper 0.4.0), for this test."""

import base64
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from tests.parsing.support import CAREFUL, MEMBERS, frames, members, members_and_end
from tests.zip_writer import ZipFile, archive

TEXT = b"The keys to 14 Linden Lane lie with Ada Fischer until the first of May.\n"
PASSWORD = "linden-42"
AES_128 = base64.b64decode(
    "UEsDBBQAAQBjAHi4eV1LHz6hXQAAAEgAAAAIAAsAa2V5cy50eHQBmQcAAQBBRQEIAD/UV9wAU2v4xTCjBo0dbBDvwZ+KPzbHV0KqgLgwz/4z"
    "sRsL66GnuTQ1F3Ms4+V58s1cCyqkW+++hbDjOq4t/dPos9oGEcyfF2myqPnceBfpQ7/cSkURW9NqO6sWdVBLAQIUAxQAAQBjAHi4eV1LHz6h"
    "XQAAAEgAAAAIAAsAAAAAAAAAAACAAQAAAABrZXlzLnR4dAGZBwABAEFFAQgAUEsFBgAAAAABAAEAQQAAAI4AAAAAAA=="
)  # AE-1: the check sum of the content counts
AES_192 = base64.b64decode(
    "UEsDBBQAAQBjAHi4eV0AAAAAYQAAAEgAAAAIAAsAa2V5cy50eHQBmQcAAgBBRQIIAL47lk5AhDs64Ld0pxqJWiYZV6Iy6ruczDP/uSKSj2+c"
    "Bsh1WQOo2DvDA8PKlUK6YgS9TTci4DyUzs3J63Ra06+IJfCLjSEDdNsKRfBkIvB6xdqIoLrIOWvevUNu/khLhTxQSwECFAMUAAEAYwB4uHld"
    "AAAAAGEAAABIAAAACAALAAAAAAAAAAAAgAEAAAAAa2V5cy50eHQBmQcAAgBBRQIIAFBLBQYAAAAAAQABAEEAAACSAAAAAAA="
)  # AE-2: it is left out
AES_256 = base64.b64decode(
    "UEsDBBQAAQBjAHi4eV0AAAAAZQAAAEgAAAAIAAsAa2V5cy50eHQBmQcAAgBBRQMIABM7xNmxNXQn2UGJsfHE5PKkHA4l5Z2tKcV2hVDAKqfl"
    "voiBFiAp79TDq7yHvUzcUwgz0Z0i2EhozNQrtCpP19Xg8TzbUkKP8JMv6kIbb+4pfut4faQAyIlZLqNSHRhubrtxsiXeUEsBAhQDFAABAGMA"
    "eLh5XQAAAABlAAAASAAAAAgACwAAAAAAAAAAAIABAAAAAGtleXMudHh0AZkHAAIAQUUDCABQSwUGAAAAAAEAAQBBAAAAlgAAAAAA"
)
AES_OTHER_PASSWORD = base64.b64decode(
    "UEsDBBQAAQBjAHi4eV0AAAAAZQAAAEgAAAAIAAsAa2V5cy50eHQBmQcAAgBBRQMIAO5s9b7JWLcUznWjZhQclBoFA+PyEMB55PWYFrQl3r+y"
    "JYkdzzOTVTx7QfphkmAK8OIFmXrE6fAQhF70Siex0tl+18nFcGpRJyDvwDbvkEephzarkkoSAxTBvDFTLnVU32P+Dc/8UEsBAhQDFAABAGMA"
    "eLh5XQAAAABlAAAASAAAAAgACwAAAAAAAAAAAIABAAAAAGtleXMudHh0AZkHAAIAQUUDCABQSwUGAAAAAAEAAQBBAAAAlgAAAAAA"
)  # Schlüssel, in UTF-8
CRYPTO = base64.b64decode(
    "UEsDBAoACQAAAHi4eV1LHz6hVAAAAEgAAAAIAAAAa2V5cy50eHSB3+wHqALiWhg6H81C6X98nTMub76brgIHxb6lxvC5jAXldmYMeWiX7TZ8"
    "0+U1QOUS8/2owihHk4sZRL6rRfmmy1dyI1oWgL77kPZoF4V0PNW2KjtQSwcISx8+oVQAAABIAAAAUEsBAh4DCgAJAAAAeLh5XUsfPqFUAAAA"
    "SAAAAAgAAAAAAAAAAQAAAKSBAAAAAGtleXMudHh0UEsFBgAAAAABAAEANgAAAIoAAAAAAA=="
)
CRYPTO_STORED = base64.b64decode(
    "UEsDBAoACQAAAHi4eV1LHz6hVAAAAEgAAAAIAAAAa2V5cy50eHSxEwsrmiBu2j02D5BypqwPkjwgviMQGg1x589moBu7ZCFwyYsC9JzLvm16"
    "4HwTidYrpfZDGAvCeJRaIg9ivUgNw+BWdbmcBDaSxKd6M8yQWmKeFWtQSwcISx8+oVQAAABIAAAAUEsBAh4DCgAJAAAAeLh5XUsfPqFUAAAA"
    "SAAAAAgAAAAAAAAAAAAAAKSBAAAAAGtleXMudHh0UEsFBgAAAAABAAEANgAAAIoAAAAAAA=="
)
ALL = [AES_128, AES_192, AES_256, CRYPTO, CRYPTO_STORED]
LOCKED = [(Member(1, "keys.txt", Code.PASSWORD_NEEDED), b"")]


def taken(data: bytes, *passwords: str) -> list[tuple[Member, bytes]]:
    return members(data, ".zip", msgspec.structs.replace(MEMBERS, passwords=passwords))


@pytest.mark.parametrize("data", ALL)
def test_the_right_password_among_others_opens_a_file(data: bytes) -> None:
    assert taken(data, "wrong", PASSWORD, "Schlüssel") == [(Member(1, "keys.txt"), TEXT)]


@pytest.mark.parametrize("data", ALL)
def test_without_the_password_the_names_are_read_and_the_file_says_what_it_needs(data: bytes) -> None:
    assert frames(data, ".zip") == [Opened("zip", 1, 1), Page(1, "keys.txt"), Finished()]
    assert taken(data) == LOCKED
    assert taken(data, *(f"wrong {number}" for number in range(20))) == LOCKED


def test_a_password_beyond_ascii_is_tried_in_utf8_and_in_the_encoding_of_ms_dos() -> None:
    assert taken(AES_OTHER_PASSWORD, "Schlüssel") == [(Member(1, "keys.txt"), TEXT)]
    assert taken(encrypted(TEXT, "Schlüssel".encode("cp437")), "Schlüssel") == [(Member(1, "keys.txt"), TEXT)]


@pytest.mark.parametrize("data", ALL)
def test_other_files_of_the_archive_are_read_without_a_password(data: bytes) -> None:
    """The encrypted one is put before one that is not."""
    size = struct.unpack("<L", data[-6:-2])[0]
    inner = data[:size]
    plain = archive(ZipFile(b"open.txt", b"open"))
    central = data[size:-22] + _moved(plain[plain.find(b"PK\x01\x02") : -22], size)
    body = inner + plain[: plain.find(b"PK\x01\x02")]
    both = body + central + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(central), len(body), 0)
    assert taken(both) == [*LOCKED, (Member(2, "open.txt"), b"open")]


def _moved(central: bytes, by: int) -> bytes:
    return central[:42] + struct.pack("<L", by) + central[46:]


@pytest.mark.parametrize("at", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("data", ALL)
def test_content_that_was_changed_is_not_given_out(data: bytes, at: float) -> None:
    """Where ZipCrypto is concerned, a wrong password looks no different."""
    place = 60 + int(at * (data.find(b"PK\x01\x02") - 60 - 20))
    changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    (member, content), *_ = taken(changed, PASSWORD)
    assert member.code in (Code.STRUCTURE_DAMAGED, Code.PASSWORD_NEEDED)
    assert content == b""


def test_a_wrong_password_that_passes_the_check_of_zipcrypto_is_followed_by_the_next() -> None:
    """One in 128 does: the check sum of what comes out decides."""
    passing = [str(number) for number in range(2000) if _passes(CRYPTO, str(number))]
    assert len(passing) > 5
    assert taken(CRYPTO, *passing) == LOCKED
    assert taken(CRYPTO, *passing, PASSWORD) == [(Member(1, "keys.txt"), TEXT)]


def _passes(data: bytes, password: str) -> bool:
    from pipeline.parsing.readers.zip_crypto import crypto_decrypted

    start = 30 + len("keys.txt")
    checks = frozenset({data[17], data[11]})
    return crypto_decrypted(iter([data[start : start + 90]]), checks, password.encode()) is not None


@pytest.mark.parametrize(
    "file",
    [
        ZipFile(b"a", TEXT, flags=1 | 1 << 6), ZipFile(b"a", TEXT, flags=1 | 1 << 13), ZipFile(b"a", TEXT, 99, 1),
        ZipFile(b"a", TEXT, 99, 1, extra=b"\x01\x99\x07\x00\x02\x00AE\x07\x08\x00"),
        ZipFile(b"a", TEXT, 99, 1, extra=b"\x01\x99\x02\x00\x02\x00"),
    ],
)  # fmt: skip
def test_other_kinds_of_encryption_are_named(file: ZipFile) -> None:
    assert taken(archive(file), PASSWORD) == [(Member(1, "a", Code.ENCRYPTION_UNKNOWN), b"")]


def test_a_file_too_short_to_be_encrypted_is_no_success() -> None:
    aes = ZipFile(b"a", b"x" * 10, 99, 1, extra=b"\x01\x99\x07\x00\x02\x00AE\x03\x08\x00")
    crypto = ZipFile(b"b", b"x" * 5, 0, 1)
    assert taken(archive(aes, crypto), PASSWORD) == [
        (Member(1, "a", Code.PASSWORD_NEEDED), b""),
        (Member(2, "b", Code.PASSWORD_NEEDED), b""),
    ]


@CAREFUL
@given(st.sampled_from(ALL), st.lists(st.tuples(st.integers(0, 210), st.integers(0, 255)), max_size=4))
def test_damaged_archives_come_to_an_end(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place] = value
    for member, content in members_and_end(
        bytes(damaged), ".zip", msgspec.structs.replace(MEMBERS, passwords=(PASSWORD,))
    )[0]:
        assert member.code is not None or content is not None


def encrypted(content: bytes, password: bytes) -> bytes:
    """An archive with one stored file under ZipCrypto, whose keys are kept here as APPNOTE.TXT writes them down."""
    import zlib

    def crc(old: int, byte: int) -> int:
        return zlib.crc32(bytes([byte]), old ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    keys = [305419896, 591751049, 878082192]

    def update(byte: int) -> None:
        keys[0] = crc(keys[0], byte)
        keys[1] = (keys[1] + (keys[0] & 0xFF)) * 134775813 + 1 & 0xFFFFFFFF
        keys[2] = crc(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    packed = bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(content) >> 24]) + content:
        temp = keys[2] | 2
        packed.append(byte ^ (temp * (temp ^ 1) >> 8 & 0xFF))
        update(byte)
    return archive(ZipFile(b"keys.txt", content, 0, 1, packed=bytes(packed)))

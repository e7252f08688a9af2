"""Agile and standard encryption of OOXML packages: the right password opens them, and nothing else does."""

import io
import struct
import zipfile

import pytest
from msoffcrypto.method.ecma376_agile import ECMA376Agile  # type: ignore[import-untyped]

from pipeline.outcomes import Code
from pipeline.parsing import compound
from pipeline.parsing.decryption.ecma376 import scheme_of
from pipeline.parsing.reading import ReadingEnded
from tests.parsing.decryption.encrypting import agile, standard

CONTENT = bytes(range(256)) * 100 + b"the end"  # several segments, the last one not full


def opened(file: bytes, password: str) -> bytes | None:
    root = compound.opened(io.BytesIO(file))
    scheme = scheme_of(root.stream("EncryptionInfo"))
    key = scheme.key(password)
    return None if key is None else scheme.decrypted(key, root.stream("EncryptedPackage")).read()


@pytest.mark.parametrize("hash_name", ["SHA1", "SHA-1", "SHA256", "SHA384", "SHA512"])
@pytest.mark.parametrize("key_bits", [128, 192, 256])
@pytest.mark.parametrize("password", ["Hänsel & Gretel", "密码", ""])
def test_agile_encryption_is_undone_with_the_password(hash_name: str, key_bits: int, password: str) -> None:
    file = agile(CONTENT, password, hash_name, key_bits)
    assert opened(file, password) == CONTENT
    assert opened(file, password + "x") is None


@pytest.mark.parametrize("salt", [b"short", b"longer than one block"])
def test_salts_of_any_length_are_used(salt: bytes) -> None:
    assert opened(agile(CONTENT, "x", salt=salt), "x") == CONTENT


def test_what_another_program_encrypted_is_opened() -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("word/document.xml", "text" * 5000)
    file = ECMA376Agile.encrypt("Sesame", io.BytesIO(package.getvalue()), spin_count=100)
    assert opened(file, "Sesame") == package.getvalue()
    assert opened(file, "sesame") is None


@pytest.mark.parametrize("key_bits", [128, 192, 256])
def test_standard_encryption_is_undone_with_the_password(key_bits: int) -> None:
    file = standard(CONTENT, "pässword", key_bits)
    assert opened(file, "pässword") == CONTENT
    assert opened(file, "password") is None


def test_a_package_that_was_cut_off_gives_its_beginning() -> None:
    file = agile(CONTENT, "x")
    root = compound.opened(io.BytesIO(file))
    scheme = scheme_of(root.stream("EncryptionInfo"))
    key = scheme.key("x")
    assert key is not None
    assert scheme.decrypted(key, root.stream("EncryptedPackage")[:5003]).read() == CONTENT[:4992]
    assert scheme.decrypted(key, b"").read() == b""


def test_a_package_holds_no_more_than_it_says() -> None:
    scheme = scheme_of(compound.opened(io.BytesIO(agile(CONTENT, "x"))).stream("EncryptionInfo"))
    key = scheme.key("x")
    assert key is not None
    package = compound.opened(io.BytesIO(agile(CONTENT, "x"))).stream("EncryptedPackage")
    assert scheme.decrypted(key, struct.pack("<Q", 10) + package[8:]).read() == CONTENT[:10]


def info(**changes: str) -> bytes:
    """How an agile package is encrypted, with other attributes."""
    found = compound.opened(io.BytesIO(agile(b"", "x"))).stream("EncryptionInfo")
    for name, value in changes.items():
        before, _, rest = found.partition(f'{name}="'.encode())
        found = before + f'{name}="{value}"'.encode() + rest.partition(b'"')[2]
    return found


@pytest.mark.parametrize(
    "unknown",
    [
        b"", b"\x04", struct.pack("<HHI", 4, 4, 0x40), struct.pack("<HHI", 4, 4, 0x40) + b"<keyData/>",
        struct.pack("<HHII", 4, 3, 0, 0),  # extensible: a program of somebody else
        struct.pack("<HHII", 9, 9, 0, 0), struct.pack("<HHII", 4, 2, 0x24, 40) + bytes(200),
        struct.pack("<HHII", 4, 2, 0x24, 0xFFFFFFFF) + struct.pack("<8I", 0, 0, 0x660E, 0, 128, 0, 0, 0) + bytes(200),
        struct.pack("<HHII", 4, 2, 0x24, 40) + struct.pack("<8I", 0, 0, 0x660E, 0, 256, 0, 0, 0) + bytes(200),
        info(spinCount="10000001"), info(spinCount="many"), info(cipherAlgorithm="RC2"),
        info(cipherChaining="ChainingModeCFB"), info(hashAlgorithm="WHIRLPOOL"), info(keyBits="1"),
        info(blockSize="8"), info(saltValue="%"), info(encryptedKeyValue="A"), info(hashAlgorithm="ÿ"),
    ],
)  # fmt: skip
def test_what_is_encrypted_in_another_way_is_said_to_be(unknown: bytes) -> None:
    with pytest.raises(ReadingEnded) as caught:
        scheme_of(unknown)
    assert caught.value.code is Code.ENCRYPTION_UNKNOWN


def test_a_certificate_beside_the_password_does_not_matter() -> None:
    certificate = b'<c:encryptedKey X509Certificate="AAAA" encryptedKeyValue="AAAA"/>'
    with_both = info().replace(b"<p:encryptedKey", certificate + b"<p:encryptedKey")
    assert scheme_of(with_both).key("x") is not None


def test_a_value_that_is_no_whole_block_fits_no_password() -> None:
    with pytest.raises(ValueError, match="multiple of the block length"):
        scheme_of(info(encryptedVerifierHashInput="AAAA")).key("x")

"""Encrypted OOXML documents (MS-OFFCRYPTO 2.3.4): agile and standard encryption, key from a password. In memory only.

Done here, since msoffcrypto-tool 6.1 derives each key twice, takes the right password of Office 2010's files (SHA-1)
for a wrong one, and unlocks older formats through temporary files, which the locked child must not write.
"""

import base64
import binascii
import hashlib
import hmac
import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from pipeline.outcomes import Code
from pipeline.parsing.reading import ReadingEnded

_AGILE, _STANDARD_MINOR, _STANDARD_MAJORS = (4, 4), 2, (2, 3, 4)
_MAX_SPINS = 10_000_000  # MS-OFFCRYPTO 2.3.4.10
_STANDARD_SPINS = 50_000  # 2.3.4.7
_SEGMENT_BYTES = 4096  # 2.3.4.15
_SIZE_BYTES = 8  # before the encrypted package: the size of what it holds
_AES_CBC = (b"AES", b"ChainingModeCBC")
_HASHES = ("sha1", "sha256", "sha384", "sha512")
_VERIFIER_INPUT = bytes.fromhex("fea7d2763b4b9e79")  # 2.3.4.13: what makes three keys of one password
_VERIFIER_HASH = bytes.fromhex("d7aa0f6d3061344e")
_KEY_VALUE = bytes.fromhex("146e0be7abacd0d6")
_KEY_DATA = re.compile(rb"<(?:\w+:)?keyData\s[^>]*>")
_PASSWORD_KEY = re.compile(rb"<(?:\w+:)?encryptedKey\s[^>]*\bspinCount=[^>]*>")  # others are for certificates
_ATTRIBUTE = re.compile(rb"\b(\w+)\s*=\s*[\"']([^\"']*)[\"']")
_AES_KEY_BITS = {0x660E: 128, 0x660F: 192, 0x6610: 256}  # 2.3.2: AlgID
_HEADER = struct.Struct("<HHII")  # version, flags, size of the header that follows
_STANDARD_HEADER = struct.Struct("<8xI4xI12x")
_VERIFIER = struct.Struct("<4x16s16s4x32s")


@dataclass(frozen=True, slots=True)
class _Parameters:
    """How one part is encrypted: AES in CBC mode; initialisation vectors come from the salt."""

    salt: bytes
    salt_bytes: int
    hash_name: str
    key_bytes: int
    block_bytes: int

    def hashed(self, content: bytes) -> bytes:
        return hashlib.new(self.hash_name, content, usedforsecurity=False).digest()

    def vector(self, salt: bytes) -> bytes:
        return _fitted(salt, self.block_bytes)


@dataclass(frozen=True, slots=True)
class Agile:
    """Agile encryption: the key of the package lies in the file, encrypted with one that a password gives."""

    _data: _Parameters
    _password: _Parameters
    _spins: int
    _verifier_input: bytes
    _verifier_hash: bytes
    _key_value: bytes

    def key(self, password: str) -> bytes | None:
        """The key of the package, None where the password is another."""
        by = self._password
        digest = _spun(by.hash_name, by.salt, password, self._spins)

        def opened(what: bytes, block_key: bytes) -> bytes:
            key = _fitted(by.hashed(digest + block_key), by.key_bytes)
            return _aes(key, modes.CBC(by.vector(by.salt)), what)

        expected = opened(self._verifier_hash, _VERIFIER_HASH)
        found = by.hashed(opened(self._verifier_input, _VERIFIER_INPUT)[: by.salt_bytes])
        if not hmac.compare_digest(found, expected[: len(found)]):
            return None
        return opened(self._key_value, _KEY_VALUE)[: self._data.key_bytes]

    def decrypted(self, key: bytes, package: bytes) -> BinaryIO:
        """What the package holds."""
        content = io.BytesIO()
        for number, segment in enumerate(_segments(package)):
            vector = self._data.vector(self._data.hashed(self._data.salt + struct.pack("<I", number)))
            content.write(_aes(key, modes.CBC(vector), segment))
        return _cut(content, package)


@dataclass(frozen=True, slots=True)
class Standard:
    """Standard encryption, of Office 2007: the password gives the key itself."""

    _key_bytes: int
    _salt: bytes
    _verifier: bytes
    _verifier_hash: bytes

    def key(self, password: str) -> bytes | None:
        """The key of the package, None where the password is another."""
        digest = _sha1(_spun("sha1", self._salt, password, _STANDARD_SPINS) + bytes(4))
        halves = (bytes(byte ^ fill for byte in digest.ljust(64, b"\x00")) for fill in (0x36, 0x5C))
        key = b"".join(_sha1(half) for half in halves)[: self._key_bytes]
        found = _sha1(_aes(key, modes.ECB(), self._verifier))  # noqa: S305 - the format has no other mode
        expected = _aes(key, modes.ECB(), self._verifier_hash)  # noqa: S305
        return key if hmac.compare_digest(found, expected[: len(found)]) else None

    def decrypted(self, key: bytes, package: bytes) -> BinaryIO:
        """What the package holds."""
        content = io.BytesIO()
        for segment in _segments(package):
            content.write(_aes(key, modes.ECB(), segment))  # noqa: S305
        return _cut(content, package)


def scheme_of(info: bytes) -> Agile | Standard:
    """The scheme that an EncryptionInfo stream describes. Raises ReadingEnded(ENCRYPTION_UNKNOWN)."""
    try:
        major, minor, _flags, header_bytes = _HEADER.unpack_from(info)
        if (major, minor) == _AGILE:
            return _agile(info)
        if minor == _STANDARD_MINOR and major in _STANDARD_MAJORS:
            algorithm, key_bits = _STANDARD_HEADER.unpack_from(info, _HEADER.size)
            salt, verifier, verifier_hash = _VERIFIER.unpack_from(info, _HEADER.size + header_bytes)
            key_bits = key_bits or _AES_KEY_BITS[algorithm]
            if key_bits == _AES_KEY_BITS[algorithm]:
                return Standard(key_bits // 8, salt, verifier, verifier_hash)
    except (struct.error, KeyError, ValueError, binascii.Error, UnicodeDecodeError):
        pass
    raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)


def _agile(info: bytes) -> Agile:
    """Raises KeyError and ValueError for what is missing or unknown."""
    data, key = _KEY_DATA.search(info), _PASSWORD_KEY.search(info)
    if data is None or key is None:
        raise ValueError
    found = dict(_ATTRIBUTE.findall(key[0]))
    spins = int(found[b"spinCount"])
    if spins > _MAX_SPINS:
        raise ValueError
    secrets = (b"encryptedVerifierHashInput", b"encryptedVerifierHashValue", b"encryptedKeyValue")
    return Agile(
        _parameters(dict(_ATTRIBUTE.findall(data[0]))),
        _parameters(found),
        spins,
        *(base64.b64decode(found[name]) for name in secrets),
    )


def _parameters(found: dict[bytes, bytes]) -> _Parameters:
    hash_name = found[b"hashAlgorithm"].decode("ascii").lower().replace("-", "")
    if (found[b"cipherAlgorithm"], found[b"cipherChaining"]) != _AES_CBC or hash_name not in _HASHES:
        raise ValueError
    salt, salt_bytes = base64.b64decode(found[b"saltValue"]), int(found[b"saltSize"])
    key_bits, block_bytes = int(found[b"keyBits"]), int(found[b"blockSize"])
    if key_bits not in _AES_KEY_BITS.values() or block_bytes != algorithms.AES.block_size // 8:
        raise ValueError
    if len(salt) != salt_bytes:
        raise ValueError
    return _Parameters(salt, salt_bytes, hash_name, key_bits // 8, block_bytes)


def _spun(hash_name: str, salt: bytes, password: str, spins: int) -> bytes:
    """A digest of salt and password that takes long, so that guessing does (2.3.4.7, 2.3.4.11)."""
    make = getattr(hashlib, hash_name)
    digest: bytes = make(salt + password.encode("utf-16-le", "surrogatepass"), usedforsecurity=False).digest()
    pack = struct.Struct("<I").pack
    for number in range(spins):
        digest = make(pack(number) + digest, usedforsecurity=False).digest()
    return digest


def _segments(package: bytes) -> Iterator[bytes]:
    """The encrypted segments, whole blocks only: the last one of a file that was cut off may be less."""
    block = algorithms.AES.block_size // 8
    for start in range(_SIZE_BYTES, len(package), _SEGMENT_BYTES):
        segment = package[start : start + _SEGMENT_BYTES]
        yield segment[: len(segment) // block * block]


def _cut(content: io.BytesIO, package: bytes) -> BinaryIO:
    """The content without what fills its last block."""
    content.truncate(min(content.tell(), int.from_bytes(package[:_SIZE_BYTES], "little")))
    content.seek(0)
    return content


def _aes(key: bytes, mode: modes.CBC | modes.ECB, content: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), mode).decryptor()
    return decryptor.update(content) + decryptor.finalize()


def _sha1(content: bytes) -> bytes:
    return hashlib.sha1(content, usedforsecurity=False).digest()


def _fitted(content: bytes, length: int) -> bytes:
    return content[:length].ljust(length, b"\x36")

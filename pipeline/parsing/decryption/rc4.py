"""RC4 encryption of older Office documents (MS-OFFCRYPTO 2.3.5 and 2.3.6): a password's keys, and what they open."""

import hashlib
import hmac
import struct
from collections.abc import Callable

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext

from pipeline.outcomes import Code
from pipeline.parsing.reading import ReadingEnded

_VERSION = struct.Struct("<HH")
_SIMPLE, _CRYPTO_API_MINOR, _CRYPTO_API_MAJORS = (1, 1), 2, (2, 3, 4)
_SIMPLE_BODY = struct.Struct("<16s16s16s")  # salt, verifier, its hash
_API_START = struct.Struct("<4xI")  # size of the header that follows
_API_HEADER = struct.Struct("<8xI4xI")  # AlgID, bits of the key
_API_VERIFIER = struct.Struct("<4x16s16s4x20s")
_RC4 = 0x6801  # AlgID
_SHORT_KEY_BITS = 40  # such a key is filled up with zeros to 128 bits (2.3.5.2)

Keys = Callable[[int], bytes]  # the key of each block


def keys_for(info: bytes, password: str) -> Keys | None:
    """The keys that a password gives under what an encryption header says; None where it is another password.

    Raises ReadingEnded(ENCRYPTION_UNKNOWN).
    """
    try:
        version = _VERSION.unpack_from(info)
        if version == _SIMPLE:
            salt, verifier, verifier_hash = _SIMPLE_BODY.unpack_from(info, _VERSION.size)
            keys, digest = _simple_keys(salt, password), hashlib.md5
        elif version[1] == _CRYPTO_API_MINOR and version[0] in _CRYPTO_API_MAJORS:
            start = _VERSION.size + _API_START.size
            (header_bytes,) = _API_START.unpack_from(info, _VERSION.size)
            algorithm, key_bits = _API_HEADER.unpack_from(info, start)
            if algorithm != _RC4 or key_bits % 8 or key_bits > 128:
                raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
            salt, verifier, verifier_hash = _API_VERIFIER.unpack_from(info, start + header_bytes)
            keys, digest = _api_keys(salt, password, key_bits or _SHORT_KEY_BITS), hashlib.sha1
        else:
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
    except struct.error:
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN) from None
    cipher = _cipher(keys(0))
    found = digest(cipher.update(verifier), usedforsecurity=False).digest()
    return keys if hmac.compare_digest(found, cipher.update(verifier_hash)) else None


def decrypted(content: bytes, keys: Keys, block_bytes: int) -> bytes:
    """A stream whose blocks of so many bytes each have a key of their own."""
    return b"".join(
        one_block(content[start : start + block_bytes], keys(start // block_bytes))
        for start in range(0, len(content), block_bytes)
    )


def one_block(content: bytes, key: bytes) -> bytes:
    """Content under a single key."""
    return _cipher(key).update(content)


def _simple_keys(salt: bytes, password: str) -> Keys:
    first = _md5(password.encode("utf-16-le", "surrogatepass"))[:5]
    base = _md5((first + salt) * 16)[:5]
    return lambda block: _md5(base + struct.pack("<I", block))


def _api_keys(salt: bytes, password: str, key_bits: int) -> Keys:
    base = _sha1(salt + password.encode("utf-16-le", "surrogatepass"))

    def key(block: int) -> bytes:
        digest = _sha1(base + struct.pack("<I", block))
        return digest[:5] + bytes(11) if key_bits == _SHORT_KEY_BITS else digest[: key_bits // 8]

    return key


def _cipher(key: bytes) -> CipherContext:
    return Cipher(ARC4(key), mode=None).decryptor()


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def _sha1(content: bytes) -> bytes:
    return hashlib.sha1(content, usedforsecurity=False).digest()

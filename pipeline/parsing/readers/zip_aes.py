"""ZIP entries that are encrypted with AES (AE-1, AE-2), as winzip.com's "AES Encryption Information" has it."""

import hashlib
import hmac
from array import array
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from pipeline.outcomes import Code
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Blocks, split_off

_ITERATIONS, _CHECK_BYTES, _CODE_BYTES, _BLOCK_BYTES = 1000, 2, 10, 16
_KEY_BYTES = {1: 16, 2: 24, 3: 32}  # by the strength that the extra field gives


@dataclass(frozen=True, slots=True)
class AesField:
    """What the extra field says. `has_crc`: AE-1, in which the entry's check sum counts too."""

    key_bytes: int
    method: int  # how the content is compressed
    has_crc: bool

    @property
    def salt_bytes(self) -> int:
        """How long the salt is that the content begins with."""
        return self.key_bytes // 2

    @property
    def overhead_bytes(self) -> int:
        """How much longer the content is than what was encrypted."""
        return self.salt_bytes + _CHECK_BYTES + _CODE_BYTES


def aes_field(extra: bytes) -> AesField | None:
    """The field's meaning, None where it has none that is known."""
    if len(extra) < 7 or extra[2:4] != b"AE" or extra[4] not in _KEY_BYTES:
        return None
    version = int.from_bytes(extra[:2], "little")
    return AesField(_KEY_BYTES[extra[4]], int.from_bytes(extra[5:7], "little"), version == 1)


def aes_decrypted(packed: Blocks, packed_size: int, field: AesField, password: bytes) -> Blocks | None:
    """The content with its encryption undone; None where the password is wrong. The blocks are used up either way.

    The iterator raises ReadingEnded(STRUCTURE_DAMAGED) at its end where the content's code does not fit.
    """
    head, packed = split_off(packed, field.salt_bytes + _CHECK_BYTES)
    salt, check = head[: field.salt_bytes], head[field.salt_bytes :]
    length = 2 * field.key_bytes + _CHECK_BYTES
    derived = hashlib.pbkdf2_hmac("sha1", password, salt, _ITERATIONS, length)
    if not hmac.compare_digest(derived[-_CHECK_BYTES:], check):
        return None
    encryption_key, code_key = derived[: field.key_bytes], derived[field.key_bytes : -_CHECK_BYTES]
    return _aes_blocks(packed, packed_size - field.overhead_bytes, encryption_key, code_key)


def _aes_blocks(packed: Blocks, size: int, key: bytes, code_key: bytes) -> Blocks:
    if size < 0:
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)
    encryptor = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - counter mode is made of it: WinZip counts backwards
    code = hmac.new(code_key, digestmod="sha1")
    counter = 1
    held = b""
    for block in packed:
        held += block
        usable = min(size, len(held) - len(held) % _BLOCK_BYTES if len(held) < size else size)
        encrypted, held = held[:usable], held[usable:]
        code.update(encrypted)
        blocks = -(-usable // _BLOCK_BYTES)
        yield _xor(encrypted, encryptor.update(_counters(counter, blocks)))
        counter += blocks
        size -= usable
        if not size and len(held) >= _CODE_BYTES:
            break
    if size or not hmac.compare_digest(code.digest()[:_CODE_BYTES], held):
        raise ReadingEnded(Code.STRUCTURE_DAMAGED)


def _counters(first: int, count: int) -> bytes:
    """Blocks of 128 bits that count, each with its lowest byte first; 64 bits are enough for any file."""
    numbers = array("Q", bytes(_BLOCK_BYTES * count))
    numbers[::2] = array("Q", range(first, first + count))
    return numbers.tobytes()


def _xor(left: bytes, right: bytes) -> bytes:
    length = len(left)
    return (int.from_bytes(left, "little") ^ int.from_bytes(right[:length], "little")).to_bytes(length, "little")

"""ZIP entries that are encrypted with ZipCrypto (APPNOTE.TXT 6.3.10, 6.1): weak, slow, and still what most tools do."""

from pipeline.parsing.unpacking import Blocks, split_off

HEADER_BYTES = 12
_FIRST_KEYS = (0x12345678, 0x23456789, 0x34567890)


def crypto_decrypted(packed: Blocks, checks: frozenset[int], password: bytes) -> Blocks | None:
    """The content with its encryption undone; None where the password is wrong. The blocks are used up either way.

    `checks` are the values that the last byte of its header may have. One wrong password in 128 passes for a right
    one: the content's check sum tells.
    """
    head, packed = split_off(packed, HEADER_BYTES)
    keys = _Keys(password)
    decrypted = keys.decrypted(head)
    if len(head) < HEADER_BYTES or decrypted[-1] not in checks:
        return None
    return map(keys.decrypted, packed)


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xEDB88320 if byte & 1 else 0)
    return byte


_CRC = tuple(map(_crc_of, range(256)))


class _Keys:
    """The three keys, which change with every byte."""

    def __init__(self, password: bytes) -> None:
        self._keys = _FIRST_KEYS
        for byte in password:
            self._update(byte)

    def _update(self, byte: int) -> None:
        first, second, third = self._keys
        first = first >> 8 ^ _CRC[(first ^ byte) & 0xFF]
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = third >> 8 ^ _CRC[(third ^ second >> 24) & 0xFF]
        self._keys = first, second, third

    def decrypted(self, block: bytes) -> bytes:
        """The next bytes. As _update for each, written out: this loop takes all the time that such archives need."""
        crc = _CRC
        first, second, third = self._keys
        clear = bytearray()
        for encrypted in block:
            stream = third & 0xFFFF | 2
            byte = encrypted ^ (stream * (stream ^ 1) >> 8 & 0xFF)
            first = first >> 8 ^ crc[(first ^ byte) & 0xFF]
            second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
            third = third >> 8 ^ crc[(third ^ second >> 24) & 0xFF]
            clear.append(byte)
        self._keys = first, second, third
        return bytes(clear)

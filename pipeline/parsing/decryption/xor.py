"""XOR obfuscation of the oldest Office documents (MS-OFFCRYPTO 2.3.7): sixteen bytes from a password, and their use."""

_MAX_CHARACTERS = 15
_LENGTH = 16  # of the bytes that a password gives
_FILL = bytes.fromhex("bbffffbaffffb98000be0f00bf0f00")  # 2.3.7.2: behind the password
_VERIFIER_END = 0xCE4B
_REGISTER, _LAST, _TAPS = 0x8000, 0xFFFF, 0x1020  # of the shift register that makes the tables of 2.3.7.2
_TURNED = {bits: bytes((byte << bits | byte >> 8 - bits) & 0xFF for byte in range(256)) for bits in (3, 7)}


def usable(password: str) -> bytes | None:
    """The bytes of a password as the scheme takes them, None where it cannot be one."""
    characters = [ord(character) for character in password]
    if not 0 < len(characters) <= _MAX_CHARACTERS or max(characters) > 0xFFFF:
        return None
    return bytes(one & 0xFF or one >> 8 for one in characters)


def verifier(password: bytes) -> int:
    """The 16 bits by which a password is known (2.3.7.1)."""
    found = 0
    for byte in reversed(bytes([len(password)]) + password):
        found = (found << 1 & 0x7FFF | found >> 14) ^ byte
    return found ^ _VERIFIER_END


def key(password: bytes) -> int:
    """The 16 bits that every byte is mixed with (2.3.7.2)."""
    mask, found, end = _REGISTER, 0, _LAST
    for byte in reversed(password):
        for bit in range(8):
            mask, end = _stepped(mask), _stepped(end)
            if bit < 7 and byte >> bit & 1:
                found ^= mask
    return found ^ end


def mask_of(password: bytes) -> bytes:
    """The sixteen bytes that content is mixed with."""
    pair = key(password).to_bytes(2, "little") * (_LENGTH // 2)
    return _mixed((password + _FILL)[:_LENGTH], pair).translate(_TURNED[7])


def sheet_decrypted(content: bytes, mask: bytes, start: int) -> bytes:
    """A record of a workbook; `start` is where in its stream it would begin were it as long as it lies further in."""
    return _mixed(content, _repeated(mask, start, len(content))).translate(_TURNED[3])


def text_decrypted(content: bytes, mask: bytes, start: int) -> bytes:
    """A stream of a text document from the offset `start` on: zeros, and what would become zero, stay as they are."""
    mixed = _mixed(content, _repeated(mask, start, len(content)))
    return bytes(new if old and new else old for old, new in zip(content, mixed, strict=True))


def _stepped(word: int) -> int:
    word = (word << 1 | word >> 15) & 0xFFFF
    return word ^ _TAPS if word & 1 else word


def _repeated(mask: bytes, start: int, length: int) -> bytes:
    turned = mask[start % _LENGTH :] + mask[: start % _LENGTH]
    return (turned * (length // _LENGTH + 1))[:length]


def _mixed(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")).to_bytes(len(one), "little")

"""The words of an RTF file, one after the other, in one pass whatever the file holds. Knows no meaning."""

import re
from collections.abc import Iterator
from enum import Enum

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?"  # a word, with its number
    rb"|([^\\{}]+)"
    rb"|([{}])"
    rb"|((?:\\'[0-9a-fA-F]{2}){1,10000})"  # bytes
    rb"|\\([^a-zA-Z])"  # a sign
)
_BINARY = b"bin"  # followed by so many bytes that are no RTF


class Kind(Enum):
    """What a token is."""

    OPEN = 1
    CLOSE = 2
    WORD = 3
    SIGN = 4
    BYTES = 5


# Kind; the word or the sign; the number behind a word; bytes. A tuple, as a file may have ten million of them.
Token = tuple[Kind, str, int | None, bytes]

_OPEN: Token = (Kind.OPEN, "", None, b"")
_CLOSE: Token = (Kind.CLOSE, "", None, b"")


def tokens(data: bytes) -> Iterator[Token]:
    """All tokens. What is none, such as a backslash at the very end, is passed over; so are bytes that are no RTF."""
    at = 0
    while at < len(data):
        for found in _TOKEN.finditer(data, at):
            which = found.lastindex
            if which == 3:
                text = found[3].translate(None, b"\r\n\x00")
                if text:
                    yield Kind.BYTES, "", None, text
            elif which == 4:
                yield _OPEN if found[4] == b"{" else _CLOSE
            elif which == 5:
                yield Kind.BYTES, "", None, bytes.fromhex(found[5].replace(b"\\'", b"").decode("ascii"))
            elif which == 6:
                yield Kind.SIGN, found[6].decode("latin-1"), None, b""
            elif which == 2 and found[1] == _BINARY:
                at = found.end() + max(0, int(found[2]))
                break
            else:
                yield Kind.WORD, found[1].decode("ascii"), int(found[2]) if which == 2 else None, b""
        else:
            return

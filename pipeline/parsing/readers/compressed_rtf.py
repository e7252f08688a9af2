"""Unpacks the RTF of mails (MS-OXRTFCP), which is at most nine times as long as it lies in the file."""

import struct

_HEADER = struct.Struct("<4xI4s4x")
_COMPRESSED, _STORED = b"LZFu", b"MELA"
_WINDOW = 4096  # bytes that may be referred to
_SHORTEST = 2  # reference
# What stands in the window at the beginning: the words that every RTF file has (2.2.2.1).
_BEGINNING = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    b"\\b\\i\\u\\tab\\tx"
)


def unpacked(content: bytes) -> bytes:
    """The RTF text; as far as it goes where the content is broken. Empty for content that is none."""
    if len(content) < _HEADER.size:
        return b""
    size, kind = _HEADER.unpack_from(content)
    if kind == _STORED:
        return content[_HEADER.size : _HEADER.size + size]
    return _inflated(content, size) if kind == _COMPRESSED else b""


def _inflated(content: bytes, size: int) -> bytes:
    found = bytearray(_BEGINNING)
    at, end = _HEADER.size, len(content) - 1
    while at < end and len(found) < size + len(_BEGINNING):
        flags = content[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                found += content[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(content[at : at + 2], "big")
            at += 2
            back = (len(found) - (reference >> 4)) % _WINDOW
            if back == 0 or at > len(content):
                return bytes(found[len(_BEGINNING) :])  # a reference to itself is the end
            start = max(0, len(found) - back)
            for place in range(start, start + (reference & 0xF) + _SHORTEST):
                found.append(found[place])  # which may have been written just now
    return bytes(found[len(_BEGINNING) : len(_BEGINNING) + size])

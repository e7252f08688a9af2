"""Documents embedded in an RTF file, as OLE 1 objects in hexadecimal (MS-OLEDS 2.2): counts them, takes them out."""

import io
import re
import struct

from pipeline.outcomes import Code
from pipeline.parsing import compound, ole_objects
from pipeline.parsing.ole_objects import Embedded
from pipeline.parsing.reading import ReadingEnded

_OBJECT = re.compile(rb"\\objdata(?![a-z])")
_BINARY = re.compile(rb"\s*\\bin([0-9]{1,10}) ?")
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_EMBEDDED = 2  # the other kinds are links and pictures
_PACKAGE, _FORMULA = b"Package", b"Equation"
_CLASS_AT = 8
_HEAD_BYTES = 4096  # enough to see what an object is
_MAX_NAME_BYTES = 1024


def found(data: bytes) -> list[int]:
    """Where the objects with a document of their own begin."""
    return [match.end() for match in _OBJECT.finditer(data) if _is_document(data, match.end())]


def taken_out(data: bytes, at: int, number: int) -> Embedded:
    """The document in the object there; `number` counts from 1 and becomes part of its name."""
    name = f"embedded-{number}.bin"
    try:
        kind, content = _native(_bytes(data, at, None))
        if kind == _PACKAGE:
            return ole_objects.native(content)
        if content.startswith(compound.SIGNATURE):
            return ole_objects.taken_out(compound.opened(io.BytesIO(content)), number)
    except (struct.error, ReadingEnded):
        return Embedded(name, b"", Code.STRUCTURE_DAMAGED)
    return Embedded(name, content)


def _is_document(data: bytes, at: int) -> bool:
    head = _bytes(data, at, _HEAD_BYTES)
    return head[4:8] == _EMBEDDED.to_bytes(4, "little") and not head[_CLASS_AT + 4 :].startswith(_FORMULA)


def _bytes(data: bytes, at: int, most: int | None) -> bytes:
    """The bytes of an object, at most so many: in hexadecimal up to the end of its group, or as they are."""
    binary = _BINARY.match(data, at)
    if binary is not None:
        length = int(binary[1]) if most is None else min(most, int(binary[1]))
        return data[binary.end() : binary.end() + length]
    end = data.find(b"}", at)
    end = len(data) if end < 0 else end
    digits = data[at : end if most is None else min(end, at + 4 * most)].translate(None, _NO_DIGITS)
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))


def _native(content: bytes) -> tuple[bytes, bytes]:
    """The class of an object, and its data. Raises struct.error."""
    at = _CLASS_AT
    kind = b""
    for which in range(3):  # class, topic and item
        (length,) = struct.unpack_from("<I", content, at)
        if length > _MAX_NAME_BYTES:
            raise struct.error
        if which == 0:
            kind = content[at + 4 : at + 4 + length].rstrip(b"\x00")
        at += 4 + length
    (size,) = struct.unpack_from("<I", content, at)
    return kind, content[at + 4 : at + 4 + size]

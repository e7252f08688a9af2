"""What lies in a signed message (CMS, RFC 5652; PKCS #7), and whether a message is encrypted. Checks no signature.

Only the way to the content is walked, element by element (X.690), so that depth and size cost nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_SEQUENCE, _OBJECT_IDENTIFIER, _OCTETS, _CONSTRUCTED_OCTETS, _EXPLICIT_0 = 0x30, 0x06, 0x04, 0x24, 0xA0
_PKCS7 = bytes.fromhex("2a864886f70d0107")  # 1.2.840.113549.1.7
_ENCRYPTED_KINDS = {_PKCS7 + b"\x03", _PKCS7 + b"\x06", bytes.fromhex("2a864886f70d0109100117")}  # and AuthEnveloped
_INDEFINITE = -1
_MAX_HEAD = 32  # bytes of a content info before the identifier of its kind has ended


class Kind(StrEnum):
    """What a message is, as far as it matters here."""

    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: its content is source[start:end], or goes on up to an end mark where `length` is _INDEFINITE."""

    tag: int
    start: int
    length: int

    @property
    def end(self) -> int:
        """Where it ends, if it says so."""
        return self.start + self.length


def kind_of(head: bytes) -> Kind | None:
    """What a message is that begins like this; None where it is no CMS."""
    try:
        outer = _element(head, 0)
        identifier = _element(head, outer.start)
    except IndexError:
        return None
    name = head[identifier.start : identifier.end]
    if outer.tag != _SEQUENCE or identifier.tag != _OBJECT_IDENTIFIER or identifier.end > _MAX_HEAD:
        return None
    if name == _PKCS7 + b"\x02":
        return Kind.SIGNED
    if name in _ENCRYPTED_KINDS:
        return Kind.ENCRYPTED
    return Kind.OTHER if name.startswith(_PKCS7) else None


def signed_content(source: bytes) -> bytes | None:
    """What was signed; None where it does not lie in the message, or the message is broken."""
    try:
        outer = _element(source, 0)
        kind = _element(source, outer.start)
        signed = _element(source, _element(source, kind.end).start)
        version = _element(source, signed.start)
        encapsulated = _element(source, _end(source, _element(source, version.end)))
        content_kind = _element(source, encapsulated.start)
        explicit = _element(source, content_kind.end)
        if encapsulated.tag != _SEQUENCE or explicit.tag != _EXPLICIT_0:
            return None
        return b"".join(_octets(source, _element(source, explicit.start)))
    except IndexError:  # it ends before its elements do
        return None


def _element(source: bytes, at: int) -> _Element:
    """The element that begins here. Raises IndexError where there is none."""
    tag, length = source[at], source[at + 1]
    at += 2
    if tag & 0x1F == 0x1F:  # a tag of several bytes: none of those that lead to the content
        raise IndexError
    if length == 0x80:
        return _Element(tag, at, _INDEFINITE)
    if length > 0x80:
        width = length & 0x7F
        if width > 8 or at + width > len(source):
            raise IndexError
        length = int.from_bytes(source[at : at + width], "big")
        at += width
    return _Element(tag, at, length)


def _end(source: bytes, element: _Element) -> int:
    """Where an element ends that may not say so itself. Raises IndexError."""
    at, depth = (element.start, 1) if element.length == _INDEFINITE else (element.end, 0)
    while depth:
        if source[at] == 0 and source[at + 1] == 0:
            at, depth = at + 2, depth - 1
            continue
        inner = _element(source, at)
        if inner.length == _INDEFINITE:
            at, depth = inner.start, depth + 1
        else:
            at = inner.end
    return at


def _octets(source: bytes, element: _Element) -> Iterator[bytes]:
    """The bytes of a string, which may come in several parts. Raises IndexError where it is cut off."""
    if element.tag == _OCTETS:
        if element.end > len(source):
            raise IndexError
        yield source[element.start : element.end]
        return
    if element.tag != _CONSTRUCTED_OCTETS:
        raise IndexError
    at = element.start
    while source[at] != 0 if element.length == _INDEFINITE else at < element.end:
        part = _element(source, at)
        if part.tag != _OCTETS or part.end > len(source):
            raise IndexError
        yield source[part.start : part.end]
        at = part.end

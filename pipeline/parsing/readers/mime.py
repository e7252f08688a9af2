"""The parts of a mail: where each begins and ends in the mail's own bytes, and their contents. No recursion.

Mails within a mail are parts like others: what lies in them is left to whoever reads them, so that a mail that holds a
mail that holds a mail costs no more than its length at each level. RFC 2045, 2046, 2231.
"""

import binascii
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.parsing.mail_signs import begins_mail
from pipeline.parsing.protocol import PIECE_BYTES
from pipeline.parsing.readers import cms, uuencode
from pipeline.parsing.readers.mail_headers import NO_BASE64, Header, decoded_base64, header_of
from pipeline.parsing.unpacking import Blocks

MAX_PARTS = 20_000  # each costs some 50 microseconds of processor time; people write no mails with more than 100
MAX_DEPTH = 50  # of parts in parts; mail programs make five, and each level is searched for its boundary
ENCRYPTED = "multipart/encrypted"  # the type of what nobody can read, whether it is PGP or S/MIME
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_LONGEST_BOUNDARY = 1000
_LINE_ABOUT = 100  # how far behind a boundary white space is passed over
_SOME_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\r\n]{1,200})\r?\n")  # in a mail that does not say which it is
_LEAD_BYTES = 1000  # in which it must stand then
_UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_LENGTH = re.compile(rb"(\d{1,12})[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that has no parts: its body is source[start:end], as it was encoded for the way.

    `alternative` is the number of the outermost set of alternatives that it belongs to, if to any.
    """

    source: bytes
    header: Header
    start: int
    end: int
    type: str
    alternative: int | None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail's own header and its parts in order. `complete`: nothing was left out for want of time or memory."""

    header: Header
    parts: tuple[Part, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Bytes that hold a part with its header, which are still to be looked at."""

    source: bytes
    start: int
    end: int
    default_type: str = "text/plain"
    depth: int = 0
    alternative: int | None = None


def mail_of(source: bytes) -> Mail:
    """Take a mail apart. Anything is one: without a header all of it is the body."""
    top = Header({})
    parts: list[Part] = []
    complete = True
    start, end = _extent(source)
    waiting = [_Stretch(source, start, end)]
    sets = 0
    while waiting and len(parts) < MAX_PARTS:  # of which one may bring some more: files in its text
        stretch = waiting.pop()
        header, body, cut = header_of(stretch.source, stretch.start, stretch.end)
        top = header if stretch.depth == 0 else top
        complete = complete and not cut
        kind = _type(header, stretch.default_type)
        alternative = stretch.alternative
        if kind == "multipart/alternative" and alternative is None:
            alternative, sets = sets, sets + 1
        part = Part(stretch.source, header, body, stretch.end, kind, alternative)
        inner = [] if kind == ENCRYPTED else _inner(part, stretch.depth + 1)
        if inner and stretch.depth == MAX_DEPTH:
            complete = False
        elif inner:
            waiting.extend(reversed(inner))
        else:
            parts.extend(_leaves(part))
    return Mail(top, tuple(parts), complete and not waiting)


def content_of(part: Part) -> Blocks:
    """A part's content with the encoding for the way undone, as far as it can be."""
    encoding = part.header.value("content-transfer-encoding")
    if encoding == "base64":
        return _from_base64(part)
    if encoding == "quoted-printable":
        return map(binascii.a2b_qp, _stretches(part))
    if encoding in _UUENCODE:
        return uuencode.decoded(_stretches(part))
    return _stretches(part)


def _extent(source: bytes) -> tuple[int, int]:
    """Where a mail begins and ends: Apple's program writes its length before it, and a property list behind it."""
    start = _beginning(source)
    counted = _LENGTH.match(source, start)
    if counted and begins_mail(source[counted.end() : counted.end() + _LEAD_BYTES]):
        return counted.end(), min(len(source), counted.end() + int(counted[1]))
    return start, len(source)


def _beginning(source: bytes) -> int:
    start = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    while source[start : start + 1] in (b"\r", b"\n"):
        start += 1
    return start


def _type(header: Header, default: str) -> str:
    kind = header.value("content-type")
    if not kind:
        return default
    return kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "text/plain"  # RFC 2045, 5.2


def _inner(part: Part, depth: int) -> list[_Stretch]:
    """What lies in a part, each with a header of its own: in a multipart, or in what was only signed."""
    if part.type in _PKCS7:
        signed = cms.signed_content(b"".join(content_of(part)))
        return [] if signed is None else [_Stretch(signed, _beginning(signed), len(signed), depth=depth)]
    if not part.type.startswith("multipart/"):
        return []
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    return [
        _Stretch(part.source, start, end, default, depth, part.alternative)
        for start, end in itertools.islice(_split(part, _boundary(part)), MAX_PARTS + 1)
    ]


def _boundary(part: Part) -> bytes:
    declared = part.header.parameter("content-type", "boundary").rstrip().encode("utf-8", "replace")
    if declared:
        return declared[:_LONGEST_BOUNDARY]
    found = _SOME_BOUNDARY.search(part.source[part.start : min(part.end, part.start + _LEAD_BYTES)])
    return found[1].rstrip() if found else b""


def _split(part: Part, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where the parts of a multipart begin and end. What stands before the first and behind the last is no part."""
    begun: int | None = None
    for line, behind, is_last in _delimiters(part, boundary):
        if begun is not None:
            yield begun, max(begun, _without_line_end(part.source, line))
        begun = behind
        if is_last:
            return
    if begun is not None:
        yield begun, part.end


def _delimiters(part: Part, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """The lines that are a boundary: where each begins, where the next line does, and whether it is the last."""
    source, mark = part.source, b"--" + boundary
    at = source.find(mark, part.start, part.end) if boundary else -1
    while at >= 0:
        behind = at + len(mark)
        if at == part.start or source[at - 1] == 0x0A:
            line_end = source.find(b"\n", behind, min(part.end, behind + _LINE_ABOUT))
            line_end = min(part.end, behind + _LINE_ABOUT) if line_end < 0 else line_end + 1
            rest = source[behind:line_end].strip()
            if rest in (b"", b"--"):
                yield at, line_end, rest == b"--"
        at = source.find(mark, behind, part.end)


def _without_line_end(source: bytes, line: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    line -= source[line - 1 : line] == b"\n"
    return line - (source[line - 1 : line] == b"\r")


def _leaf(part: Part) -> Part:
    """The part itself, or where it is encrypted as one of that type."""
    is_encrypted = part.type in _PKCS7 and cms.kind_of(next(content_of(part), b"")[:100]) is cms.Kind.ENCRYPTED
    armour = part.source[part.start : min(part.end, part.start + _LEAD_BYTES)].lstrip()
    if is_encrypted or (part.type == "text/plain" and armour.startswith(b"-----BEGIN PGP MESSAGE-----")):
        return Part(part.source, part.header, part.start, part.end, ENCRYPTED, part.alternative)
    return part


def _leaves(part: Part) -> Iterator[Part]:
    """The part, or where it is a text that holds uuencoded files the words and the files in their order."""
    is_plain = part.header.value("content-transfer-encoding") not in _UUENCODE | {"base64", "quoted-printable"}
    if part.type != "text/plain" or not is_plain or part.source.find(b"begin ", part.start, part.end) < 0:
        yield _leaf(part)
        return
    for stretch in itertools.islice(uuencode.stretches(part.source, part.start, part.end), MAX_PARTS):
        if stretch.name:
            disposition = b'attachment; filename="%b"' % stretch.name.replace('"', "'").encode()
            fields = {"content-transfer-encoding": [b"uuencode"], "content-disposition": [disposition]}
            yield Part(part.source, Header(fields), stretch.start, stretch.end, "application/octet-stream", None)
        elif part.source[stretch.start : stretch.end].strip():
            yield _leaf(Part(part.source, part.header, stretch.start, stretch.end, part.type, part.alternative))


def _stretches(part: Part) -> Blocks:
    """A part's body as it is, in blocks that end with a line or at least not within `=XX`."""
    at = part.start
    while at < part.end:
        end = min(part.end, at + PIECE_BYTES)
        if end < part.end:
            line_end = part.source.rfind(b"\n", at, end)
            mark = part.source.rfind(b"=", end - 2, end)
            end = line_end + 1 if line_end >= 0 else mark if mark > at else end
        yield part.source[at:end]
        at = end


def _from_base64(part: Part) -> Blocks:
    held = b""
    for block in _stretches(part):
        held, padding, _ = (held + block.translate(None, NO_BASE64)).partition(b"=")
        if padding:  # what stands behind the end was put there by a mailing list
            break
        usable = len(held) - len(held) % 4
        yield binascii.a2b_base64(held[:usable])
        held = held[usable:]
    yield decoded_base64(held)

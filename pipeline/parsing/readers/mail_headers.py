"""The header of a mail or of a part of one: its fields and their parameters, decoded. Never raises.

RFC 5322 (fields), 2047 (encoded words), 2231 (parameters), 6532 (UTF-8); and what programs write instead of these.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.parsing.readers.charsets import decode_words

MAX_BYTES = 1 << 20  # of one header; those of mails that came a long way have 20,000
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_BLANK = re.compile(rb"\n\r?\n")
# A line that is no field ends the header, unless one of these follows: then a line was broken without its space.
_COMMON = re.compile(rb"^(?:From|To|Subject|Date|Received|Message-ID|MIME-Version|Content-Type):", re.I | re.M)
_MAX_BROKEN = 100  # such lines in one header; each is added to what stands before it
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.S)
_PIECE = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")  # name, name*, name*0, name*0*
_ESCAPED = re.compile(r'\\(["\\])')  # some programs write `C:\folder` and mean it


@dataclass(frozen=True, slots=True)
class Header:
    """The fields by their names in lower case, as bytes; of those that occur more than once all, in order."""

    fields: dict[str, list[bytes]]
    charset: str = ""  # of bytes that are not encoded: what the mail's body declares

    def text(self, name: str) -> str:
        """A field's value as people read it, on one line; several are joined with commas. Empty without one."""
        values = (" ".join(decoded_words(self._unfolded(value)).split()) for value in self.fields.get(name, ()))
        return ", ".join(value for value in values if value)

    def value(self, name: str) -> str:
        """A field's value without its parameters, in lower case: `text/plain`."""
        return self._first(name).partition(";")[0].strip().lower()

    def parameter(self, name: str, key: str) -> str:
        """A parameter of a field, such as a file name. Empty without one."""
        plain = ""
        pieces: dict[int, tuple[str, bool]] = {}
        for found in _PARAMETER.finditer(self._first(name)):
            piece = _PIECE.fullmatch(found[1].lower())
            if piece is None or piece[1] != key:
                continue
            value = _unquoted(found[2])
            if piece[2] is None and piece[3] is None:
                plain = plain or decoded_words(value)
            else:
                pieces.setdefault(int(piece[2] or 0), (value, piece[3] is not None))
        return _joined(pieces) if pieces else plain

    def _first(self, name: str) -> str:
        values = self.fields.get(name)
        return self._unfolded(values[0]) if values else ""

    def _unfolded(self, value: bytes) -> str:
        return decode_words(value.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b""), self.charset).strip()


def header_of(source: bytes, start: int, end: int) -> tuple[Header, int, bool]:
    """The header in source[start:end], where the body begins, and whether the header was too long to be read whole."""
    block, body, cut = _block(source, start, end)
    fields: dict[str, list[bytes]] = {}
    last_common: int | None = None
    at = broken = 0
    name = ""
    while at < len(block):
        if (field := _FIELD.match(block, at)) is not None:
            name = field[1].decode("ascii").lower()
            fields.setdefault(name, []).append(field[2])
            at = field.end()
        elif at == 0 and block.startswith((b"From ", b">From ")):  # mbox's line between mails
            at = _line_end(block, at)
        else:
            if last_common is None:
                last_common = max((found.start() for found in _COMMON.finditer(block)), default=0)
            broken += 1
            if not name or at >= last_common or broken > _MAX_BROKEN:
                body = start + at  # here the body begins, without the empty line
                break
            line_end = _line_end(block, at)
            fields[name][-1] += b" " + block[at:line_end]
            at = line_end
    return Header(fields), body, cut


def _block(source: bytes, start: int, end: int) -> tuple[bytes, int, bool]:
    """The lines up to the first empty one, where what follows that begins, and whether the block was cut off."""
    first = _line_end(source, start, end)
    if not source[start:first].strip(b"\r\n"):
        return b"", first, False
    blank = _BLANK.search(source, start, end)
    header_end, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    if header_end - start <= MAX_BYTES:
        return source[start:header_end], body, False
    return source[start : start + MAX_BYTES], body, True


def _line_end(source: bytes, start: int, end: int | None = None) -> int:
    stop = len(source) if end is None else end
    found = source.find(b"\n", start, stop)
    return stop if found < 0 else found + 1


def decoded_words(value: str) -> str:
    """A value with its encoded words read; white space between two of them is none (RFC 2047, 6.2)."""
    return "".join(_decoded_parts(value)) if "=?" in value else value


def _decoded_parts(value: str) -> Iterator[str]:
    charset, held, last = "", b"", 0
    for word in _WORD.finditer(value):
        between = value[last : word.start()]
        apart = between.strip() or not last
        if apart or word[1].lower() != charset:  # a character may go on in the next word of the same encoding
            yield decode_words(held, charset)
            held, charset = b"", word[1].lower()
        if apart:
            yield between
        held += _word_bytes(word[2], word[3])
        last = word.end()
    yield decode_words(held, charset)
    yield value[last:]


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    return decoded_base64(raw)


def decoded_base64(raw: bytes) -> bytes:
    """Base64, of which foreign characters and a broken end are passed over."""
    kept = raw.translate(None, NO_BASE64).partition(b"=")[0]
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


NO_BASE64 = bytes(sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")))


def _unquoted(value: str) -> str:
    value = value.strip()
    return _ESCAPED.sub(r"\1", value[1:].removesuffix('"')) if value.startswith('"') else value


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """The pieces of a parameter in the order of their numbers; the first says the encoding of those that have one."""
    charset = ""
    whole = b""
    for position, number in enumerate(sorted(pieces)):
        value, is_encoded = pieces[number]
        if is_encoded and position == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        raw = value.encode("utf-8", "replace")
        whole += _unescaped(raw) if is_encoded else raw
    return decode_words(whole, charset)


def _unescaped(raw: bytes) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw)

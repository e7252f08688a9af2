"""Files in the text of a mail, as they were sent before there were parts (uuencode(1)). Writes nothing."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.parsing.unpacking import Blocks

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n([!-`][ -`]{1,84})[ \t]*\r?\n", re.M)
_END = re.compile(rb"^end[ \t]*\r?(?:\n|\Z)", re.M)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes of a text: words, or the lines of one file. `name` is empty for words."""

    start: int
    end: int
    name: str = ""


def stretches(source: bytes, start: int, end: int) -> list[Stretch]:
    """The words and files in source[start:end], in order; the words alone where no file begins and ends."""
    found: list[Stretch] = []
    while (begin := _BEGIN.search(source, start, end)) is not None:
        close = _END.search(source, begin.end(), end)
        if close is None:  # nor does any other file end
            break
        if _is_of_length(begin[2]):
            found.append(Stretch(start, begin.start()))
            found.append(Stretch(begin.start(), close.end(), begin[1].decode("utf-8", "replace").strip() or "file"))
            start = close.end()
        else:
            found.append(Stretch(start, begin.end()))
            start = begin.end()
    return [*found, Stretch(start, end)]


def decoded(blocks: Blocks) -> Blocks:
    """The file in such lines, of which each block holds whole ones."""
    for block in blocks:
        yield b"".join(_lines(block))


def _lines(block: bytes) -> Iterator[bytes]:
    for line in block.splitlines():
        if not line.strip() or line.startswith(b"end") or re.match(rb"begin [0-7]{3,4} ", line):
            continue
        try:
            yield binascii.a2b_uu(line)
        except binascii.Error:  # some programs write something behind the last character that counts
            length = ((line[0] - 32 & 63) * 4 + 5) // 3 if line else 0
            try:
                yield binascii.a2b_uu(line[:length])
            except binascii.Error:
                continue


def _is_of_length(line: bytes) -> bool:
    """Whether a line is as long as its first character says; some programs leave spaces out at its end, or add one."""
    expected = 1 + -(-(line[0] - 32 & 63) // 3) * 4
    return expected - 2 <= len(line) <= expected + 2

"""The source of those parts of a workbook whose size decides, in pieces that need no parser: five times as fast.

Only what spreadsheet programs write is understood: a prefix of one name space, character references, CDATA. Everything
else of a workbook goes through markup.py.
"""

import codecs
import html
import re
from collections.abc import Iterator
from typing import Protocol

_READ_BYTES = 1 << 20
_MARK_BYTES = 2  # of the byte order mark
_LONGEST_MARK = 1 << 24  # characters kept in the hope of the end of a tag, a comment or a section
_SECTION = "<![CDATA["
_ENDS = {"<!--": "-->", _SECTION: "]]>", "<!": ">"}
_ROOT = re.compile(r"<(\w{1,20}:)?(?:worksheet|sst|macrosheet|dialogsheet)\b")


class Source(Protocol):
    """Bytes in order; none at the end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, `size` at most."""


def chunks(source: Source) -> Iterator[str]:
    """The source in pieces, each of whole tags with the text behind them; without comments, and without prefixes."""
    block = source.read(_READ_BYTES)
    while len(block) < _MARK_BYTES and (more := source.read(_READ_BYTES)):
        block += more
    decoder = codecs.getincrementaldecoder(_encoding_of(block))("replace")
    prefix: str | None = None
    kept = ""
    while True:
        whole, kept = _split(kept + decoder.decode(block, final=not block), last=not block)
        if prefix is None and (root := _ROOT.search(whole)):
            prefix = root[1] or ""
        if prefix:
            whole = whole.replace("<" + prefix, "<").replace("</" + prefix, "</")
        yield whole
        if not block:
            return
        block = source.read(_READ_BYTES)


def unescaped(text: str) -> str:
    """Text with the characters that references stand for."""
    return html.unescape(text) if "&" in text else text


def _encoding_of(beginning: bytes) -> str:
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8"


def _split(kept: str, *, last: bool) -> tuple[str, str]:
    """What can be worked on, without comments and with its sections resolved, and what waits for its end."""
    pieces: list[str] = []
    place = 0
    while (start := kept.find("<!", place)) >= 0:
        mark = next(mark for mark in _ENDS if kept.startswith(mark, start))
        end = kept.find(_ENDS[mark], start)
        if end < 0:
            break
        pieces.append(kept[place:start])
        if mark == _SECTION:
            pieces.append(html.escape(kept[start + len(_SECTION) : end], quote=False))
        place = end + len(_ENDS[mark])
    if start < 0 and kept.endswith("<"):
        start = len(kept) - 1
    waiting = kept[start:] if start >= 0 else ""
    whole = "".join((*pieces, kept[place : len(kept) - len(waiting)]))
    end = whole.rfind("<")
    if last or len(whole) - end + len(waiting) > _LONGEST_MARK:
        return whole + waiting, ""
    return whole[: max(0, end)], whole[max(0, end) :] + waiting

"""Plain text in any encoding. A form feed starts a page, as printers and pdftotext have it."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.reading import ReadingEnded

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ONE_BYTE_BASED = re.compile(
    r"(us-)?ascii|utf-?8|iso-?8859-\d{1,2}|latin-?\d{1,2}|windows-125\d|cp(125\d|437|85\d|86[0-9]|874)|koi8-[ru]|"
    r"gbk|gb2312|gb18030|big5(-?hkscs)?|shift[_-]?jis|euc-(jp|kr)|iso-2022-(jp|kr)|tis-620|mac(intosh|-roman)",
    re.IGNORECASE,
)
_GUESS_BYTES = 128 << 10  # guessing an encoding needs a sample, and its cost grows with the sample
_MAX_CONTROL_SHARE = 0.02  # text holds next to no control characters; binary data is full of them


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The text between form feeds, page by page."""
    data, cut = read_at_most(file, request.max_text_bytes)
    text, lossy = decode(data)
    pages = text.split("\f") if "\f" in text else [text]
    if len(pages) > 1 and not pages[-1].strip():
        pages.pop()  # a form feed at the very end closes the last page
    yield Opened("text", len(pages))
    for number, page in enumerate(pages[request.first_page - 1 :], request.first_page):
        yield Page(number, page, Code.UNDECODABLE_CHARACTERS if lossy and "\ufffd" in page else None)
    if cut:
        raise ReadingEnded(Code.TEXT_LIMIT)


def read_at_most(file: BinaryIO, limit: int) -> tuple[bytes, bool]:
    """The first `limit` bytes, ending with a whole line where there is one, and whether anything was cut off."""
    data = file.read(limit + 1)
    if len(data) <= limit:
        return data, False
    end = data.rfind(b"\n", limit // 2, limit)
    if end < 0:
        end = limit
        while end > limit - 4 and data[end] & 0xC0 == 0x80:  # within a character of UTF-8
            end -= 1
        return data[:end], True
    return data[: end + 1], True


def decode(data: bytes, declared: str | None = None) -> tuple[str, bool]:
    """Text and whether characters had to be replaced: byte order mark, else UTF-8, else as declared, else a guess.

    Raises ReadingEnded(BINARY_CONTENT) when the bytes are no text.
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if encoding is None:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            encoding = _known(declared) or _guess(data)
        else:
            if text.startswith("\x00") or "\x00" in text[:_GUESS_BYTES]:
                encoding = _guess(data)  # UTF-16 without a mark is valid UTF-8 when the text is English
    if encoding is not None:
        text = data.decode(encoding, "replace")
    controls = sum(1 for character in text[:_GUESS_BYTES] if character < " " and character not in "\n\r\t\f\v\x1b")
    if controls > _MAX_CONTROL_SHARE * min(len(text), _GUESS_BYTES):
        raise ReadingEnded(Code.BINARY_CONTENT)
    return text, "\ufffd" in text


def _known(declared: str | None) -> str | None:
    """A declared encoding that a page of bytes can have; `hex` and `utf-16` are codecs too, and cannot be meant."""
    name = (declared or "").strip()
    try:
        return codecs.lookup(name).name if _ONE_BYTE_BASED.fullmatch(name) else None
    except LookupError:
        return None


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - most files are UTF-8

    sample = data[:_GUESS_BYTES]
    for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        if sample and sample[at::2].count(0) > len(sample) // 4:  # every other byte of Latin text is zero
            return encoding
    if b"\x00" in sample:
        raise ReadingEnded(Code.BINARY_CONTENT)
    best = from_bytes(sample).best()
    if best is None:
        raise ReadingEnded(Code.BINARY_CONTENT)
    return best.encoding

"""The body of an item of Outlook, which may be there as plain text, as HTML and as RTF, each made from another."""

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Request
from pipeline.parsing.readers import rtf
from pipeline.parsing.readers.code_pages import encoding_of
from pipeline.parsing.readers.compressed_rtf import unpacked
from pipeline.parsing.readers.inner_html import page_text
from pipeline.parsing.readers.mapi import Properties

_PLAIN, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_CODE_PAGE = 0x3FDE
# A plain text that only says that the mail is written in HTML: shorter than this, and than a part of the other.
_STUB_CHARACTERS, _STUB_SHARE = 300, 0.2


def body(item: Properties, request: Request) -> tuple[str, Code | None]:
    """The text, and what of it could not be read: plain text as it is, unless it only stands in for another."""
    plain = item.text(_PLAIN)
    if len(plain.strip()) >= _STUB_CHARACTERS:
        return plain, None
    text, code = _html(item, request)
    if not text:
        text, code = _rtf(item, request)
    return (text, code) if len(plain.strip()) <= _STUB_SHARE * len(text) else (plain, None)


def _html(item: Properties, request: Request) -> tuple[str, Code | None]:
    source = item.content(_HTML)
    if not source:
        source = item.text(_HTML).encode("utf-8", "replace")
    elif (encoding := encoding_of(item.number(_CODE_PAGE))) is not None:
        source = source.decode(encoding, "replace").encode("utf-8", "replace")
    return page_text(source, request) if source else ("", None)


def _rtf(item: Properties, request: Request) -> tuple[str, Code | None]:
    source = unpacked(item.content(_RTF))
    if not source:
        return "", None
    pages, code = rtf.pages_of(source, request)
    return "\n\n".join(page.text for page in pages), code

"""A page of HTML or XHTML that lies in another document, as the text that its reader sees. Knows no packages."""

import io
import re

import msgspec

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Page, Request
from pipeline.parsing.readers import html
from pipeline.parsing.readers.decoding import decode
from pipeline.parsing.reading import ReadingEnded

MAX_BYTES = 32 << 20  # of one page: the longest chapters have 2 MB
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,100}encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})")
# XML closes any element like this; to HTML the rest of the page would be the content of a <title/> or a <script/>.
_CLOSED_AT_ONCE = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)"
    r"([A-Za-z][\w:.-]{0,40})(\s[^<>]{0,2000})?/>"
)
_TITLE = re.compile(r"<title(?:\s[^<>]{0,1000})?>[^<]{0,10000}</title>", re.IGNORECASE)  # no part of what is shown
# What says in words what a picture shows; a page that has so little text may have no other.
_DESCRIBED = re.compile(r"\salt\s{0,9}=\s{0,9}(?:\"[^\"]{0,2000}\"|'[^']{0,2000}')", re.IGNORECASE)
_DESCRIPTION = 1000
_PICTURE = re.compile(r"<(?:\w{1,20}:)?(?:img|image|svg|object|video)[\s/>]", re.IGNORECASE)


def page_text(content: bytes, request: Request) -> tuple[str, Code | None]:
    """The text, and what of it could not be read; PAGES_WITHOUT_TEXT where there are only pictures."""
    declared = _DECLARATION.match(content)
    try:
        source, lossy = decode(content[:MAX_BYTES], declared[1].decode("ascii", "replace") if declared else None)
    except ReadingEnded:
        return "", Code.PAGES_FAILED  # it is no text
    source = _TITLE.sub("", _CLOSED_AT_ONCE.sub(r"<\1\2></\1>", source))
    text, code = _seen(source, request)
    if code is None and len(text) < _DESCRIPTION and _PICTURE.search(source):
        bare, _ = _seen(_DESCRIBED.sub("", source), request)
        code = None if bare else Code.PAGES_WITHOUT_TEXT
    if len(content) > MAX_BYTES:
        code = Code.READER_LIMIT
    return text, code or (Code.UNDECODABLE_CHARACTERS if lossy else None)


def _seen(source: str, request: Request) -> tuple[str, Code | None]:
    file = io.BytesIO(source.encode("utf-8", "replace"))
    unlimited = msgspec.structs.replace(request, max_text_bytes=4 * MAX_BYTES)  # one character may take as many bytes
    pages = [frame for frame in html.read(file, unlimited) if isinstance(frame, Page)]
    return pages[0].text, pages[0].code

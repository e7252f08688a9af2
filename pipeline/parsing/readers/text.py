"""Plain text in any encoding. A form feed starts a page, as printers and pdftotext have it."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.readers.decoding import decode, read_at_most
from pipeline.parsing.reading import ReadingEnded


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

"""EPUB: one page a chapter, in the order in which the book is read. Scripts are left out, nothing is fetched."""

import html
import itertools
import posixpath
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.markup import Start
from pipeline.parsing.parts import Package, natural, resolved
from pipeline.parsing.protocol import Bitmap, Opened, Page, Piece, Request
from pipeline.parsing.readers.inner_html import MAX_BYTES, page_text
from pipeline.parsing.readers.office_package import OfficePackage
from pipeline.parsing.readers.picture_pages import MAX_PICTURES, drawn
from pipeline.parsing.reading import ReadingEnded

_PREFIXES = {
    "urn:oasis:names:tc:opendocument:xmlns:container": "container",
    "http://www.idpf.org/2007/opf": "opf",
    "http://openebook.org/namespaces/oeb-package/1.0/": "opf",  # of books before EPUB
    "http://www.w3.org/2001/04/xmlenc#": "xenc",
}
_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_CHAPTERS = (".xhtml", ".html", ".htm")
# What makes fonts useless outside of their book; it takes no password, and no text is hidden by it.
_FONTS_ONLY = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_PICTURE = re.compile(
    r"<(?:\w{1,20}:)?(?:img|image)\s[^<>]{0,2000}?\b(?:src|href)\s{0,9}=\s{0,9}[\"']([^\"'<>]{1,500})", re.IGNORECASE
)
_MAX_ITEMS = 100_000
_MAX_EXHAUSTED = 2  # chapters that used up their time: after so many the rest of the book is not tried


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The chapters from request.first_page on. One that shows only pictures says so."""
    try:
        with at_most(request.page_cpu_s):
            book = _Book(file)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("epub", len(book.chapters), dated=book.published())
    exhausted = 0
    for number in range(request.first_page, len(book.chapters) + 1):
        try:
            with at_most(request.page_cpu_s):
                page = book.page(number, request)
        except Exhausted:
            exhausted += 1
            page = Page(number, "", Code.READER_LIMIT)
        yield page
        if exhausted >= _MAX_EXHAUSTED:
            raise ReadingEnded(Code.READER_LIMIT)
    book.package.end()


def render(file: BinaryIO, request: Request) -> Iterator[Bitmap | Piece]:
    """The pictures of the wanted chapters, which show nothing else."""
    book = _Book(file)
    wanted = [number for number in request.pages if 0 < number <= len(book.chapters)]
    yield from drawn(book.package.package, {number: book.pictures(number) for number in wanted}, request)


class _Book:
    """An open book and the parts that are its chapters; one that is listed and not there is empty."""

    def __init__(self, file: BinaryIO) -> None:
        self.package = OfficePackage(Package(file), _PREFIXES)
        self.chapters = self._listed()
        if not self.chapters:
            parts = (name for name in self.package.package.names if name.lower().endswith(_CHAPTERS))
            self.chapters = sorted(parts, key=natural)
        if not self.chapters:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        self._encrypted = self._locked()
        if all(chapter in self._encrypted for chapter in self.chapters if chapter):
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)

    def page(self, number: int, request: Request) -> Page:
        """One chapter."""
        chapter = self.chapters[number - 1]
        part = self.package.package.open(chapter) if chapter and chapter not in self._encrypted else None
        if part is None:
            return Page(number, "", Code.PAGES_FAILED)
        content = bytearray()
        while len(content) <= MAX_BYTES and (piece := part.read(MAX_BYTES)):
            content += piece
        text, code = page_text(bytes(content), request)
        return Page(number, text, (Code.PAGES_FAILED if part.code is Code.STRUCTURE_REPAIRED else part.code) or code)

    def pictures(self, number: int) -> list[str]:
        """The parts with the pictures in one chapter."""
        chapter = self.chapters[number - 1]
        folder = posixpath.dirname(chapter)
        source = self.package.package.read(chapter, MAX_BYTES).decode("utf-8", "replace") if chapter else ""
        addresses = (html.unescape(found[1]) for found in itertools.islice(_PICTURE.finditer(source), MAX_PICTURES + 1))
        return [name for one in addresses if (name := self.package.package.find(resolved(folder, one)))]

    def published(self) -> str:
        """The day of the book, as its package document gives it."""
        document = next(iter(self._package_documents()), None)
        return "" if document is None else self.package.dated(document, "dc:date")

    def _listed(self) -> list[str]:
        """The chapters as the book's own package document orders them."""
        document = next(iter(self._package_documents()), None)
        if document is None:
            return []
        items: dict[str, str] = {}
        order: dict[str, None] = {}
        for event in self.package.events(document):
            if isinstance(event, Start) and event.tag == "opf:item" and len(items) < _MAX_ITEMS:
                items[event.get("id") or ""] = (event.get("href") or "").partition("#")[0]
            elif isinstance(event, Start) and event.tag == "opf:itemref" and len(order) < _MAX_ITEMS:
                order.setdefault(event.get("idref") or "")
        folder = posixpath.dirname(document)
        chapters = [self.package.package.find(resolved(folder, items.get(one, ""))) or "" for one in order]
        return chapters if any(chapters) else []

    def _package_documents(self) -> Iterator[str]:
        """The documents that say what the book consists of: the one that the container names, else any."""
        for event in self.package.events(_CONTAINER):
            if isinstance(event, Start) and event.tag == "container:rootfile":
                named = self.package.package.find(event.get("full-path") or "")
                if named is not None:
                    yield named
        yield from (name for name in self.package.package.names if name.lower().endswith(".opf"))

    def _locked(self) -> frozenset[str]:
        """The parts that are encrypted so that only a shop's own reader can show them."""
        found = set()
        algorithm = ""
        for event in self.package.events(_ENCRYPTION):
            if isinstance(event, Start) and event.tag == "xenc:EncryptionMethod":
                algorithm = event.get("Algorithm") or ""
            elif isinstance(event, Start) and event.tag == "xenc:CipherReference" and algorithm not in _FONTS_ONLY:
                found.add(self.package.package.find(event.get("URI") or "") or "")
            if len(found) > _MAX_ITEMS:
                break
        return frozenset(found)

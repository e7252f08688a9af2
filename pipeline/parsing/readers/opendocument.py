"""OpenDocument texts, presentations and drawings: body, headers and footers, notes, comments, tracked deletions.

Pages of a text are those that the word processor last showed, where the file says so; a slide is a page. Encrypted
files are read with the passwords of the request. Macros are never looked at.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.markup import End, Start
from pipeline.parsing.parts import Package, resolved
from pipeline.parsing.protocol import Bitmap, Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import odf_encryption
from pipeline.parsing.readers.embedded_parts import documents, taken_out
from pipeline.parsing.readers.odf_story import WANTED, OdfStory
from pipeline.parsing.readers.odf_styles import Styles
from pipeline.parsing.readers.office_package import OPENDOCUMENT_SAVED, OfficePackage
from pipeline.parsing.readers.office_text import Draft, Pages, joined, numbered
from pipeline.parsing.readers.picture_pages import drawn
from pipeline.parsing.reading import ReadingEnded

_OASIS = {
    "office": "office", "text": "text", "table": "table", "drawing": "draw", "presentation": "presentation",
    "style": "style", "svg-compatible": "svg", "form": "form",
}  # fmt: skip
_PREFIXES = {
    **{f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0": prefix for name, prefix in _OASIS.items()},
    **{f"http://openoffice.org/2000/{name}": prefix for name, prefix in _OASIS.items()},  # before it was a standard
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/1998/Math/MathML": "math",
}
_BODY, _STYLES = "content.xml", "styles.xml"
_MIMETYPE_BYTES = 100
_SLIDES = re.compile(rb"application/vnd\.(?:oasis\.opendocument\.(?:presentation|graphics)|sun\.xml\.(?:impress|draw))")
# Embedded files of other programs, which are no OpenDocument: those lie in folders of that name, and are read in place.
_OBJECT = re.compile(r"Object \d{1,6}")
_HEADERS = frozenset({"style:header", "style:header-left", "style:header-first"})
_FOOTERS = frozenset({"style:footer", "style:footer-left", "style:footer-first"})
_MASTER = "style:master-page"


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The pages from request.first_page on; notes, comments and deleted text stand at the foot of theirs."""
    document = _opened(file, request)
    drafts = document.drafts(request.page_cpu_s)
    yield Opened(document.format, len(drafts), len(document.members()), document.office.dated(*OPENDOCUMENT_SAVED))
    yield from numbered(drafts, request.first_page)
    document.office.end()


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents of other programs that are embedded in this one."""
    document = _opened(file, request)
    yield from taken_out(document.office.package, document.members(), request)


def render(file: BinaryIO, request: Request) -> Iterator[Bitmap | Piece]:
    """The pictures on the wanted pages, which show nothing else."""
    document = _opened(file, request)
    pictures = {
        number: [resolved("", address) for address in draft.pictures]
        for number, draft in enumerate(document.drafts(request.page_cpu_s), 1)
    }
    yield from drawn(document.office.package, pictures, request)


def _opened(file: BinaryIO, request: Request) -> "_Document":
    try:
        with at_most(request.page_cpu_s):
            return _Document(file, request)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None


class _Document:
    """An open document. Objects in it are given once each."""

    def __init__(self, file: BinaryIO, request: Request) -> None:
        self.office = OfficePackage(Package(odf_encryption.opened(file, request.passwords)), _PREFIXES)
        if self.office.package.find(_BODY) is None:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        is_slides = _SLIDES.match(self.office.package.read("mimetype", _MIMETYPE_BYTES))
        self.format = "odp" if is_slides else "odt"
        self._shown: set[str] = set()

    def members(self) -> list[str]:
        """The parts that are documents of their own."""
        return documents(self.office.package, (name for name in self.office.package.names if _OBJECT.fullmatch(name)))

    def drafts(self, cpu_s: float) -> list[Draft]:
        """All pages, or those that could be read within so much processor time."""
        pages = Pages()
        try:
            with at_most(cpu_s):
                self._write(pages)
        except Exhausted:
            self.office.note(Code.READER_LIMIT)
        return pages.end()

    def _write(self, pages: Pages) -> None:
        """The whole text. Headers stand at its beginning, footers at its end."""
        styles = Styles()
        headers, footers = self._marginals(styles)
        for header in headers:
            pages.head(header)
        story = OdfStory(pages, styles, self._object)
        self._follow(_BODY, story, pages)
        story.end()
        for footer in footers:
            pages.note(footer)

    def _follow(self, part: str, story: OdfStory, pages: Pages) -> None:
        for event in self.office.events(part, WANTED):
            story.follow(event)
            if isinstance(event, End) and event.tag == "text:p" and pages.is_full:
                self.office.note(Code.READER_LIMIT)
                return

    def _marginals(self, styles: Styles) -> tuple[list[str], list[str]]:
        """The texts of all headers, with what masters show on every slide, and of all footers; each once."""
        headers: dict[str, None] = {}
        footers: dict[str, None] = {}
        opened: list[tuple[str, Pages, OdfStory]] = []
        for event in self.office.events(_STYLES, WANTED | _HEADERS | _FOOTERS | {_MASTER}):
            if isinstance(event, Start) and event.tag in _HEADERS | _FOOTERS | {_MASTER}:
                pages = Pages()
                opened.append((event.tag, pages, OdfStory(pages, Styles(), self._object, is_master=True)))
            elif isinstance(event, End) and opened and event.tag == opened[-1][0]:
                tag, pages, _ = opened.pop()
                (footers if tag in _FOOTERS else headers).setdefault(joined(pages.end()))
            elif opened:
                opened[-1][2].follow(event)
            elif isinstance(event, Start):
                styles.start(event)
        return [text for text in headers if text], [text for text in footers if text]

    def _object(self, address: str) -> str:
        """The text of an embedded formula, chart, table or text; objects within it are not looked at."""
        part = f"{resolved('', address)}/{_BODY}"
        if part in self._shown or self.office.package.find(part) is None:
            return ""
        self._shown.add(part)
        pages = Pages()
        self._follow(part, OdfStory(pages, Styles(), lambda _: ""), pages)
        return joined(pages.end())

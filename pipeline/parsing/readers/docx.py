"""DOCX: body, headers and footers, notes, boxes, comments and tracked changes. Macros are never looked at.

Pages are those that the word processor last showed, where the file says so, else those that were broken by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.markup import End, Start
from pipeline.parsing.protocol import Bitmap, Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.embedded_parts import documents, taken_out
from pipeline.parsing.readers.inner_html import MAX_BYTES, page_text
from pipeline.parsing.readers.office_text import MAX_CHARACTERS, Draft, Pages, joined, numbered
from pipeline.parsing.readers.ooxml import Ooxml, drawing_text
from pipeline.parsing.readers.picture_pages import drawn
from pipeline.parsing.readers.word_story import WANTED, Links, Story
from pipeline.parsing.reading import ReadingEnded

_MAIN_PART = "word/document.xml"
_DRAWN = frozenset({"chart", "chartEx", "diagramData"})
# Documents that are shown within this one (w:altChunk): the text of these is read in its place; others are members.
_INSERTED = "aFChunk"
_TEXTS = (".htm", ".html", ".xhtml", ".txt")


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The pages from request.first_page on; notes, comments and deleted text stand at the foot of theirs."""
    document = _Document(file, request)
    drafts = document.drafts()
    yield Opened("docx", len(drafts), len(document.members()), document.office.saved())
    yield from numbered(drafts, request.first_page)
    document.office.end()


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents that are embedded in this one."""
    document = _Document(file, request)
    yield from taken_out(document.office.package, document.members(), request)


def render(file: BinaryIO, request: Request) -> Iterator[Bitmap | Piece]:
    """The pictures on the wanted pages, which show nothing else."""
    document = _Document(file, request)
    yield from drawn(document.office.package, document.pictures(request.pages), request)


class _Document:
    """An open document, and what its body refers to; of that, each is given once."""

    def __init__(self, file: BinaryIO, request: Request) -> None:
        self.office = Ooxml(file)
        main = self.office.main_part(_MAIN_PART)
        if main is None:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        if self.office.package.is_encrypted(main):
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
        self._main = main
        self._request = request
        self._relations = self.office.relations(main)
        self._footnotes: dict[str, _Note] = {}
        self._comments: dict[str, _Note] = {}
        self._shown: set[str] = set()

    def members(self) -> list[str]:
        """The parts that are documents of their own."""
        inserted = [one.target for one in self._relations.values() if one.kind == _INSERTED and one.target]
        others = [part for part in inserted if not part.lower().endswith(_TEXTS)]
        return documents(self.office.package, [*self.office.embedded(), *others])

    def drafts(self) -> list[Draft]:
        """All pages, or those that could be read within the time that a page may take."""
        pages = Pages()
        try:
            with at_most(self._request.page_cpu_s):
                self._write(pages)
        except Exhausted:
            self.office.note(Code.READER_LIMIT)
        return pages.end()

    def _write(self, pages: Pages) -> None:
        """The whole text. Headers stand at its beginning, footers at its end."""
        self._footnotes = self._notes("footnotes", "w:footnote")
        self._comments = self._notes("comments", "w:comment")
        for header in self._marginals("header"):
            pages.head(header)
        self._follow(self._main, pages, self)
        for note in (*self._footnotes.values(), *self._notes("endnotes", "w:endnote").values()):
            pages.note(note.text)
        for comment in self._comments.values():
            pages.comment(comment.author, comment.text)
        for footer in self._marginals("footer"):
            pages.note(footer)

    def pictures(self, wanted: Sequence[int]) -> dict[int, list[str]]:
        """The parts with the pictures on these pages."""
        drafts = self.drafts()
        shown = {number: drafts[number - 1].pictures for number in wanted if 0 < number <= len(drafts)}
        return {
            number: [self._relations[one].target for one in pictures if one in self._relations]
            for number, pictures in shown.items()
        }

    def footnote(self, number: str, /) -> str:
        """The text of a footnote."""
        return self._footnotes.pop(number, _NO_NOTE).text

    def comment(self, number: str, /) -> tuple[str, str]:
        """The author of a comment, and its text."""
        found = self._comments.pop(number, _NO_NOTE)
        return found.author, found.text

    def related(self, relation: str, /) -> str:
        """The text of a chart, a diagram or an inserted document."""
        found = self._relations.get(relation)
        if found is None or not found.target or found.target in self._shown:
            return ""
        self._shown.add(found.target)
        if found.kind in _DRAWN:
            return drawing_text(self.office.events(found.target))
        if found.kind == _INSERTED and found.target.lower().endswith(_TEXTS):
            text, code = page_text(self.office.package.read(found.target, MAX_BYTES), self._request)
            if code not in (None, Code.PAGES_WITHOUT_TEXT):
                self.office.note(Code.READER_LIMIT if code is Code.READER_LIMIT else Code.STRUCTURE_REPAIRED)
            return text
        return ""

    def _marginals(self, kind: str) -> list[str]:
        """The texts of all headers, or all footers, each once."""
        found: dict[str, None] = {}
        for part in self.office.related(self._main, kind):
            pages = Pages()
            self._follow(part, pages, _NoLinks())
            found.setdefault(joined(pages.end()))
        return [text for text in found if text]

    def _notes(self, kind: str, tag: str) -> dict[str, "_Note"]:
        """The notes in the parts of one kind, by their numbers."""
        found: dict[str, _Note] = {}
        size = 0
        for part in self.office.related(self._main, kind):
            begun: tuple[str, str, Pages, Story] | None = None
            for event in self.office.events(part, WANTED | {tag}):
                if isinstance(event, Start) and event.tag == tag:
                    pages = Pages()
                    begun = event.get("id") or "", event.get("author") or "", pages, Story(pages, _NoLinks())
                elif begun is not None and isinstance(event, End) and event.tag == tag:
                    number, author, pages, _ = begun
                    found[number] = _Note(author, joined(pages.end()))
                    size += len(found[number].text)
                elif begun is not None:
                    begun[3].follow(event)
                if size > MAX_CHARACTERS:
                    self.office.note(Code.READER_LIMIT)
                    return found
        return found

    def _follow(self, part: str, pages: Pages, links: Links) -> None:
        story = Story(pages, links)
        for event in self.office.events(part, WANTED):
            story.follow(event)
            if isinstance(event, End) and event.tag == "w:p" and pages.is_full:
                self.office.note(Code.READER_LIMIT)
                return


@dataclass(frozen=True, slots=True)
class _Note:
    """A footnote, an endnote or a comment."""

    author: str
    text: str


_NO_NOTE = _Note("", "")


class _NoLinks:
    """What a header or a note refers to is not followed: notes have none, and charts do not stand in them."""

    def footnote(self, _number: str, /) -> str:
        """None."""
        return ""

    def comment(self, _number: str, /) -> tuple[str, str]:
        """None."""
        return "", ""

    def related(self, _relation: str, /) -> str:
        """None."""
        return ""

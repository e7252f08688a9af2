"""PPTX: one page a slide, hidden ones included, with notes and comments. Macros are never looked at."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.markup import End, Event, Start
from pipeline.parsing.parts import natural
from pipeline.parsing.protocol import Bitmap, Member, Opened, Page, Piece, Request
from pipeline.parsing.readers.embedded_parts import documents, taken_out
from pipeline.parsing.readers.office_lines import Lines
from pipeline.parsing.readers.office_text import MAX_CHARACTERS, Draft, commented, described
from pipeline.parsing.readers.ooxml import Ooxml, drawing_text, relation_id
from pipeline.parsing.readers.picture_pages import drawn
from pipeline.parsing.readers.slide import WANTED, Shapes, shapes_of
from pipeline.parsing.reading import ReadingEnded

_MAIN_PART = "ppt/presentation.xml"
_SLIDE = re.compile(r"(^|/)slides/slide\d+\.xml$", re.IGNORECASE)
_TITLES = frozenset({"title", "ctrTitle"})
_MARGINALS = frozenset({"hdr", "ftr", "dt"})
_OWN = frozenset({"sldNum", "sldImg"})  # the number and the picture of the slide itself
_DRAWN = frozenset({"chart", "chartEx", "diagramData"})
_COMMENTS = frozenset({"p:cm", "p188:cm", "p188:reply"})
_MAX_EXHAUSTED = 2  # slides that used up their time: after so many the rest of the document is not tried


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The slides from request.first_page on, in the order of the presentation."""
    try:
        with at_most(request.page_cpu_s):
            presentation = _Presentation(file)
            members = len(documents(presentation.office.package, presentation.office.embedded()))
            presentation.pass_over(request.first_page - 1)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    slides = presentation.slides
    yield Opened("pptx", len(slides), members, presentation.office.saved())
    exhausted = 0
    for number in range(request.first_page, len(slides) + 1):
        try:
            with at_most(request.page_cpu_s):
                page = presentation.page(number)
        except Exhausted:
            exhausted += 1
            page = Page(number, "", Code.READER_LIMIT)
        yield page
        if exhausted >= _MAX_EXHAUSTED:
            raise ReadingEnded(Code.READER_LIMIT)
    presentation.office.end()


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents that are embedded in the slides."""
    office = Ooxml(file)
    yield from taken_out(office.package, documents(office.package, office.embedded()), request)


def render(file: BinaryIO, request: Request) -> Iterator[Bitmap | Piece]:
    """The pictures on the wanted slides, which show nothing else."""
    presentation = _Presentation(file)
    wanted = [number for number in request.pages if 0 < number <= len(presentation.slides)]
    yield from drawn(presentation.office.package, {number: presentation.pictures(number) for number in wanted}, request)


class _Presentation:
    """An open presentation; what is drawn on all slides through their master is given with the first of them."""

    def __init__(self, file: BinaryIO) -> None:
        self.office = Ooxml(file)
        main = self.office.main_part(_MAIN_PART)
        if main is not None and self.office.package.is_encrypted(main):
            raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
        self.slides = self._listed(main) if main is not None else []
        if not self.slides:
            self.slides = sorted((name for name in self.office.package.names if _SLIDE.search(name)), key=natural)
        if main is None and not self.slides:
            raise ReadingEnded(Code.STRUCTURE_DAMAGED)
        self._authors = self._named_authors(main) if main is not None else {}
        self._masters: set[str] = set()

    def pass_over(self, count: int) -> None:
        """Take the first slides for read."""
        for slide in self.slides[:count]:
            self._masters |= set(self._masters_of(slide))

    def page(self, number: int) -> Page:
        """One slide: its title, its other shapes, those of its masters, notes and comments."""
        slide = self.slides[number - 1]
        if not slide:
            return Page(number, "", Code.PAGES_FAILED)
        found = self._shapes(slide)
        texts = _in_order(found)
        for master in self._masters_of(slide):
            if master not in self._masters:
                self._masters.add(master)
                texts += [shape.text for shape in self._shapes(master).shapes if not shape.placeholder]
        for notes in self.office.related(slide, "notesSlide"):
            said = [shape.text for shape in self._shapes(notes).shapes if shape.placeholder not in _MARGINALS | _OWN]
            texts += [f"Notes: {text}" for text in said if text]
        for comments in self.office.related(slide, "comments"):
            texts += self._comments(self.office.events(comments))
        text = "\n\n".join(text for text in texts if text)
        page = described(Draft(text, bool(found.pictures), tuple(found.descriptions)))
        code = Code.PAGES_WITHOUT_TEXT if found.pictures and not text else None
        return Page(number, page, Code.READER_LIMIT if found.size > MAX_CHARACTERS else code)

    def pictures(self, number: int) -> list[str]:
        """The parts with the pictures on one slide."""
        slide = self.slides[number - 1]
        relations = self.office.relations(slide)
        return [relations[one].target for one in self._shapes(slide).pictures if one in relations]

    def _listed(self, main: str) -> list[str]:
        """The slides in their order; one that the presentation lists and that is not there is empty."""
        relations = self.office.relations(main)
        found = []
        for event in self.office.events(main):
            if isinstance(event, Start) and event.tag == "p:sldId":
                relation = relations.get(relation_id(event))
                found.append(relation.target if relation is not None else "")
        return found if any(found) else []

    def _masters_of(self, slide: str) -> list[str]:
        layouts = self.office.related(slide, "slideLayout")
        return [*layouts, *(master for layout in layouts for master in self.office.related(layout, "slideMaster"))]

    def _shapes(self, part: str) -> Shapes:
        relations = self.office.relations(part)

        def related(relation: str) -> str:
            found = relations.get(relation)
            is_drawn = found is not None and found.target and found.kind in _DRAWN
            return drawing_text(self.office.events(found.target)) if found is not None and is_drawn else ""

        return shapes_of(self.office.events(part, WANTED), related)

    def _named_authors(self, main: str) -> dict[str, str]:
        """Who wrote comments, by the ids that stand in these."""
        found = {}
        for kind in ("commentAuthors", "authors"):
            for part in self.office.related(main, kind):
                for event in self.office.events(part):
                    if isinstance(event, Start) and event.tag in ("p:cmAuthor", "p188:author"):
                        found[event.get("id") or ""] = event.get("name") or ""
        return found

    def _comments(self, events: Iterator[Event]) -> list[str]:
        found: list[tuple[str, Lines]] = []
        is_text = False
        for event in events:
            if isinstance(event, str):
                if is_text and found:
                    found[-1][1].write(event)
            elif event.tag in _COMMENTS:
                if isinstance(event, Start):
                    found.append((self._authors.get(event.get("authorId") or "", ""), Lines()))
            elif event.tag in ("p:text", "a:t"):
                is_text = isinstance(event, Start)
            elif isinstance(event, End) and event.tag == "a:p" and found:
                found[-1][1].end_paragraph()
        return [commented(author, str(lines)) for author, lines in found]


def _in_order(found: Shapes) -> list[str]:
    """The texts of the shapes that say something: titles first, then as in the file, what stands at the edges last."""
    titles = [shape.text for shape in found.shapes if shape.placeholder in _TITLES]
    others = [shape.text for shape in found.shapes if shape.placeholder not in _TITLES | _MARGINALS | _OWN]
    marginals = [shape.text for shape in found.shapes if shape.placeholder in _MARGINALS]
    return [*titles, *others, *marginals]

"""PowerPoint 97-2003 presentations: a page for each slide, with comments and notes; embedded documents as members."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import compound
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Member, Opened, Page, Piece, Request
from pipeline.parsing.readers import ole_date, ppt_objects
from pipeline.parsing.readers.ppt_presentation import Listed, Presentation, presentation_of
from pipeline.parsing.readers.ppt_shapes import shown_strings, slide_of
from pipeline.parsing.reading import ReadingEnded, in_pieces

_MAX_EXHAUSTED = 2  # pages that used up their time: after so many the rest of the document is not tried


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The slides in order. What all slides show, such as a footer, stands on the first that shows it."""
    try:
        with at_most(request.page_cpu_s):
            root = compound.opened(file)
            presentation = presentation_of(root)
            slides = presentation.slides()
            notes = {listed.number: listed for listed in presentation.notes()}
            once = _Once(presentation)
            shared = [once.on(slide) for slide in slides]
            count = len(ppt_objects.found(presentation))
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    yield Opened("ppt", len(slides), count, ole_date.saved(root))
    exhausted = 0
    for number, slide in enumerate(islice(slides, request.first_page - 1, None), request.first_page):
        try:
            with at_most(request.page_cpu_s):
                page = _page(presentation, number, slide, notes.get(presentation.notes_of(slide)), shared[number - 1])
        except Exhausted:
            exhausted += 1
            page = Page(number, "", Code.READER_LIMIT)
        yield page
        if exhausted >= _MAX_EXHAUSTED:
            raise ReadingEnded(Code.READER_LIMIT)
    if presentation.missing or not root.is_whole:
        raise ReadingEnded(Code.PAGES_FAILED)


def members(file: BinaryIO, request: Request) -> Iterator[Member | Piece]:
    """The documents that are embedded in it."""
    try:
        with at_most(request.page_cpu_s):
            presentation = presentation_of(compound.opened(file))
            places = ppt_objects.found(presentation)
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    for number, place in enumerate(places, 1):
        if number >= request.first_page:
            inner = ppt_objects.taken_out(presentation, place, number, request.max_member_bytes)
            yield Member(number, inner.name, inner.code)
            if inner.code is None:
                yield from in_pieces(inner.content)


class _Once:
    """Headers, footers and what masters show: each where it is shown first."""

    def __init__(self, presentation: Presentation) -> None:
        self._presentation = presentation
        self._masters = {listed.number: listed for listed in presentation.masters()}
        self._seen: set[str] = set()

    def on(self, slide: Listed) -> list[str]:
        """What is shown first on this slide."""
        presentation = self._presentation
        strings = presentation.strings | shown_strings(presentation.stream, slide.container)
        lines = list(strings.values())
        master = self._masters.pop(presentation.master_of(slide), None)
        if master is not None:
            shown = slide_of(presentation.stream, master.container, master.outline, strings)
            lines += shown.lines(placeholders=False)
        new = [line for line in dict.fromkeys(lines) if line.strip() and line not in self._seen]
        self._seen.update(new)
        return new


def _page(presentation: Presentation, number: int, slide: Listed, notes: Listed | None, shared: list[str]) -> Page:
    shown = slide_of(presentation.stream, slide.container, slide.outline, presentation.strings)
    lines = _tidied(shown.outline.values()) + _tidied(shown.lines())
    blocks = ["\n".join(lines), "\n".join(line for line in _tidied(shared) if line not in lines)]
    blocks.append("\n".join(shown.comments))
    if notes is not None:
        written = slide_of(presentation.stream, notes.container, notes.outline, presentation.strings)
        blocks.append("\n".join(_tidied(written.lines())))
    text = re.sub("\n{3,}", "\n\n", "\n\n".join(block for block in blocks if block))
    return Page(number, text, Code.PAGES_WITHOUT_TEXT if shown.has_pictures and not text else None)


def _tidied(lines: Iterable[str]) -> list[str]:
    """Lines without blanks around them; a row of a table may begin with an empty cell."""
    return [line.strip(" \n") for line in lines if line.strip()]

"""The markup of an OpenDocument file, such as its body or a header, as text. Knows no packages and no files."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.parsing.markup import Event, Start
from pipeline.parsing.readers.odf_styles import STYLES, Styles
from pipeline.parsing.readers.office_text import Pages

_MAX_SPACES = 200  # that one element may stand for (text:s)
_SPACE = re.compile(r"[ \t\r\n]+")  # ODF 1.3 part 3, 6.1.2
_SHAPES = (
    "frame", "text-box", "custom-shape", "rect", "line", "polyline", "polygon", "regular-polygon", "path", "circle",
    "ellipse", "connector", "caption", "measure",
)  # fmt: skip
# The numbers of notes, and scripts: no text of the document.
_SKIPPED = frozenset({"text:note-citation", "office:scripts", "office:event-listeners"})
# Roles of frames on slides; on a master all frames with others are empty places for what the slides show.
_NUMBER, _EDGES = "page-number", frozenset({"header", "footer", "date-time"})
_REPLACEMENTS = "ObjectReplacements"  # pictures of objects, which are read themselves


@dataclass(slots=True)
class _Level:
    """The document, or something in it with paragraphs of its own: a box, a note, a comment, a deletion."""

    paragraphs: int = 0  # that are open
    style: str = ""
    is_after_space: bool = True


class OdfStory:
    """Follows the events of one file and writes its text to `pages`."""

    def __init__(self, pages: Pages, styles: Styles, objects: Callable[[str], str], *, is_master: bool = False) -> None:
        """`objects` gives the text of an embedded object by its address in the package. A master has placeholders."""
        self._is_master = is_master
        self.endnotes: list[str] = []
        self._pages = pages
        self._styles = styles
        self._objects = objects
        self._levels = [_Level()]
        self._skipped = 0  # elements that are open within what is skipped, that one included
        self._tables = self._slides = 0
        self._authors: list[str] = []  # of the comments and changes that are open
        self._is_author = False
        self._region = ""
        self._deletions: dict[str, tuple[str, str]] = {}  # author and text, until the place is reached
        self._is_endnote = False
        self._declarations: dict[str, str] = {}  # what stands at the foot of slides, by name
        self._declaration: str | None = None
        self._description: str | None = None

    def follow(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, str):
            if not self._skipped:
                self._read(event)
        elif isinstance(event, Start):
            if self._skipped or event.tag in _SKIPPED:
                self._skipped += 1
            elif event.tag in STYLES:
                self._styles.start(event)
            elif start := _STARTS.get(event.tag):
                start(self, event)
        elif self._skipped:
            self._skipped -= 1
        elif end := _ENDS.get(event.tag):
            end(self)

    def end(self) -> None:
        """Give what had no place in the text: deletions and notes at its end."""
        for author, text in self._deletions.values():
            self._pages.deleted(author, text)
        for note in self.endnotes:
            self._pages.note(note)

    def _read(self, text: str) -> None:
        level = self._levels[-1]
        if self._is_author and self._authors:
            self._authors[-1] += text
        elif self._description is not None:
            self._description += text
        elif self._declaration is not None:
            self._declarations[self._declaration] += text
        elif level.paragraphs:
            text = _SPACE.sub(" ", text)
            self._write(text.removeprefix(" ") if level.is_after_space else text)

    def _write(self, text: str) -> None:
        if text:
            self._levels[-1].is_after_space = text[-1] in " \t\n"
            self._pages.lines.write(text)

    def _write_spaces(self, start: Start) -> None:
        count = start.get("c") or "1"
        self._write(" " * min(int(count) if count.isdecimal() else 1, _MAX_SPACES))
        self._levels[-1].is_after_space = False  # more white space follows only where it is meant

    def _start_paragraph(self, start: Start) -> None:
        level = self._levels[-1]
        level.paragraphs, level.is_after_space = level.paragraphs + 1, True
        level.style = start.get("style-name") or ""
        if self._styles.breaks_before(level.style):
            self._pages.break_page(forced=False)

    def _end_paragraph(self) -> None:
        level = self._levels[-1]
        level.paragraphs = max(0, level.paragraphs - 1)
        self._pages.lines.end_paragraph()
        if self._styles.breaks_after(level.style):
            self._pages.break_page(forced=False)

    def _start_table(self, _start: Start) -> None:
        if not self._tables:
            self._pages.lines.set_apart()
        self._tables += 1

    def _end_table(self) -> None:
        self._tables -= 1
        if not self._tables:
            self._pages.lines.set_apart()

    def _open(self, _start: Start) -> None:
        self._pages.start_box()
        self._levels.append(_Level())

    def _close(self) -> str:
        if len(self._levels) == 1:
            return ""
        self._levels.pop()
        return self._pages.take_box()

    def _start_shape(self, start: Start) -> None:
        role = start.get("class") or ""
        if role == _NUMBER or (self._is_master and role and role not in _EDGES):
            self._skipped = 1
        else:
            self._open(start)

    def _end_shape(self) -> None:
        text = self._close()
        self._pages.lines.hold(text)

    def _show_picture(self, start: Start) -> None:
        address = start.get("href") or ""
        if _REPLACEMENTS not in address:
            self._pages.show(address)

    def _start_description(self, _start: Start) -> None:
        self._description = ""

    def _end_description(self) -> None:
        self._pages.describe(self._description or "")
        self._description = None

    def _show_object(self, start: Start) -> None:
        self._pages.lines.hold(self._objects(start.get("href") or ""))

    def _show_field(self, start: Start) -> None:
        self._pages.lines.hold(start.get("current-value") or "")

    def _start_note(self, start: Start) -> None:
        self._is_endnote = start.get("note-class") == "endnote"

    def _end_note(self) -> None:
        text = self._close()
        if self._is_endnote:
            self.endnotes.append(text)
        else:
            self._pages.note(text)

    def _start_signed(self, start: Start) -> None:
        self._authors.append("")
        self._open(start)

    def _end_comment(self) -> None:
        text = self._close()
        self._pages.comment(self._authors.pop() if self._authors else "", text)

    def _start_author(self, _start: Start) -> None:
        self._is_author = True

    def _end_author(self) -> None:
        self._is_author = False

    def _start_region(self, start: Start) -> None:
        self._region = start.get("id") or ""

    def _end_deletion(self) -> None:
        text = self._close()
        self._deletions[self._region] = (self._authors.pop() if self._authors else "", text)

    def _place_deletion(self, start: Start) -> None:
        self._pages.deleted(*self._deletions.pop(start.get("change-id") or "", ("", "")))

    def _start_slide(self, start: Start) -> None:
        if self._slides:
            self._pages.break_page(forced=True)
        self._slides += 1
        for kind in ("header", "footer", "date-time"):
            self._pages.note(self._declarations.pop(start.get(f"use-{kind}-name") or "", ""))

    def _start_declaration(self, start: Start) -> None:
        self._declaration = start.get("name") or ""
        self._declarations[self._declaration] = ""

    def _end_declaration(self) -> None:
        self._declaration = None

    def _start_slide_notes(self, start: Start) -> None:
        if self._is_master:
            self._skipped = 1
        else:
            self._open(start)

    def _end_slide_notes(self) -> None:
        text = self._close().strip()
        self._pages.note(f"Notes: {text}" if text else "")


_STARTS: dict[str, Callable[[OdfStory, Start], None]] = {
    **dict.fromkeys(("text:p", "text:h", "math:annotation"), OdfStory._start_paragraph),
    "text:s": OdfStory._write_spaces,
    "text:tab": lambda story, _: story._write("\t"),
    "text:line-break": lambda story, _: story._write("\n"),
    "text:soft-page-break": lambda story, _: story._pages.break_page(forced=False),
    "table:table": OdfStory._start_table,
    "table:table-row": lambda story, _: story._pages.start_row(),
    **{f"draw:{shape}": OdfStory._start_shape for shape in _SHAPES},
    "draw:image": OdfStory._show_picture,
    **dict.fromkeys(("svg:title", "svg:desc"), OdfStory._start_description),
    "draw:object": OdfStory._show_object,
    **dict.fromkeys(("form:text", "form:textarea", "form:combobox"), OdfStory._show_field),
    "text:note": OdfStory._start_note,
    "text:note-body": OdfStory._open,
    **dict.fromkeys(("office:annotation", "text:deletion"), OdfStory._start_signed),
    "dc:creator": OdfStory._start_author,
    "text:changed-region": OdfStory._start_region,
    "text:change": OdfStory._place_deletion,
    "text:ruby-text": lambda story, _: story._write("("),  # what stands above other characters follows behind them
    "draw:page": OdfStory._start_slide,
    "presentation:notes": OdfStory._start_slide_notes,
    **{f"presentation:{kind}-decl": OdfStory._start_declaration for kind in ("header", "footer", "date-time")},
}
_ENDS: dict[str, Callable[[OdfStory], None]] = {
    **dict.fromkeys(("text:p", "text:h", "math:annotation"), OdfStory._end_paragraph),
    "table:table": OdfStory._end_table,
    "table:table-row": lambda story: story._pages.end_row(),
    **dict.fromkeys(("table:table-cell", "table:covered-table-cell"), lambda story: story._pages.end_cell()),
    **{f"draw:{shape}": OdfStory._end_shape for shape in _SHAPES},
    **dict.fromkeys(("svg:title", "svg:desc"), OdfStory._end_description),
    "text:note-body": OdfStory._end_note,
    "office:annotation": OdfStory._end_comment,
    "text:deletion": OdfStory._end_deletion,
    "dc:creator": OdfStory._end_author,
    "text:ruby-text": lambda story: story._write(")"),
    "presentation:notes": OdfStory._end_slide_notes,
    **{f"presentation:{kind}-decl": OdfStory._end_declaration for kind in ("header", "footer", "date-time")},
}
# The elements that a story has to be told of.
WANTED = frozenset(_STARTS) | frozenset(_ENDS) | _SKIPPED | STYLES

"""One part of a WordprocessingML document, such as its body or a footnote, as text. Knows no packages and no files."""

from collections.abc import Callable
from typing import Protocol

from pipeline.parsing.markup import Event, Start
from pipeline.parsing.readers.office_text import Pages
from pipeline.parsing.readers.ooxml import relation_id
from pipeline.parsing.readers.word_fields import Fields, is_on

# Former formatting, which is no text, and tab stops, which are named like tabs.
_SKIPPED = frozenset({"w:tabs", "w:pPrChange", "w:rPrChange", "w:sectPrChange", "w:tblPrChange", "w:tcPrChange"})
_CHARACTERS = {"w:tab": "\t", "w:ptab": "\t", "w:cr": "\n", "w:noBreakHyphen": "-", "m:den": "/"}
# Symbol fonts have theirs in the private use area (ECMA-376 part 1, 17.3.3.30). Those that mean something in a text:
_SYMBOLS = {
    "F0A3": "☐", "F0A8": "☐", "F06F": "☐", "F071": "☐", "F052": "☑", "F0FE": "☑", "F053": "☒", "F0FD": "☒", "F078": "☒",
    "F0FC": "✓", "F0FB": "✗", "F0B7": "•", "F0A7": "▪", "F0E0": "→", "F0D8": "➢",
}  # fmt: skip


class Links(Protocol):
    """What a story refers to, by the numbers and relations that stand in it."""

    def footnote(self, number: str, /) -> str:
        """The text of a footnote."""

    def comment(self, number: str, /) -> tuple[str, str]:
        """The author of a comment, and its text."""

    def related(self, relation: str, /) -> str:
        """The text of a chart, a diagram or an inserted document."""


class Story:
    """Follows the events of one story and writes its text to `pages`."""

    def __init__(self, pages: Pages, links: Links) -> None:
        self._pages = pages
        self._links = links
        self._fields = Fields()
        self._is_text = False
        self._skipped = 0  # elements that are open within what is skipped, that one included
        self._tables = self._moved = 0  # that are open
        self._deleters: list[str] = []  # the authors of the deletions that are open
        self._deleted: list[str] = []
        self._above: list[str] | None = None  # what is read stands above the characters that follow (ruby)
        self._reading = ""

    def follow(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, str):
            if self._is_text and not self._skipped:
                self._write(event.replace("\n", " "))
        elif isinstance(event, Start):
            if self._skipped or event.tag in _SKIPPED:
                self._skipped += 1
            elif start := _STARTS.get(event.tag):
                start(self, event)
        elif self._skipped:
            self._skipped -= 1
        elif end := _ENDS.get(event.tag):
            end(self)

    def _write(self, text: str) -> None:
        if self._moved:
            return  # it stands where it was moved to
        if self._deleters:
            self._deleted.append(text)
        elif self._above is not None:
            self._above.append(text)
        elif self._fields.are_shown:
            self._pages.lines.write(text)

    def _start_text(self, _start: Start) -> None:
        self._is_text = True

    def _end_text(self) -> None:
        self._is_text = False

    def _write_character(self, start: Start) -> None:
        self._write(_CHARACTERS[start.tag])

    def _write_symbol(self, start: Start) -> None:
        self._write(_SYMBOLS.get((start.get("char") or "").upper(), " "))

    def _break(self, start: Start) -> None:
        if start.get("type") == "page" and not self._deleters:
            self._pages.break_page(forced=True)
        else:
            self._write("\n")

    def _break_if_on(self, start: Start) -> None:
        if is_on(start):
            self._pages.break_page(forced=False)

    def _end_paragraph(self) -> None:
        self._fields.end_paragraph()
        self._pages.lines.end_paragraph()

    def _start_table(self, _start: Start) -> None:
        if not self._tables:
            self._pages.lines.set_apart()
        self._tables += 1

    def _end_table(self) -> None:
        self._tables -= 1
        if not self._tables:
            self._pages.lines.set_apart()

    def _start_deletion(self, start: Start) -> None:
        self._deleters.append(start.get("author") or "")

    def _end_deletion(self) -> None:
        if self._deleters:
            self._pages.deleted(self._deleters.pop(), "".join(self._deleted))
            self._deleted.clear()

    def _start_deleted_text(self, _start: Start) -> None:
        self._is_text = True
        self._deleters.append(self._deleters[-1] if self._deleters else "")

    def _end_deleted_text(self) -> None:
        self._is_text = False
        if len(self._deleters) > 1:
            self._deleters.pop()  # what is deleted is told where the change ends
        else:
            self._end_deletion()

    def _start_moved(self, _start: Start) -> None:
        self._moved += 1

    def _end_moved(self) -> None:
        self._moved -= 1

    def _start_above(self, _start: Start) -> None:
        self._above = []

    def _end_above(self) -> None:
        self._reading, self._above = "".join(self._above or ()), None

    def _end_ruby(self) -> None:
        self._write(f"({self._reading})" if self._reading else "")
        self._reading = ""

    def _show_picture(self, start: Start) -> None:
        self._pages.show(relation_id(start, "embed" if start.tag == "a:blip" else "id"))

    def _describe(self, start: Start) -> None:
        self._pages.describe(start.get("descr") or start.get("alt") or start.get("title") or "")

    def _show_lettering(self, start: Start) -> None:
        self._pages.lines.hold(start.get("string") or "")

    def _show_related(self, start: Start) -> None:
        relation = relation_id(start, "dm" if start.tag == "dgm:relIds" else "id")
        self._pages.lines.hold(self._links.related(relation))

    def _insert_document(self, start: Start) -> None:
        self._show_related(start)
        self._end_paragraph()

    def _refer_to_footnote(self, start: Start) -> None:
        self._pages.note(self._links.footnote(start.get("id") or ""))

    def _refer_to_comment(self, start: Start) -> None:
        self._pages.comment(*self._links.comment(start.get("id") or ""))


_STARTS: dict[str, Callable[[Story, Start], None]] = {
    "w:t": Story._start_text,
    "m:t": Story._start_text,
    "w:delText": Story._start_deleted_text,
    **dict.fromkeys(_CHARACTERS, Story._write_character),
    "w:sym": Story._write_symbol,
    "w:br": Story._break,
    "w:pageBreakBefore": Story._break_if_on,
    "w:lastRenderedPageBreak": Story._break_if_on,
    "w:tbl": Story._start_table,
    "w:tr": lambda story, _: story._pages.start_row(),
    "w:txbxContent": lambda story, _: story._pages.start_box(),
    "w:del": Story._start_deletion,
    "w:moveFrom": Story._start_moved,
    "w:rt": Story._start_above,
    "w:fldChar": lambda story, start: story._fields.mark(start),
    "w:ddList": lambda story, _: story._fields.begin_control(),
    "w:checkBox": lambda story, _: story._fields.begin_control(),
    "w:listEntry": lambda story, start: story._fields.offer(start),
    **dict.fromkeys(("w:default", "w:result", "w:checked"), lambda story, start: story._fields.choose(start)),
    **dict.fromkeys(("a:blip", "v:imagedata"), Story._show_picture),
    **dict.fromkeys(("wp:docPr", "v:shape"), Story._describe),
    "v:textpath": Story._show_lettering,
    **dict.fromkeys(("c:chart", "cx:chart", "dgm:relIds"), Story._show_related),
    "w:altChunk": Story._insert_document,
    "w:footnoteReference": Story._refer_to_footnote,
    "w:commentReference": Story._refer_to_comment,
}
_ENDS: dict[str, Callable[[Story], None]] = {
    "w:t": Story._end_text,
    "m:t": Story._end_text,
    "w:delText": Story._end_deleted_text,
    "w:p": Story._end_paragraph,
    "w:tbl": Story._end_table,
    "w:tr": lambda story: story._pages.end_row(),
    "w:tc": lambda story: story._pages.end_cell(),
    "w:txbxContent": lambda story: story._pages.end_box(),
    "w:del": Story._end_deletion,
    "w:moveFrom": Story._end_moved,
    "w:rt": Story._end_above,
    "w:ruby": Story._end_ruby,
    "w:ddList": lambda story: story._pages.lines.write(story._fields.list_text()),
    "w:checkBox": lambda story: story._pages.lines.write(story._fields.box_text()),
}
WANTED = frozenset(_STARTS) | frozenset(_ENDS) | _SKIPPED  # the elements that a story has to be told of

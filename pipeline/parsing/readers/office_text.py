"""Text under construction as word processors have it, page by page: boxes, notes, pictures. Knows no format."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Page
from pipeline.parsing.readers.office_lines import Lines

# Of one document, in characters. Twice the text of the longest documents of the corpora; beside it lie two copies.
MAX_CHARACTERS = 60_000_000

# Descriptions that nobody wrote: where a picture came from, and what word processors say of their own.
_ADDRESS = re.compile(r"\d*|https?:.*|[A-Za-z]:[\\/].*|\S*\.\w{3,4}", re.IGNORECASE)
_OF_MACHINES = re.compile(r"Description (?:automatically generated|generated with (?:very )?high confidence)")


@dataclass(frozen=True, slots=True)
class Draft:
    """What one page came to."""

    text: str
    has_pictures: bool
    descriptions: tuple[str, ...] = ()  # of pictures, for those who cannot see them: no text that is shown
    pictures: tuple[str, ...] = ()  # as the document refers to them
    is_bare: bool = False  # the text stands at its edges only, such as a letterhead


class Pages:
    """The pages of one document under construction, or of a part of it such as a footnote, which has one."""

    def __init__(self) -> None:
        self._pictures: dict[str, None] = {}  # on the page that is being written
        self._ended: list[Draft] = []
        self._ended_size = 0
        self._open = [Lines()]  # the page, and the boxes that are open on it
        self._heads: list[str] = []
        self._notes: list[str] = []  # pieces of what stands at the foot of the page
        self._descriptions: dict[str, None] = {}
        self._deleted_at: tuple[str, int, int] | None = None
        self._rows: list[_Row] = []

    @property
    def lines(self) -> Lines:
        """Where text goes now."""
        return self._open[-1]

    @property
    def is_full(self) -> bool:
        """Whether there is more text than any document may have."""
        return self._ended_size + sum(lines.size for lines in self._open) > MAX_CHARACTERS

    def start_row(self) -> None:
        """A row begins."""
        self._rows.append(_Row())
        self.lines.start_row()

    def end_cell(self) -> None:
        """A cell ends."""
        if self._rows:
            self._rows[-1].breaks_in_cell = 0
        self.lines.end_cell()

    def end_row(self) -> None:
        """A row ends."""
        if self._rows:
            self._rows.pop()
        self.lines.end_row()

    def start_box(self) -> None:
        """What comes now stands in a box beside the paragraph that is open."""
        self._open.append(Lines())

    def end_box(self) -> None:
        """The box ends; the paragraph goes on, and what stood in the box follows behind it."""
        text = self.take_box()
        self.lines.hold(text)

    def take_box(self) -> str:
        """The box ends; what stood in it belongs elsewhere."""
        return str(self._open.pop()) if len(self._open) > 1 else ""

    def head(self, text: str) -> None:
        """Something that stands at the head of the page."""
        if text.strip():
            self._ended_size += len(text)
            self._heads.append(text.strip())

    def note(self, text: str) -> None:
        """Something that stands at the foot of the page."""
        self._add_note(text.strip())

    def comment(self, author: str, text: str) -> None:
        """A comment that is anchored on this page."""
        self.note(commented(author, text))

    def deleted(self, author: str, text: str) -> None:
        """Text that a tracked change took away: no part of the text any more, and still there to be found."""
        place = author, self.lines.size, self.lines.paragraphs
        if self._deleted_at == place:  # producers begin anew where the font changes
            self._ended_size += len(text)
            self._notes.append(text)
        elif text.strip():
            self._add_note(f"Deleted ({author.strip()}): {text}" if author.strip() else f"Deleted: {text}")
            self._deleted_at = place

    def show(self, picture: str) -> None:
        """A picture stands on this page, which the document refers to by `picture`."""
        self._pictures.setdefault(picture)

    def describe(self, text: str) -> None:
        """What a picture shows, for those who cannot see it."""
        said = description(text)
        if said:
            self._ended_size += len(said)
            self._descriptions.setdefault(said)

    def break_page(self, *, forced: bool) -> None:
        """A page ends here. If not `forced`, only one that holds something: producers write some breaks twice.

        A row that goes on over a page says so in each of its cells; the page is broken in the first one that does.
        """
        if len(self._open) > 1:
            return
        for row in self._rows:
            row.breaks_in_cell += 1
        if any(row.breaks_in_cell <= row.breaks for row in self._rows):
            return
        for row in self._rows:
            row.breaks = row.breaks_in_cell
        if forced or self.lines.size or self._pictures or self._notes:
            self._end_page()

    def end(self) -> list[Draft]:
        """All pages, once there is no more to come; at least one."""
        while len(self._open) > 1:
            self.end_box()
        self._end_page()
        return self._ended

    def _add_note(self, text: str) -> None:
        if text:
            self._ended_size += len(text)
            self._notes += "\n", text
            self._deleted_at = None

    def _end_page(self) -> None:
        lines = self._open.pop()
        body = str(lines)
        text = "\n\n".join(part for part in (*self._heads, body, "".join(self._notes).strip()) if part)
        pictures = tuple(self._pictures)
        self._ended.append(Draft(text, bool(pictures), tuple(self._descriptions), pictures, not body.strip()))
        self._ended_size += lines.size
        self._open.append(Lines())
        self._heads, self._notes, self._pictures, self._descriptions, self._deleted_at = [], [], {}, {}, None


class _Row:
    """How often a row was broken so far, and how often the cell that is read now."""

    def __init__(self) -> None:
        self.breaks = self.breaks_in_cell = 0


def commented(author: str, text: str) -> str:
    """A comment with its author, where it says something."""
    if not text.strip():
        return ""
    return f"Comment ({author.strip()}): {text.strip()}" if author.strip() else f"Comment: {text.strip()}"


def description(text: str) -> str:
    """What somebody wrote to describe a picture; nothing where a machine did."""
    said = " ".join(_OF_MACHINES.sub(" ", text).split())
    return "" if _ADDRESS.fullmatch(said) else said


def described(draft: Draft) -> str:
    """The text of a page, and below it what its pictures show."""
    pictures = "\n".join(f"Picture: {said}" for said in draft.descriptions if said)
    return "\n\n".join(part for part in (draft.text.strip(), pictures) if part)


def joined(drafts: list[Draft]) -> str:
    """The text of what has no pages of its own, such as a footnote."""
    return "\n".join(text for draft in drafts if (text := described(draft)))


def numbered(drafts: list[Draft], first_page: int) -> Iterator[Page]:
    """The pages from `first_page` on. One that shows only pictures says so."""
    for number, draft in enumerate(drafts[first_page - 1 :], first_page):
        without_text = draft.has_pictures and (draft.is_bare or not draft.text.strip())
        yield Page(number, described(draft), Code.PAGES_WITHOUT_TEXT if without_text else None)

"""The shapes of one slide, its notes or its master: their text, and which of them are placeholders. Opens no file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline.parsing.markup import Event, Start
from pipeline.parsing.readers.office_lines import Lines
from pipeline.parsing.readers.office_text import MAX_CHARACTERS, description
from pipeline.parsing.readers.ooxml import relation_id

_SHAPES = frozenset({"p:sp", "p:graphicFrame", "p:cxnSp"})
_TEXT = frozenset({"a:t", "m:t"})
_RELATED = frozenset({"c:chart", "cx:chart", "dgm:relIds"})
_UNNAMED_PLACEHOLDER = "obj"  # ECMA-376 part 1, 19.3.1.36


@dataclass(slots=True)
class Shape:
    """One shape. `placeholder` is the role that it has on every slide, such as `title`; empty where it has none."""

    lines: Lines = field(default_factory=Lines)
    placeholder: str = ""

    @property
    def text(self) -> str:
        """Its text, a line for each paragraph."""
        return str(self.lines).strip()


class Shapes:
    """All shapes in the order of the file; what else there is to know of where they stand."""

    def __init__(self, related: Callable[[str], str]) -> None:
        """`related` gives the text of a chart or diagram by its relation."""
        self.shapes: list[Shape] = []
        self.pictures: dict[str, None] = {}  # their relations
        self.descriptions: dict[str, None] = {}  # of pictures, for those who cannot see them
        self.size = 0  # characters of all texts
        self._related = related
        self._open = [Shape()]  # outside of shapes there is no text
        self._is_text = False

    def follow(self, event: Event) -> None:
        """Take the next event."""
        lines = self._open[-1].lines
        if isinstance(event, str):
            if self._is_text:
                lines.write(event)
                self.size += len(event)
        elif isinstance(event, Start):
            self._is_text = self._is_text or event.tag in _TEXT
            self._start(event, lines)
        else:
            self._is_text = self._is_text and event.tag not in _TEXT
            if event.tag in _SHAPES and len(self._open) > 1:
                self._open.pop()
            elif event.tag in _ENDS:
                _ENDS[event.tag](lines)

    def _start(self, start: Start, lines: Lines) -> None:
        if start.tag in _SHAPES:
            self._open.append(Shape())
            self.shapes.append(self._open[-1])
        elif start.tag == "p:ph":
            self._open[-1].placeholder = start.get("type") or _UNNAMED_PLACEHOLDER
        elif start.tag in _RELATED:
            lines.hold(self._related(relation_id(start, "dm" if start.tag == "dgm:relIds" else "id")))
            lines.end_paragraph()
        elif start.tag == "a:br":
            lines.write("\n")
        elif start.tag == "a:tr":
            lines.start_row()
        elif start.tag == "a:blip":
            self.pictures.setdefault(relation_id(start, "embed"))
        elif start.tag == "p:cNvPr":
            self.descriptions.setdefault(description(start.get("descr") or ""))


_ENDS: dict[str, Callable[[Lines], None]] = {
    "a:p": Lines.end_paragraph,
    "a:tc": Lines.end_cell,
    "a:tr": Lines.end_row,
}
# The elements that Shapes has to be told of.
WANTED = _SHAPES | _TEXT | _RELATED | frozenset(_ENDS) | {"p:ph", "p:cNvPr", "a:br", "a:blip"}


def shapes_of(events: Iterable[Event], related: Callable[[str], str]) -> Shapes:
    """The shapes of one part, as far as its text stays within what any document may have."""
    found = Shapes(related)
    for event in events:
        found.follow(event)
        if found.size > MAX_CHARACTERS:
            break
    return found

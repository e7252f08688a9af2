"""How the text of XML is laid out in lines, and which of its attributes say something to people. Keeps no tree."""

import io
import re

_ATTRIBUTE = re.compile(r"([^\s=\"'/]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_MOST_LINES = 100_000  # of attributes that are remembered, so that none comes twice
_WORDLESS_CHARACTERS = 2000  # in an attribute: a picture or a path, no text

_CELLS = frozenset({"Cell", "td", "th", "tc", "entry", "table-cell"})
_INLINE = frozenset(
    {
        "a", "abbr", "b", "bold", "code", "em", "emph", "emphasis", "font", "hi", "i", "italic", "link", "literal",
        "ref", "s", "span", "strong", "sub", "sup", "tspan", "u", "xref",
    }
)  # fmt: skip
# Within the mixed text of a paragraph, too.
_BREAKS = {"br": "\n", "cr": "\n", "lb": "\n", "line-break": "\n", "tab": "\t"}
# Word's vocabulary splits a word into elements wherever anybody edited it: only these part texts.
_WORD_BREAKS = {"w:p": "\n", "w:tr": "\n", "w:br": "\n", "w:cr": "\n", "w:tab": "\t"}
_WEIGHT = {"": 0, " ": 1, "\t": 2, "\n": 3}

# Vocabularies in which attributes say how things look: of these, only what is written for people is kept.
_PRESENTATION = frozenset(
    {
        "aml", "chart", "dc", "dr3d", "draw", "fo", "form", "m", "math", "mc", "number", "o", "office", "pkg", "r",
        "script", "sl", "ss", "style", "svg", "table", "text", "v", "w", "wp", "wsp", "wx", "x", "xlink", "xml",
        "xmlns", "xs", "xsd", "xsi", "xsl",
    }
)  # fmt: skip
_DRAWING = frozenset(
    {
        "circle", "clippath", "defs", "ellipse", "fegaussianblur", "filter", "g", "image", "line", "lineargradient",
        "marker", "mask", "path", "pattern", "polygon", "polyline", "radialgradient", "rect", "stop", "svg", "symbol",
        "text", "tspan", "use",
    }
)  # fmt: skip
_FOR_PEOPLE = frozenset({"alt", "aria-label", "caption", "desc", "description", "label", "summary", "title", "tooltip"})
_FOR_PROGRAMS = frozenset(
    {
        "class", "encoding", "height", "id", "idref", "lang", "ref", "refid", "schemaLocation", "space", "standalone",
        "style", "type", "version", "width", "xmlns",
    }
)  # fmt: skip


class Blocks:
    """Text in lines. An element stands on its own, unless text stands beside it or its name says that it does not."""

    def __init__(self, max_characters: int) -> None:
        self._max_characters = max_characters
        self._out = io.StringIO()
        self._mixed = bytearray(1)  # of each element that is open: whether text stood directly in it
        self._cell = 0  # the depth of the table cell that is open: its blocks stay on one line
        self._break = ""
        self._behind_end = False  # the break came from an element's end, so that text may go on in the line

    @property
    def text(self) -> str:
        """All of it."""
        return self._out.getvalue()

    @property
    def full(self) -> bool:
        """Whether there is more than is wanted."""
        return self._out.tell() > self._max_characters

    def add(self, text: str) -> None:
        """Text of the innermost element."""
        words = text.split()
        if not words:
            self._part(" " if text else "")
            return
        if self._behind_end:
            self._break = "" if self._break == " " else " "
        separator = self._break or (" " if text[0].isspace() else "")
        self._out.write((separator if self._out.tell() else "") + " ".join(words))
        self._break = " " if text[-1].isspace() else ""
        self._behind_end = False
        self._mixed[-1] = 1

    def start(self, name: str) -> None:
        """An element begins."""
        self._part(self._break_of(name))
        self._behind_end = False
        self._mixed.append(0)
        if not self._cell and name.rpartition(":")[2] in _CELLS:
            self._cell = len(self._mixed)

    def end(self, name: str) -> None:
        """An element ends; one that never began does no harm."""
        if len(self._mixed) == self._cell:
            self._cell = 0
        if len(self._mixed) > 1:
            self._mixed.pop()
        before = self._break
        self._part("\t" if name.rpartition(":")[2] in _CELLS else self._break_of(name))
        self._behind_end |= self._break != before

    def _break_of(self, name: str) -> str:
        if name.startswith("w:"):
            return _WORD_BREAKS.get(name, "")
        local = name.rpartition(":")[2]
        if local in _BREAKS:
            return _BREAKS[local]
        if self._mixed[-1] or local in _CELLS:
            return ""
        return " " if self._cell or local in _INLINE else "\n"

    def _part(self, mark: str) -> None:
        if _WEIGHT[mark] > _WEIGHT[self._break]:
            self._break = mark


class Attributes:
    """What attributes say, a line for each element that has some; a line that was there before is left out."""

    def __init__(self, max_characters: int) -> None:
        self._max_characters = max_characters
        self._out = io.StringIO()
        self._seen: set[str] = set()

    @property
    def text(self) -> str:
        """All of it."""
        return self._out.getvalue()

    def add(self, element: str, attributes: str) -> None:
        """The attributes of one element, as they are written."""
        prefix, _, local = element.rpartition(":")
        drawn = prefix in _PRESENTATION or local.lower() in _DRAWING
        said = [
            f"{name}: {value}"
            for name, value in (
                (name, " ".join((double or single).split())) for name, double, single in _ATTRIBUTE.findall(attributes)
            )
            if _says_something(name, value, drawn=drawn)
        ]
        line = ", ".join(said)
        if not line or line in self._seen or self._out.tell() > self._max_characters:
            return
        if len(self._seen) < _MOST_LINES:
            self._seen.add(line)
        self._out.write(line + "\n")


def _says_something(name: str, value: str, *, drawn: bool) -> bool:
    prefix, _, local = name.rpartition(":")
    if not any(character.isalnum() for character in value[:100]):
        return False
    if len(value) > _WORDLESS_CHARACTERS and " " not in value:
        return False
    if drawn or prefix in _PRESENTATION:
        return local in _FOR_PEOPLE
    return local not in _FOR_PROGRAMS

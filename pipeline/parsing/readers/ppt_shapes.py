"""The text on a slide of a PowerPoint 97-2003 document: shape by shape, tables in rows (MS-PPT, MS-ODRAW)."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.parsing.powerpoint import Record, records

_GROUP, _SHAPE, _SHAPE_KIND, _ANCHOR, _MORE_OPTIONS = 0xF003, 0xF004, 0xF00A, 0xF00F, 0xF122
_PLACEHOLDER, _OUTLINE_REFERENCE = 0x0BC3, 0x0F9E
_PLACEHOLDER_KIND_AT, _TITLES = 4, (b"\x0d", b"\x0f", b"\x11")  # of a slide: as it is, centred, from top to bottom
_UTF_16, _LATIN_1 = 0x0FA0, 0x0FA8
# Characters that stand for something that changes: header and footer; dates and numbers, which are left out.
_HEADER, _FOOTER = 0x0FF9, 0x0FFA
_VARIABLES = frozenset({0x0FD8, _HEADER, _FOOTER, 0x0FF7, 0x0FF8, 0x1015})
_STRING, _HEADERS_FOOTERS, _WHICH_SHOW = 0x0FBA, 0x0FD9, 0x0FDA
_SHOWN = {1: (_HEADER, 0x10), 2: (_FOOTER, 0x20)}  # strings by instance, and the bits that say that they show
_COMMENT, _TAGS = 0x2EE0, 0x138B  # tags hold records, though they are no containers
_PICTURE_FRAME, _LINE = 75, 20  # MS-ODRAW 2.4.24
_TABLE = 0x039F  # the option of a group that makes it one
_OPTION = struct.Struct("<HI")


@dataclass(slots=True)
class Shape:
    """One shape: its texts, and what is known of it. `table` is the number of the table that it is a cell of."""

    texts: list[str] = field(default_factory=list)
    placeholder: bool = False
    title: bool = False
    kind: int = 0
    table: int = 0
    left: int = 0
    top: int = 0


@dataclass(slots=True)
class Slide:
    """What a slide, a master or a page of notes shows."""

    shapes: list[Shape] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    outline: dict[int, str] = field(default_factory=dict)  # texts that stand elsewhere, those that no shape shows

    @property
    def has_pictures(self) -> bool:
        """Whether any shape is a picture."""
        return any(shape.kind == _PICTURE_FRAME for shape in self.shapes)

    def lines(self, *, placeholders: bool = True) -> Iterator[str]:
        """The text of each shape, and of each row of a table with its cells separated by tabs."""
        cells: list[Shape] = []
        for shape in [*self.shapes, Shape()]:
            if cells and shape.table != cells[-1].table:
                yield from _rows(cells)
                cells = []
            if shape.table:
                cells += [shape] if shape.kind != _LINE else []  # tables are drawn with lines between their cells
            elif placeholders or not shape.placeholder:
                yield from shape.texts


def slide_of(stream: bytes, container: Record, outline: Sequence[str], variables: dict[int, str]) -> Slide:
    """Read a container. `outline` are its texts that stand elsewhere, `variables` header and footer of all slides."""
    slide = Slide(outline=dict(enumerate(outline)))
    variables = variables | shown_strings(stream, container)
    current = Shape()  # takes what stands in none
    slide.shapes.append(current)
    groups: list[tuple[int, int]] = []  # that are open: where each ends, and its number if it is a table
    tables = 0
    for record in walked(stream, container):
        while groups and record.start > groups[-1][0]:
            groups.pop()
        if record.kind == _GROUP:
            groups.append((record.end, groups[-1][1] if groups else 0))
        elif record.kind == _SHAPE:
            current = Shape(table=groups[-1][1] if groups else 0)
            slide.shapes.append(current)
        elif record.kind == _MORE_OPTIONS and groups and _is_table(stream, record):
            tables += 1
            groups[-1] = groups[-1][0], tables
        elif record.kind == _COMMENT:
            slide.comments.append(_comment(stream, record))
        else:
            _take(stream, record, current, slide.outline, variables)
    slide.shapes.sort(key=lambda shape: not shape.title)  # it is read first, whatever lies behind it
    return slide


def shown_strings(stream: bytes, container: Record) -> dict[int, str]:
    """The header and the footer that a container sets, for itself or for all slides, where they are to be shown."""
    found: dict[int, str] = {}
    for record in records(stream, container.start, container.end):
        if record.kind != _HEADERS_FOOTERS:
            continue
        flags = 0
        for inner in records(stream, record.start, record.end):
            if inner.kind == _WHICH_SHOW:
                flags = int.from_bytes(stream[inner.start + 2 : inner.start + 4], "little")
            elif inner.kind == _STRING and inner.instance in _SHOWN:
                meant, bit = _SHOWN[inner.instance]
                if flags & bit:
                    found[meant] = _decoded(stream, inner)
    return found


def text_of(stream: bytes, record: Record) -> str | None:
    """The text in a record that holds one."""
    return _decoded(stream, record) if record.kind in (_UTF_16, _LATIN_1) else None


def walked(stream: bytes, container: Record) -> Iterator[Record]:
    """All records in a container, those that hold others before these."""
    waiting = [(container.start, container.end)]
    while waiting:
        start, end = waiting.pop()
        record = next(records(stream, start, end), None)
        if record is not None:
            yield record
            waiting.append((record.end, end))
            if record.container or record.kind == _TAGS:
                waiting.append((record.start, record.end))


def _take(stream: bytes, record: Record, shape: Shape, outline: dict[int, str], variables: dict[int, str]) -> None:
    """What one record says about the shape that it lies in."""
    content = stream[record.start : min(record.end, record.start + 16)]
    if record.kind in (_UTF_16, _LATIN_1):
        shape.texts.append(_decoded(stream, record))
    elif record.kind == _OUTLINE_REFERENCE:
        shape.texts.append(outline.pop(int.from_bytes(content[:4], "little"), ""))
    elif record.kind in _VARIABLES and shape.texts:
        at = int.from_bytes(content[:4], "little")
        text = shape.texts[-1]
        if text[at : at + 1] == "*":
            shape.texts[-1] = text[:at] + variables.get(record.kind, "") + text[at + 1 :]
    elif record.kind == _PLACEHOLDER:
        shape.placeholder, shape.title = True, content[_PLACEHOLDER_KIND_AT:][:1] in _TITLES
    elif record.kind == _SHAPE_KIND:
        shape.kind = record.instance
    elif record.kind == _ANCHOR and len(content) == 16:
        shape.left, shape.top = struct.unpack_from("<ii", content)


def _is_table(stream: bytes, options: Record) -> bool:
    content = stream[options.start : min(options.end, options.start + _OPTION.size * options.instance)]
    whole = len(content) // _OPTION.size * _OPTION.size
    return any(code & 0x3FFF == _TABLE and value & 1 for code, value in _OPTION.iter_unpack(content[:whole]))


def _rows(cells: list[Shape]) -> Iterator[str]:
    """Cells in the rows that their places make."""
    rows: dict[int, list[Shape]] = {}
    for cell in cells:
        rows.setdefault(cell.top, []).append(cell)
    for top in sorted(rows):
        row = sorted(rows[top], key=lambda cell: cell.left)
        yield "\t".join(" ".join(" ".join(cell.texts).split()) for cell in row).rstrip("\t")


def _comment(stream: bytes, container: Record) -> str:
    strings = {
        record.instance: _decoded(stream, record)
        for record in records(stream, container.start, container.end)
        if record.kind == _STRING
    }
    author, text = strings.get(0, "").strip(), strings.get(1, "").strip()
    return f"Comment ({author}): {text}" if author else f"Comment: {text}"


def _decoded(stream: bytes, record: Record) -> str:
    content = stream[record.start : record.end]
    text = content.decode("latin-1" if record.kind == _LATIN_1 else "utf-16-le", "replace")
    return text.replace("\r", "\n").replace("\x0b", "\n")

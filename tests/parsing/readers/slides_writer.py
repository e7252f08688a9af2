"""Writes small PowerPoint presentations for tests (MS-PPT): slides, notes, masters, tables, embedded objects."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from tests.ole_writer import compound_file

_CONTAINER = 0xF
_EDIT_BYTES = 28


def record(kind: int, content: bytes, instance: int = 0, version: int = 0) -> bytes:
    """One record."""
    return struct.pack("<HHI", instance << 4 | version, kind, len(content)) + content


def container(kind: int, *inner: bytes, instance: int = 0) -> bytes:
    """A record that holds others."""
    return record(kind, b"".join(inner), instance, _CONTAINER)


def text(content: str) -> bytes:
    """A text, in as few bytes as it fits in."""
    if all(ord(character) < 256 for character in content):
        return record(0x0FA8, content.encode("latin-1"))
    return record(0x0FA0, content.encode("utf-16-le"))


def string(content: str, instance: int = 0) -> bytes:
    """A text that is none of a shape."""
    return record(0x0FBA, content.encode("utf-16-le"), instance)


def variable(kind: int, at: int) -> bytes:
    """The mark of a character that stands for something that changes."""
    return record(kind, struct.pack("<I4x", at))


def shape(*inner: bytes, kind: int = 1, at: tuple[int, int] = (0, 0), placeholder: int = 0) -> bytes:
    """A shape with texts in it; `at` is its left and its top, `placeholder` what it is a place for."""
    parts = [record(0xF00A, bytes(8), kind), record(0xF00F, struct.pack("<iiii", *at, at[0] + 9, at[1] + 9))]
    if placeholder:
        parts.append(container(0xF011, record(0x0BC3, struct.pack("<IBBH", 0, placeholder, 0, 0))))
    return container(0xF004, *parts, container(0xF00D, *inner))


def outline(number: int) -> bytes:
    """What stands in a shape whose text is in the list of slides."""
    return record(0x0F9E, struct.pack("<I", number))


def table(*shapes: bytes) -> bytes:
    """A group whose shapes are the cells of a table."""
    group = container(0xF004, record(0xF122, struct.pack("<HI", 0x039F, 1), instance=1, version=3))
    return container(0xF003, group, *shapes)


def headers_footers(header: str = "", footer: str = "", shown: int = 0x30) -> bytes:
    """A header and a footer, and which of them are shown."""
    return container(0x0FD9, record(0x0FDA, struct.pack("<HH", 0, shown)), string(header, 1), string(footer, 2))


def comment(author: str, content: str) -> bytes:
    """A comment as it lies among the tags of a slide."""
    inner = container(0x2EE0, string(author, 0), string(content, 1), string("XY", 2))
    return container(0x1388, container(0x138A, string("___PPT10"), record(0x138B, inner)))


@dataclass(frozen=True)
class Slide:
    """A slide: its shapes, its texts that stand in the list of slides, and what else lies in its container."""

    shapes: Sequence[bytes] = ()
    outline: Sequence[str] = ()
    notes: Sequence[bytes] = ()
    master: int = 0
    others: Sequence[bytes] = ()


@dataclass(frozen=True)
class Slides:
    """A presentation. `objects` are embedded: kind, subkind, and the record that holds each."""

    slides: Sequence[Slide]
    masters: Sequence[tuple[int, Sequence[bytes]]] = ()
    objects: Sequence[tuple[int, int, bytes]] = ()
    others: Sequence[bytes] = ()  # in the container of the document
    edits: int = 1  # how often it was saved; before the last time, slide n said "old n"

    def file(self) -> bytes:
        """The whole file."""
        return compound_file(self.streams())

    def streams(self) -> dict[str, bytes]:
        """Its streams."""
        stream, before = b"", 0
        for edit in range(self.edits):
            stream, before = self._saved(stream, before, is_last=edit == self.edits - 1)
        user = struct.pack("<HHI4xII", 0, 0x0FF6, 20, 0xE391C05F, before)
        return {"PowerPoint Document": stream, "Current User": user}

    def _saved(self, stream: bytes, before: int, *, is_last: bool) -> tuple[bytes, int]:
        lists: dict[int, list[bytes]] = {0: [], 1: [], 2: []}
        containers: list[bytes] = []

        def listed(what: int, number: int, content: bytes, outline_texts: Sequence[str] = ()) -> None:
            containers.append(content)
            entry = record(0x03F3, struct.pack("<IIIII", len(containers) + 1, 0, 0, number, 0))
            lists[what].append(entry + b"".join(text(one) for one in outline_texts))

        for number, shapes in self.masters:
            listed(1, number, _slide(0x03F8, bytes(24), shapes))
        for at, slide in enumerate(self.slides, 1):
            number = 0x200 + at if slide.notes else 0
            atom = struct.pack("<12xIIHH", slide.master, number, 0, 0)
            shapes = slide.shapes if is_last else [shape(text(f"old {at}"))]
            listed(0, 0x100 + at, _slide(0x03EE, atom, shapes, slide.others), slide.outline)
            if slide.notes:
                listed(2, number, _slide(0x03F0, struct.pack("<II", 0x100 + at, 0), slide.notes, kind=0x03F1))
        objects = b""
        for kind, subkind, content in self.objects:
            containers.append(content)
            atom = record(0x0FC3, struct.pack("<IIIIII", 1, kind, 1, subkind, len(containers) + 1, 0))
            objects += container(0x0FCC, atom)
        document = container(
            0x03E8, container(0x0409, objects), *self.others,
            *(container(0x0FF0, *entries, instance=what) for what, entries in lists.items() if entries),
        )  # fmt: skip
        offsets = []
        for content in [document, *containers]:
            offsets.append(len(stream))
            stream += content
        directory_at = len(stream)
        stream += record(0x1772, struct.pack(f"<{len(offsets) + 1}I", len(offsets) << 20 | 1, *offsets))
        edit_at = len(stream)
        stream += record(0x0FF5, struct.pack("<IIIIIII", 0, 0, before, directory_at, 1, 9, 0))
        return stream, edit_at


def _slide(
    container_kind: int, atom: bytes, shapes: Sequence[bytes], others: Sequence[bytes] = (), kind: int = 0x03EF
) -> bytes:
    drawing = container(0x040C, container(0xF002, container(0xF003, *shapes)))
    return container(container_kind, record(kind, atom), drawing, *others)

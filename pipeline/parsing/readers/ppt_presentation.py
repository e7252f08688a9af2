"""The slides, masters and notes of a PowerPoint 97-2003 document, in order (MS-PPT 2.1.2, 2.4). Reads no shapes."""

import struct
from dataclasses import dataclass, field

from pipeline.outcomes import Code
from pipeline.parsing import powerpoint
from pipeline.parsing.compound import Storage
from pipeline.parsing.powerpoint import Record, record_at, records
from pipeline.parsing.readers.ppt_shapes import shown_strings, text_of
from pipeline.parsing.reading import ReadingEnded

_WITH_95, _ONLY_95 = "PP97_DUALSTORAGE", "Text_Content"  # where both formats lie in a file; what the older one has
_DOCUMENT, _LIST, _LISTED, _SLIDE = 0x03E8, 0x0FF0, 0x03F3, 0x03EF
_SLIDES, _MASTERS, _NOTES = 0, 1, 2  # the lists, by their instance
_ENTRY = struct.Struct("<I8xI")  # of a list: where to find the container, and the number by which others refer to it
_MASTER_AT, _NOTES_AT = 12, 16  # bytes into what a slide says of itself: the numbers of its master and its notes


@dataclass(frozen=True, slots=True)
class Listed:
    """A slide, master or page of notes: its number, its container, and its texts that stand in the list."""

    number: int
    container: Record
    outline: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Presentation:
    """One document, opened. `missing` counts what is listed and is nowhere in the file."""

    stream: bytes
    offsets: dict[int, int]
    document: Record
    missing: int = 0

    @property
    def strings(self) -> dict[int, str]:
        """Header and footer of all slides."""
        return shown_strings(self.stream, self.document)

    def slides(self) -> list[Listed]:
        """The slides."""
        return self._listed(_SLIDES)

    def masters(self) -> list[Listed]:
        """What slides are made after."""
        return self._listed(_MASTERS)

    def notes(self) -> list[Listed]:
        """The notes to slides."""
        return self._listed(_NOTES)

    def master_of(self, slide: Listed) -> int:
        """The number of its master."""
        return self._said(slide, _MASTER_AT)

    def notes_of(self, slide: Listed) -> int:
        """The number of its notes, 0 where it has none."""
        return self._said(slide, _NOTES_AT)

    def _said(self, slide: Listed, at: int) -> int:
        atom = next(records(self.stream, slide.container.start, slide.container.end), None)
        if atom is None or atom.kind != _SLIDE:
            return 0
        return int.from_bytes(self.stream[atom.start + at : atom.end][:4], "little")

    def _listed(self, what: int) -> list[Listed]:
        listed: list[Listed] = []
        for found in records(self.stream, self.document.start, self.document.end):
            if found.kind != _LIST or found.instance != what:
                continue
            outline: list[str] = []
            for record in records(self.stream, found.start, found.end):
                if record.kind == _LISTED:
                    outline = []  # the texts that follow this entry are those of its slide
                    reference, number = _ENTRY.unpack_from(self.stream, record.start)
                    container = record_at(self.stream, self.offsets.get(reference, -1))
                    if container is None:
                        self.missing += what == _SLIDES
                    else:
                        listed.append(Listed(number, container, outline))
                elif (text := text_of(self.stream, record)) is not None:
                    outline.append(text)
        return listed


def presentation_of(root: Storage) -> Presentation:
    """The newest state of a document.

    Raises ReadingEnded: STRUCTURE_DAMAGED where there is none, FORMAT_NOT_READ for presentations of PowerPoint 95.
    """
    root = root.storage(_WITH_95) or root
    stream = root.stream("PowerPoint Document")
    directory = powerpoint.directory(stream, root.stream("Current User"))
    document = record_at(stream, directory.offsets.get(directory.document, -1)) if directory else None
    if directory is None or document is None or document.kind != _DOCUMENT:
        raise ReadingEnded(Code.FORMAT_NOT_READ if root.has(_ONLY_95) else Code.STRUCTURE_DAMAGED)
    return Presentation(stream, directory.offsets, document)

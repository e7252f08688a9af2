"""What all Office Open XML packages have in common: name spaces, relations between parts, embedded files."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.parsing.markup import End, Event, Start
from pipeline.parsing.parts import Package, natural, resolved
from pipeline.parsing.readers.office_lines import Lines
from pipeline.parsing.readers.office_package import OfficePackage
from pipeline.parsing.readers.office_text import MAX_CHARACTERS

_VOCABULARIES = {
    "w": ("wordprocessingml", "main"),
    "p": ("presentationml", "main"),
    "a": ("drawingml", "main"),
    "c": ("drawingml", "chart"),
    "dgm": ("drawingml", "diagram"),
    "pic": ("drawingml", "picture"),
    "wp": ("drawingml", "wordprocessingDrawing"),
    "m": ("officeDocument", "math"),
}
# Transitional and strict (ISO/IEC 29500-4 and -1): the same elements, under two names of each name space.
_PREFIXES = {
    **{f"http://schemas.openxmlformats.org/{group}/2006/{name}": key for key, (group, name) in _VOCABULARIES.items()},
    **{f"http://purl.oclc.org/ooxml/{group}/{name}": key for key, (group, name) in _VOCABULARIES.items()},
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.microsoft.com/office/drawing/2014/chartex": "cx",
    "http://schemas.microsoft.com/office/powerpoint/2018/8/main": "p188",  # comments that can be answered
    "urn:schemas-microsoft-com:vml": "v",
}
_PROPERTIES = "docProps/core.xml"
_EMBEDDED = "/embeddings/"
_MAX_RELATIONS = 100_000  # of one part
# Of charts and diagrams: what holds text, what ends a line of it, and the values, which are numbers.
_DRAWN_TEXT = frozenset({"a:t", "c:v", "cx:pt"})
_DRAWN_PARAGRAPHS = frozenset({"a:p", "c:v", "cx:pt"})
_NUMBERS = frozenset({"c:numCache", "c:numLit", "cx:numDim"})
_CHOICE, _ALTERNATIVES = "mc:AlternateContent", frozenset({"mc:Choice", "mc:Fallback"})


@dataclass(frozen=True, slots=True)
class Relation:
    """Where one part refers to another. `kind` is the last step of its type, such as `header`."""

    kind: str
    target: str  # the name of a part that is there; empty where it lies outside or is missing


class Ooxml(OfficePackage):
    """A package with the relations between its parts."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises ReadingEnded(STRUCTURE_DAMAGED) where not one part is found."""
        super().__init__(Package(file), _PREFIXES)
        self._relations: dict[str, dict[str, Relation]] = {}

    def events(self, name: str, wanted: frozenset[str] | None = None) -> Iterator[Event]:
        """As in all packages; of what stands there twice, for newer and for older programs, once."""
        return _chosen(super().events(name, wanted and wanted | _ALTERNATIVES | {_CHOICE}))

    def main_part(self, usual: str) -> str | None:
        """The part that the document begins with: the one that the package names, else the one that is usual."""
        named = [one.target for one in self.relations("").values() if one.kind == "officeDocument" and one.target]
        if named:
            return named[0]
        stem, suffix = posixpath.splitext(usual)
        alike = (
            name for name in self.package.names if re.fullmatch(re.escape(stem) + r"\d*" + re.escape(suffix), name)
        )
        return self.package.find(usual) or next(alike, None)

    def saved(self) -> str:
        """The day on which it was last saved, else made; both, with many a template, long before the other."""
        part = next(iter(self.related("", "core-properties")), _PROPERTIES)
        return self.dated(part, "dcterms:modified", "dcterms:created")

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of a part by their id; `` stands for the package. Where they are lost there are none."""
        if part in self._relations:
            return self._relations[part]
        folder, name = posixpath.split(part)
        found = self._relations[part] = {}
        for event in self.events(f"{folder}/_rels/{name}.rels"):
            if isinstance(event, Start) and event.tag == "rel:Relationship" and len(found) < _MAX_RELATIONS:
                inside = (event.get("TargetMode") or "").lower() != "external"
                target = self.package.find(resolved(folder, event.get("Target") or "")) if inside else None
                kind = (event.get("Type") or "").rpartition("/")[2]
                found[event.get("Id") or ""] = Relation(kind, target or "")
        return found

    def embedded(self) -> list[str]:
        """The names of the parts that other programs made."""
        return [name for name in self.package.names if _EMBEDDED in f"/{name.lower()}"]

    def related(self, part: str, kind: str) -> list[str]:
        """The parts of one kind that `part` refers to, each once. Where its relations are lost: those named like it."""
        relations = self.relations(part)
        if relations:
            return list(dict.fromkeys(one.target for one in relations.values() if one.kind == kind and one.target))
        folder = re.escape(posixpath.dirname(part))
        pattern = re.compile(rf"{folder}/(\w+/)?{re.escape(kind)}\d*\.xml", re.IGNORECASE)
        return sorted((name for name in self.package.names if pattern.fullmatch(name)), key=natural)


def relation_id(start: Start, local: str = "id") -> str:
    """The id of a relation that an element names: an attribute that is in a name space, unlike others of that name."""
    ends = ("}" + local, ":" + local)
    return next((value for name, value in start.attributes.items() if name.endswith(ends)), "")


def _chosen(events: Iterable[Event]) -> Iterator[Event]:
    """All events but those of alternatives other than the first (mc:AlternateContent, ECMA-376 part 3)."""
    skipped = 0  # elements that are open within what is left out, that one included
    chosen: list[bool] = []  # of each choice that is open: whether an alternative was read
    for event in events:
        if isinstance(event, Start):
            if skipped or (event.tag in _ALTERNATIVES and chosen and chosen[-1]):
                skipped += 1
                continue
            if event.tag in _ALTERNATIVES and chosen:
                chosen[-1] = True
            elif event.tag == _CHOICE:
                chosen.append(False)
        elif skipped:
            skipped -= isinstance(event, End)
            continue
        elif isinstance(event, End) and event.tag == _CHOICE and chosen:
            chosen.pop()
        yield event


def drawing_text(events: Iterable[Event]) -> str:
    """The text in a chart, or in the model behind a diagram (SmartArt): a line each, titles and categories once."""
    lines = Lines()
    is_text = are_numbers = False
    for event in events:
        if isinstance(event, str):
            if is_text and not are_numbers:
                lines.write(event)
        elif isinstance(event, Start):
            is_text = is_text or event.tag in _DRAWN_TEXT
            are_numbers = are_numbers or event.tag in _NUMBERS
            if event.tag == "a:br":
                lines.write("\n")
        else:
            is_text = is_text and event.tag not in _DRAWN_TEXT
            are_numbers = are_numbers and event.tag not in _NUMBERS
            if event.tag in _DRAWN_PARAGRAPHS:
                lines.end_paragraph()
        if lines.size > MAX_CHARACTERS:
            break
    return "\n".join(dict.fromkeys(line.strip() for line in str(lines).split("\n") if line.strip()))

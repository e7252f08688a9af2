"""The text of any XML, a line per block, then what its attributes say. Resolves nothing from outside and no bombs.

Read mark by mark rather than through a parser: that would drop references that are not declared, and all that stands
behind a fault. Here whatever is no mark is text, so that nothing of a damaged file is lost.
"""

import html
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.readers.decoding import decode, read_at_most
from pipeline.parsing.readers.xml_blocks import Attributes, Blocks
from pipeline.parsing.reading import ReadingEnded

_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})")
# A tag, or how one of the other marks begins. An attribute holds no <, so that no attempt looks beyond the next one.
_MARK = re.compile(
    r"<(?:(/)?([^\s<>/!?=\"'][^\s<>/=\"']*+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>|(!--|!\[CDATA\[|\?|!DOCTYPE\b))"
)
_ENDS = {"!--": "-->", "![CDATA[": "]]>", "?": "?>", "!DOCTYPE": ">"}
_SUBSET_END = re.compile(r"\]\s*+>")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.:-]{1,100})\s+(?:\"([^\"]*+)\"|'([^']*+)')\s*+>")
_REFERENCE = re.compile(r"&(?:#\d{1,8}|#x[0-9a-fA-F]{1,6}|[\w.:-]{1,100});")
_EXTERNAL = re.compile(r"<!ENTITY\s+([\w.:-]{1,100})\s+(?:SYSTEM|PUBLIC)\s")
_ENTITY_CHARACTERS = 100  # of the text that an entity stands for, such as a firm's name; a longer one stays unresolved
_AT_ONCE = 1 << 20  # characters of text: a reference in each other one would fill the memory
_RESOLVED_CHARACTERS = 1 << 20  # of all that entities gave to one document
_PICTURES = frozenset({"w:binData", "pkg:binaryData", "office:binary-data"})  # in base64
_PROGRAMS = frozenset({"style", "script"})  # where pages and drawings are, of which these are no text
_SHOWN = frozenset({"svg", "html"})


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page: the text, and behind it the attributes."""
    data, cut = read_at_most(file, request.max_text_bytes)
    declared = _ENCODING.search(data[:1000])
    source, lossy = decode(data, declared[1].decode("ascii") if declared else None)
    if cut and source.rfind("<") > source.rfind(">"):
        source = source[: source.rfind("<")]  # half a mark
    yield Opened("xml", 1)
    document = _Document(source, request.max_text_bytes)
    code: Code | None
    try:
        with at_most(request.page_cpu_s):
            code = document.follow()
    except Exhausted:
        code = Code.READER_LIMIT
    text = document.text if cut and document.text else f"{document.text}\n\n{document.attributes}".strip()
    yield Page(1, text, code or (Code.UNDECODABLE_CHARACTERS if lossy else None))
    if cut:
        raise ReadingEnded(Code.TEXT_LIMIT)
    if document.unbalanced:
        raise ReadingEnded(Code.STRUCTURE_REPAIRED)


class _Document:
    """One source, followed from mark to mark."""

    def __init__(self, source: str, max_characters: int) -> None:
        self.unbalanced = False  # an element does not end, or ends without having begun
        self._source = source
        self._blocks = Blocks(max_characters)
        self._attributes = Attributes(max_characters)
        self._entities: dict[str, str] = {}
        self._unresolved: set[str] = set()  # declared, and not resolved: they hold others, or much
        self._external: set[str] = set()  # they stand for other files
        self._room = _RESOLVED_CHARACTERS
        self._typed = False  # the declaration of the type was there
        self._is_shown = self._left_out = False
        self._missing: set[str] = set()  # ends that do not come any more: looked for once

    @property
    def text(self) -> str:
        """The text of the elements up to now."""
        return self._blocks.text

    @property
    def attributes(self) -> str:
        """What attributes said up to now."""
        return self._attributes.text

    def follow(self) -> Code | None:
        """Go through the source. READER_LIMIT when a reference was left unresolved, or the text grew without end."""
        place = 0
        depth = 0
        while not self._blocks.full and (mark := _MARK.search(self._source, place)):
            self._add(place, mark.start())
            place = mark.end()
            end, name, attributes, special = mark.groups()
            if special:
                place = self._behind(special, place)
            elif end:
                depth -= 1
                self.unbalanced |= depth < 0
                depth = max(0, depth)
                self._blocks.end(name)
            else:
                place = self._start(name, attributes, place)
                depth += 1
                if attributes.endswith("/"):
                    depth -= 1
                    self._blocks.end(name)
        if self._blocks.full:
            return Code.READER_LIMIT
        self._add(place, len(self._source))
        self.unbalanced |= depth > 0
        return Code.READER_LIMIT if self._left_out else None

    def _add(self, start: int, end: int) -> None:
        for place in range(start, end, _AT_ONCE):
            self._blocks.add(self._resolved(self._source[place : min(end, place + _AT_ONCE)]))

    def _start(self, name: str, attributes: str, place: int) -> int:
        """An element begins; returns where to go on."""
        self._blocks.start(name)
        if "=" in attributes:
            self._attributes.add(name, self._resolved(attributes))
        local = name.rpartition(":")[2]
        self._is_shown |= local in _SHOWN
        if (name in _PICTURES or (self._is_shown and local in _PROGRAMS)) and not attributes.endswith("/"):
            end = self._find(f"</{name}", place)
            return place if end < 0 else end
        return place

    def _behind(self, special: str, place: int) -> int:
        """Where to go on behind a comment, an instruction, text as it is, or the declaration of the type."""
        end = self._find(_ENDS[special], place)
        if end < 0:
            return place  # its end is lost: what follows may be text
        if special == "![CDATA[":
            self._blocks.add(self._source[place:end])
        elif special == "!DOCTYPE" and not self._typed:
            self._typed = True
            start = self._source.find("[", place, end)
            subset_end = _SUBSET_END.search(self._source, start) if start >= 0 else None
            if subset_end is not None:
                self._declare(self._source[start : subset_end.start()])
                return subset_end.end()
        return end + len(_ENDS[special])

    def _declare(self, subset: str) -> None:
        for name, double, single in _ENTITY.findall(subset):
            value = html.unescape(double or single) if "&#" in double + single else double or single
            if len(value) <= _ENTITY_CHARACTERS and not set("&%<") & set(value):
                self._entities.setdefault(name, value)
            else:
                self._unresolved.add(name)
        self._external.update(_EXTERNAL.findall(subset))

    def _find(self, end: str, place: int) -> int:
        if end in self._missing:
            return -1
        found = self._source.find(end, place)
        if found < 0:
            self._missing.add(end)
        return found

    def _resolved(self, text: str) -> str:
        """Text with the characters that references stand for; what is not known stays as it is written."""
        return _REFERENCE.sub(self._character, text) if "&" in text else text

    def _character(self, reference: re.Match[str]) -> str:
        name = reference[0][1:-1]
        if name in self._entities and self._room > 0:
            self._room -= len(self._entities[name])
            return self._entities[name]
        if name in self._unresolved or name in self._entities:
            self._left_out = True
            return reference[0]
        return reference[0] if name in self._external else html.unescape(reference[0])

"""XML of any size as a stream of events, through lxml: no tree, no entity from outside, no recursion, no network.

The one place that imports lxml for XML. Damaged markup is read as far as the parser can follow it; Markup.code says so.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol, cast

from lxml import etree

from pipeline.outcomes import Code

# An element costs about two microseconds of processor time and no memory once it was looked at, so that the clock
# (effort.py) usually speaks first; these stand where no clock runs.
MAX_BYTES = 512 << 20
MAX_ELEMENTS = 20_000_000
MAX_DEPTH = 10_000  # producers stay below 100; who reads the events keeps a stack of what is open
_FED_BYTES = 64 << 10  # at a time: so much becomes at most 20,000 events
_NAMES = 2_000  # distinct names remembered: a vocabulary has hundreds, a hostile file as many as it has elements
_LIMITS = frozenset({"ERR_RESOURCE_LIMIT", "ERR_NAME_TOO_LONG"})
# What libxml2 goes on behind without losing a word; all other faults mean that something may be missing.
_HARMLESS = frozenset({"ERR_RESERVED_XML_NAME", "ERR_UNSUPPORTED_ENCODING", "ERR_MISSING_ENCODING"})


class Source(Protocol):
    """What XML is read from: an open file, or a part of a package."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


class Start(NamedTuple):
    """An element begins. `tag` is `prefix:local` for a known name space, else `{uri}local`, or `local` without one."""

    tag: str
    attributes: Mapping[str, str]  # named as lxml does: `local` or `{uri}local`

    def get(self, local: str) -> str | None:
        """The attribute with this local name, whatever its name space; the one without a name space wins."""
        if local in self.attributes:
            return self.attributes[local]
        ends = ("}" + local, ":" + local)
        return next((value for name, value in self.attributes.items() if name.endswith(ends)), None)


class End(NamedTuple):
    """An element ends. Where the source is damaged or cut off, some ends never come."""

    tag: str


Event = Start | End | str  # text comes in pieces of any length


class Markup:
    """One XML source, read by iterating once. When iteration has ended, `code` says what was wrong, if anything.

    READER_LIMIT: a limit was hit; STRUCTURE_REPAIRED: it is broken, and parts may be missing; UNDECODABLE_CHARACTERS:
    bytes were replaced. A source without any element gives no event, and STRUCTURE_REPAIRED.
    """

    def __init__(
        self, source: Source, prefixes: Mapping[str, str] | None = None, wanted: frozenset[str] | None = None
    ) -> None:
        """`prefixes` gives name spaces (URIs) the short prefix under which the reader knows them.

        Of elements whose tags are not among the `wanted`, neither start nor end is told: most of them, for a text.
        """
        self.code: Code | None = None
        self._source = source
        self._recorder = _Recorder(prefixes or {}, wanted)

    def __iter__(self) -> Iterator[Event]:
        recorder = self._recorder
        parser = etree.XMLParser(
            target=cast("etree.ParserTarget", recorder),  # lxml's stubs let text be bytes, which it never is
            recover=True,
            resolve_entities=False,
            load_dtd=False,
            attribute_defaults=False,
            dtd_validation=False,
            no_network=True,
            huge_tree=False,  # libxml2's own limits: on names, attributes, declarations, and growth by entities
            remove_pis=True,
            # collect_ids stays as it is: switched off, lxml 6.1 reads the DTD that a document names, load_dtd or not.
        )
        fed = 0
        while piece := self._source.read(_FED_BYTES):
            fed += len(piece)
            parser.feed(piece)
            yield from recorder.taken()
            if fed > MAX_BYTES or recorder.elements > MAX_ELEMENTS or recorder.depth > MAX_DEPTH:
                self.code = Code.READER_LIMIT
                return
        if fed:
            _close(parser)
            yield from recorder.taken()
        faults = {entry.type_name for entry in parser.feed_error_log if entry.level_name != "WARNING"}
        self.code = _code_of(faults, recorder)


class _Recorder:
    """What lxml calls for each element and text; keeps the events until they are taken."""

    def __init__(self, prefixes: Mapping[str, str], wanted: frozenset[str] | None) -> None:
        self.elements = self.depth = 0
        self._prefixes = prefixes
        self._wanted = wanted
        self._ends: dict[str, End | None] = {}  # by the names that lxml gives; None for those that are not wanted
        self._events: list[Event] = []
        self.data = self._events.append  # called by lxml for each piece of text

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        end = self._ends[name] if name in self._ends else self._learned(name)
        if end is not None:
            self._events.append(Start(end.tag, attributes))

    def end(self, name: str) -> None:
        self.depth -= 1
        end = self._ends[name] if name in self._ends else self._learned(name)
        if end is not None:
            self._events.append(end)

    def comment(self, text: str) -> None:
        """Comments are no text."""

    def close(self) -> None:
        """The end of the source; lxml wants to call something."""

    def taken(self) -> list[Event]:
        """The events since the last call."""
        events = self._events.copy()
        self._events.clear()
        return events

    def _learned(self, name: str) -> End | None:
        if len(self._ends) >= _NAMES:
            self._ends.clear()
        uri, brace, local = name[1:].rpartition("}")
        prefix = self._prefixes.get(uri) if brace else None
        tag = name if prefix is None else f"{prefix}:{local}"
        end = self._ends[name] = End(tag) if self._wanted is None or tag in self._wanted else None
        return end


def _close(parser: etree.XMLParser) -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError:  # there is no element in it
        return


def _code_of(faults: set[str], recorder: _Recorder) -> Code | None:
    serious = {fault for fault in faults if not fault.startswith("NS_")} - _HARMLESS
    if serious & _LIMITS:
        return Code.READER_LIMIT
    if serious == {"ERR_INVALID_ENCODING"} and not recorder.depth:
        return Code.UNDECODABLE_CHARACTERS
    return Code.STRUCTURE_REPAIRED if serious or recorder.depth or not recorder.elements else None

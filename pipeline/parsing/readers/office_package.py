"""An office document as a package of XML parts: their events, and what was wrong with those that were read."""

import io
from collections.abc import Iterator, Mapping

from pipeline.outcomes import Code
from pipeline.parsing import dates
from pipeline.parsing.markup import Event, Markup, Start
from pipeline.parsing.parts import Package
from pipeline.parsing.reading import ReadingEnded

# Of all that can be wrong with parts: what is told, the weightiest first.
_BY_WEIGHT = (Code.READER_LIMIT, Code.STRUCTURE_REPAIRED, Code.UNDECODABLE_CHARACTERS)
# Where an OpenDocument says when it was last saved, else made; for OfficePackage.dated().
OPENDOCUMENT_SAVED = ("meta.xml", "dc:date", "meta:creation-date")
_ABOUT_PREFIXES = {
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/dc/elements/1.1/": "dc",
    "urn:oasis:names:tc:opendocument:xmlns:meta:1.0": "meta",
    "http://openoffice.org/2000/meta": "meta",  # before it was a standard
}
_ABOUT_BYTES = 1 << 20  # of a part that says of a document what is not its text


class OfficePackage:
    """A package whose parts are XML in name spaces that its reader knows by prefix."""

    def __init__(self, package: Package, prefixes: Mapping[str, str]) -> None:
        self.package = package
        self._prefixes = prefixes
        self._wrong: set[Code] = {package.code} if package.code else set()

    def events(self, name: str, wanted: frozenset[str] | None = None) -> Iterator[Event]:
        """The markup of one part, as far as it can be read; nothing if there is no such part. `wanted`: see Markup."""
        part = self.package.open(name)
        if part is None:
            return
        markup = Markup(part, self._prefixes, wanted)
        yield from markup
        self._wrong |= {code for code in (part.code, markup.code) if code is not None}

    def dated(self, name: str, *tags: str) -> str:
        """The day in the first of these elements that holds one, in a part about the document; see dates.dated().

        What is wrong with that part is no fault of the text.
        """
        found: dict[str, str] = {}
        inside = ""
        for event in Markup(io.BytesIO(self.package.read(name, _ABOUT_BYTES)), _ABOUT_PREFIXES, frozenset(tags)):
            if isinstance(event, Start):
                inside = event.tag if event.tag not in found else ""
            elif isinstance(event, str):
                if inside:
                    found[inside] = found.get(inside, "") + event
            else:
                inside = ""
        return dates.dated(*(found.get(tag) for tag in tags))

    def note(self, code: Code) -> None:
        """Something else is wrong."""
        self._wrong.add(code)

    @property
    def code(self) -> Code | None:
        """What was wrong so far with all that was read."""
        return next((code for code in _BY_WEIGHT if code in self._wrong), None)

    def end(self) -> None:
        """The end of reading. Raises ReadingEnded where something was wrong with what was read."""
        if self.code is not None:
            raise ReadingEnded(self.code)

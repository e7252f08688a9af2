"""The text of a mail's body: of alternatives the plain one, and lines broken for the way joined. Writes nothing."""

import io
import itertools
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Page, Request
from pipeline.parsing.readers import charsets, html
from pipeline.parsing.readers.mime import Part, content_of
from pipeline.parsing.reading import ReadingEnded

HTML_TYPES = frozenset({"text/html", "text/enriched", "application/xhtml+xml"})
# A plain text that only says that the mail is written in HTML: shorter than this, and than a part of the other.
_STUB_CHARACTERS, _STUB_SHARE = 300, 0.2


class Body:
    """The text, written down part by part. `code` says what is wrong with it."""

    def __init__(self, request: Request) -> None:
        self.code: Code | None = None
        self._request = request
        self._left_bytes = request.max_text_bytes

    def text(self, parts: Sequence[Part]) -> str:
        """The parts' text, those of one set of alternatives being the same text in several ways."""
        texts: list[str] = []
        for group in _alternatives(parts):
            pages = [one for one in group if one.type in HTML_TYPES]
            plain = [self._plain(one) for one in group if one.type not in HTML_TYPES]
            written = "\n\n".join(one for one in plain if one.strip())
            if pages and (len(group) == len(pages) or len(written) < _STUB_CHARACTERS):
                shown = "\n\n".join(filter(None, map(self._page, pages)))
                if len(written) <= _STUB_SHARE * len(shown):
                    written = shown
            texts.append(written.strip("\n"))
        return "\n\n".join(filter(None, texts))

    def _plain(self, part: Part) -> str:
        charset = part.header.parameter("content-type", "charset")
        text = self._decoded(self._content(part), charset).replace("\r\n", "\n")
        if part.header.parameter("content-type", "format").lower() == "flowed":
            return unflowed(text, part.header.parameter("content-type", "delsp").lower() == "yes")
        return text

    def _page(self, part: Part) -> str:
        charset = part.header.parameter("content-type", "charset")
        source = self._content(part)
        if charset:  # else the page may say it itself
            source = self._decoded(source, charset).encode("utf-8", "replace")
        request = msgspec.structs.replace(self._request, first_page=1)
        texts: list[str] = []
        try:
            for frame in html.read(io.BytesIO(source), request):
                if isinstance(frame, Page):
                    texts.append(frame.text)
                    self.code = self.code or frame.code
        except ReadingEnded as end:
            self.code = self.code or (end.code if end.code is Code.TEXT_LIMIT else Code.UNDECODABLE_CHARACTERS)
        return "\n\n".join(texts)

    def _content(self, part: Part) -> bytes:
        """A part's content, as far as there is room for all of them together."""
        content = bytearray()
        for block in content_of(part):
            content += block
            if len(content) > self._left_bytes:
                self.code = Code.TEXT_LIMIT
                del content[self._left_bytes :]
                break
        self._left_bytes -= len(content)
        return bytes(content)

    def _decoded(self, content: bytes, charset: str) -> str:
        text, lossy = charsets.decode(content, charset)
        if lossy:
            self.code = self.code or Code.UNDECODABLE_CHARACTERS
        return text


def _alternatives(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """The parts in order, those that are alternatives to each other together, all others alone."""
    keys = [(part.alternative, -1 if part.alternative is not None else number) for number, part in enumerate(parts)]
    for _, group in itertools.groupby(zip(keys, parts, strict=True), key=lambda pair: pair[0]):
        yield [part for _, part in group]


def unflowed(text: str, del_sp: bool) -> str:
    """Each paragraph on one line, as format=flowed means it (RFC 3676). `del_sp`: spaces at line ends are not meant."""
    lines: list[list[str]] = []
    flows, depth = False, 0
    for line in text.split("\n"):
        quoted = len(line) - len(line.lstrip(">"))
        content = line[quoted:].removeprefix(" ")
        is_signature = content == "-- "
        if flows and content and quoted == depth and not is_signature:
            lines[-1].append(content)
        else:
            lines.append([">" * quoted + " " * (quoted > 0), content])
        flows, depth = content.endswith(" ") and not is_signature, quoted
        if flows and del_sp:
            lines[-1][-1] = content[:-1]
    return "\n".join("".join(pieces).rstrip() for pieces in lines)

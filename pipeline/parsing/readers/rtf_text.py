"""Interprets the tokens of an RTF file (RTF 1.9.1): its text by pages, notes, headers, boxes; or the HTML in it.

striprtf was tried first: it drops notes, comments, headers, boxes and embedded documents, knows neither pages nor HTML
nor fonts for signs, and loses characters that stand half in hexadecimal and half as they are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipeline.parsing.readers.rtf_fonts import ENCODING_WORDS, Encodings, Font
from pipeline.parsing.readers.rtf_tokens import Kind, Token
from pipeline.parsing.readers.rtf_words import CHARACTERS, COLLECTED, FOLLOWED, IGNORED
from pipeline.parsing.readers.symbol_font import is_symbol_font, symbol
from pipeline.parsing.readers.word_pages import PAGE_END, Parts, tidied

_MAX_DEPTH = 50_000  # groups within groups; beyond, they are counted, and what is in them is read all the same
_SURROGATES_AND_MORE = 0x10000
_SIGNS = {"~": "\xa0", "_": "-", "\t": "\t", "\r": "\n", "\n": "\n"}


@dataclass(slots=True)
class _Group:
    """What holds until a group ends. `sink` takes its text; `ends` is the destination that ends with it."""

    sink: list[str] | None
    font: int
    skipped: int = 1  # characters behind one in Unicode, for readers without
    deleted: bool = False
    hidden: bool = False  # from those who look for HTML
    begins: bool = True  # no word or text of it has been read
    starred: bool = False  # who does not know its first word shall ignore it
    ends: str = ""
    outer: list[str] | None = None


class RtfText:
    """Follows tokens and collects what they say; `parts` or `html` give the result at any time."""

    def __init__(self) -> None:
        self.is_html = False
        self._main: list[str] = []
        self._group = _Group(self._main, 0)
        self._groups: list[_Group] = []
        self._too_deep = 0
        self._encodings = Encodings()
        self._declared = Font()
        self._names: list[str] = []  # where the text of the font table goes
        self._bytes = bytearray()
        self._skip = 0
        self._page = 0
        self._default_font = 0
        self._section_ended = False
        self._deleted: list[str] = []
        self._author = ""
        self._notes: dict[int, list[str]] = {}
        self._pictures: set[int] = set()
        self._collected: dict[str, list[str]] = {"header": [], "footer": [], "box": []}
        self._handlers: dict[str, Callable[[str, int | None], None]] = {
            "u": self._unicode, "f": self._font, "uc": self._set, "plain": self._plain, "deff": self._set_default,
            "page": self._break, "sect": self._break, "sbknone": self._go_on, "sbkcol": self._go_on,
            "deleted": self._set, "htmlrtf": self._set, "fromhtml": self._set, "fcharset": self._set, "cpg": self._set,
            **dict.fromkeys(CHARACTERS, self._character), **dict.fromkeys(ENCODING_WORDS, self._encoding),
        }  # fmt: skip

    def follow(self, tokens: Iterable[Token]) -> None:
        """Take tokens, in their order."""
        handlers = self._handlers
        for kind, text, number, content in tokens:
            if kind is Kind.BYTES:
                self._take_bytes(content)
                continue
            if kind is Kind.WORD:
                self._skip = 0
                handler = handlers.get(text)
                if handler is not None:
                    self._flush()
                    handler(text, number)
                elif self._group.begins:
                    self._destination(text)
                self._group.begins = False
            elif kind is Kind.SIGN:
                self._sign(text)
            else:
                self._flush()
                self._skip = 0
                if kind is Kind.OPEN:
                    self._open()
                else:
                    self._close()
        self._flush()

    @property
    def parts(self) -> Parts:
        """What was read so far."""
        self._end_deleted()
        boxes = self._collected["box"] + self._collected["footer"]
        return Parts("".join(self._main), self._notes, frozenset(self._pictures), self._collected["header"], boxes)

    @property
    def html(self) -> str:
        """The HTML that a mail program put into the file."""
        return "".join(self._main).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _open(self) -> None:
        if len(self._groups) >= _MAX_DEPTH:
            self._too_deep += 1
            return
        around = self._group
        self._groups.append(around)
        self._group = _Group(around.sink, around.font, around.skipped, around.deleted, around.hidden, outer=around.sink)

    def _close(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
        elif self._groups:
            ended, self._group = self._group, self._groups.pop()
            if ended.ends:
                self._end_of(ended)

    def _destination(self, word: str) -> None:
        group = self._group
        if word == "pict" and group.sink is self._main:
            self._pictures.add(self._page)
        if word == "fonttbl":
            group.sink = self._names
        elif word == "ud":  # the same as the group before it, in Unicode
            group.sink = self._groups[-1].outer if self._groups else self._main
        elif word in COLLECTED and group.sink is not None:
            group.sink, group.ends = [], COLLECTED[word]
        elif word in IGNORED or (group.starred and not (word in FOLLOWED or (word == "htmltag" and self.is_html))):
            group.sink = None
        group.starred = False

    def _sign(self, sign: str) -> None:
        if sign in "\\{}":
            self._take_bytes(sign.encode("ascii"))
            return
        self._flush()
        self._skip = 0
        if sign == "*":
            self._group.starred = True
        elif sign in _SIGNS:
            self._write(_SIGNS[sign])

    def _take_bytes(self, content: bytes) -> None:
        self._group.begins = False
        if self._skip:
            content, self._skip = content[self._skip :], max(0, self._skip - len(content))
        if self._group.sink is not None:
            self._bytes += content

    def _flush(self) -> None:
        """Bytes become text only together: a character may be one byte as such and one in hexadecimal."""
        if self._bytes:
            text = self._encodings.decoded(bytes(self._bytes), self._group.font)
            self._bytes.clear()
            self._write(text)

    def _write(self, text: str) -> None:
        group = self._group
        if group.sink is None or (self.is_html and group.hidden):
            return
        if group.sink is self._names:
            self._declared.name += text.partition(";")[0]
            return
        if group.deleted and not self.is_html:
            self._deleted.append(text)
            return
        self._end_deleted()
        if self._section_ended and group.sink is self._main and text.strip():
            self._section_ended = False
            self._break("page", None)
        group.sink.append(text.replace(PAGE_END, ""))

    def _unicode(self, _word: str, number: int | None) -> None:
        code = (number or 0) % _SURROGATES_AND_MORE
        font = self._encodings.name(self._group.font)
        self._write(symbol(font, code) if 0xF000 <= code < 0xF100 and is_symbol_font(font) else chr(code))
        self._skip = self._group.skipped

    def _font(self, _word: str, number: int | None) -> None:
        if self._group.sink is self._names:
            self._declared = self._encodings.fonts.setdefault(number or 0, Font())
        self._group.font = number or 0

    def _set(self, word: str, number: int | None) -> None:
        if word == "uc":
            self._group.skipped = max(0, number or 0)
        elif word == "deleted":
            self._group.deleted = number != 0
        elif word == "htmlrtf":
            self._group.hidden = number != 0
        elif word == "fromhtml":
            self.is_html = number != 0
        elif self._group.sink is self._names and word == "fcharset":
            self._declared.character_set = number
        elif self._group.sink is self._names:
            self._declared.code_page = number

    def _plain(self, _word: str, _number: int | None) -> None:
        self._group.font, self._group.deleted = self._default_font, False

    def _set_default(self, _word: str, number: int | None) -> None:
        self._group.font = self._default_font = number or 0

    def _encoding(self, word: str, number: int | None) -> None:
        self._encodings.declare(word, number)

    def _character(self, word: str, _number: int | None) -> None:
        self._write(CHARACTERS[word])

    def _go_on(self, _word: str, _number: int | None) -> None:
        self._section_ended = False

    def _break(self, word: str, _number: int | None) -> None:
        if self._group.sink is not self._main or self.is_html:
            self._write("\n")
        elif word == "sect":
            self._write("\n")
            self._section_ended = True  # unless the next section says that it goes on
        else:
            self._end_deleted()
            self._main.append(PAGE_END)
            self._page += 1

    def _end_deleted(self) -> None:
        text = "".join(self._deleted).strip()
        self._deleted.clear()
        if text:
            self._note(f"Deleted: {text}")

    def _end_of(self, ended: _Group) -> None:
        """What a destination collected is complete."""
        text = tidied("".join(ended.sink or ())).strip()
        if ended.ends == "author":
            self._author = text
        elif ended.ends == "comment":
            self._note(f"Comment ({self._author}): {text}" if self._author else f"Comment: {text}")
            self._author = ""
        elif ended.ends == "note":
            self._note(text)
        else:
            self._collected[ended.ends].append(text)

    def _note(self, text: str) -> None:
        self._notes.setdefault(self._page, []).append(text)

"""JSON, also several values one after the other, as lines of `key: value`. What is not valid is read as plain text.

Read token by token, without a tree and without recursion: order, repeated keys and numbers stay as they are written.
"""

import contextlib
import io
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.readers.decoding import decode, read_at_most
from pipeline.parsing.reading import ReadingEnded

# A comma, if there is one, and what follows: a string, which is a key before a colon; a bracket; any other value.
_TOKEN = re.compile(r'\s*+(,)?+\s*+(?:"((?:[^"\\]++|\\.)*+)"(\s*+:)?+|([{}\[\]])|([^\s{}\[\],:"]++))', re.DOTALL)
# Where the source was cut: a string without an end, and what may be the beginning of an escape in it.
_BEGUN, _HALF_ESCAPE = re.compile(r'\s*+(,)?+\s*+"(.*)', re.DOTALL), re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
_BARE = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity")  # as Python writes
_PREFIX_KEYS = 4  # of the keys that lead to a value stand before it: with all of them, depth would square the text
_LINE_CHARACTERS = 200  # after which a list of short values goes on in the next line
_PICTURE = "image/"  # how the outputs of a notebook begin that are pictures, in base64


class _InvalidError(Exception):
    pass


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """One page. Opened as `text` where the content is no JSON."""
    data, cut = read_at_most(file, request.max_text_bytes)
    source, lossy = decode(data)
    code = Code.UNDECODABLE_CHARACTERS if lossy else None
    text = io.StringIO()
    try:
        with at_most(request.page_cpu_s / 2):  # the rest is for giving it as it is written
            for line in lines(source, cut=cut):
                text.write(line + "\n")
                if text.tell() > request.max_text_bytes:
                    break  # long keys before many values
    except _InvalidError:
        yield Opened("text", 1)
        yield Page(1, source, code)
    except Exhausted:  # as it is written, it can be searched too
        yield Opened("json", 1)
        yield Page(1, source, code)
    else:
        yield Opened("json", 1)
        yield Page(1, text.getvalue(), code)
    if cut:
        raise ReadingEnded(Code.TEXT_LIMIT)


def lines(source: str, *, cut: bool = False) -> Iterator[str]:
    """A line for each value, or for several short ones of a list; an empty one behind each object in a list.

    Raises _InvalidError when the source is not valid, or ends within a value and is not `cut`.
    """
    walk = _Walk()
    place = 0
    while token := _TOKEN.match(source, place):
        place = token.end()
        try:
            walk.take(*token.groups())
        except _InvalidError:
            if not cut or place < len(source):
                raise
            break  # the last token may be half of one
        if walk.ready:
            yield from walk.ready
            walk.ready.clear()
    if cut and (begun := _BEGUN.match(source, place)):
        with contextlib.suppress(_InvalidError):
            walk.take(begun[1], _HALF_ESCAPE.sub("", begun[2]), None, None, None)
    elif not cut:
        _check(walk.complete and not source[place:].strip())
    walk.flush()
    yield from walk.ready


def _unescaped(string: str) -> str:
    try:
        return str(json.loads(f'"{string}"', strict=False))
    except ValueError:
        raise _InvalidError from None


def _check(holds: bool) -> None:
    if not holds:
        raise _InvalidError


class _Walk:
    """Where in the nesting the reader stands; the lines that are ready, and the values that wait for theirs."""

    def __init__(self) -> None:
        self.ready: list[str] = []
        self.complete = False  # whether every value that began has ended, and there was one
        self._open: list[str] = []  # { or [ of each value that is open
        self._keys: list[str] = []  # of each object that is open
        self._unshown = 0  # how many of the keys at the end of the list stand in no line yet
        self._inside = ""  # the innermost that is open: {, [ or none
        self._fresh = True  # nothing has come in it yet
        self._behind_key = self._comma = False
        self._waiting: list[str] = []
        self._waiting_characters = 0

    def take(
        self, comma: str | None, string: str | None, colon: str | None, bracket: str | None, bare: str | None
    ) -> None:
        """The next token, in one of its forms, with the comma before it. Raises _InvalidError where it cannot stand."""
        self._comma = comma is not None
        if self._comma:
            _check(bool(self._inside) and not self._fresh and not self._behind_key)
        if string is not None:
            text = _unescaped(string) if "\\" in string else string
            if colon:
                self._key(text)
            else:
                self._value(text)
        elif bracket:
            self._bracket(bracket)
        else:
            _check(bare is not None and _BARE.fullmatch(bare) is not None)
            self._value(bare or "")

    def _key(self, text: str) -> None:
        """A string before a colon."""
        _check(self._inside == "{" and self._comma != self._fresh and not self._behind_key)
        self._keys[-1] = text
        self._unshown = self._unshown or 1
        self._behind_key, self._fresh = True, False

    def _value(self, text: str) -> None:
        """A value that holds no others."""
        self._begin_value()
        self._waiting.append(text)
        self._waiting_characters += len(text) + 2
        if self._inside != "[" or self._waiting_characters > _LINE_CHARACTERS:
            self.flush()

    def _bracket(self, bracket: str) -> None:
        """The beginning or end of a list or object."""
        self.flush()
        if bracket in "{[":
            self._begin_value()
            self._begin(bracket)
        else:
            _check(self._inside + bracket in ("{}", "[]") and not self._comma and not self._behind_key)
            self._end()

    def flush(self) -> None:
        """Make a line of the values that wait."""
        if not self._waiting:
            return
        if len(self._waiting) == 1:
            self._line(self._waiting[0])
        else:  # lines of a text are kept as lists of lines, too
            text = "".join(value if value.endswith("\n") else value + ", " for value in self._waiting)
            self._line(text.removesuffix(", "))
        self._waiting.clear()
        self._waiting_characters = 0

    def _begin_value(self) -> None:
        if self._inside == "[":
            _check(self._comma != self._fresh)
        else:
            _check(self._behind_key or not self._inside)
        self._behind_key = self._fresh = False
        self.complete = not self._inside

    def _begin(self, bracket: str) -> None:
        self._open.append(bracket)
        if bracket == "{":
            self._keys.append("")
            self._unshown += bool(self._unshown)
        self._inside, self._fresh, self.complete = bracket, True, False

    def _end(self) -> None:
        ended = self._open.pop()
        self._inside = self._open[-1] if self._open else ""
        if ended == "{":
            self._keys.pop()
            self._unshown = max(0, self._unshown - 1)
        if self._fresh:
            self._line("")
        if ended == "{" and self._inside != "{":
            self.ready.append("")
        self._fresh, self.complete = False, not self._open

    def _line(self, text: str) -> None:
        """A line with the last keys before it; those before these get a line of their own, once."""
        if self._unshown > _PREFIX_KEYS:
            self.ready.append(".".join(self._keys[-self._unshown : -_PREFIX_KEYS]) + ":")
        self._unshown = 0
        label = ".".join(self._keys[-_PREFIX_KEYS:])
        self.ready.append(f"{label}: {text}".rstrip(" ") if label else text)

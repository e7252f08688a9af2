"""The text that names are learned from: invented passages in which each name is marked, and lists of further names.

`{P:Maria Keller} of {O:Kestrel Freight Ltd} moved to {L:Ostrava}.` Empty lines stand between passages.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.personal import NAMES, PersonalKind

_MARK = re.compile(r"\{([POL]):([^{}]+)\}")
_KIND = dict(zip("POL", NAMES, strict=True))
_BETWEEN = re.compile(r"\n[ \t]*\n\s*")
LISTS = ("given", "surname", "firm", "place")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, and where which names stand in it, by place."""

    text: str
    names: tuple[tuple[int, int, PersonalKind], ...]


@dataclass(frozen=True, slots=True)
class Material:
    """All passages, the lists by their names, and the sha256 of all of it."""

    passages: tuple[Passage, ...]
    lists: dict[str, tuple[str, ...]]
    sha256: str


def read(folder: Path) -> Material:
    """What lies in the folder: text/*.txt and lists/NAME.txt. Raises ModelError where it is missing or malformed."""
    try:
        texts = {path.name: path.read_text("utf-8") for path in sorted((folder / "text").glob("*.txt"))}
        lists = {name: (folder / "lists" / f"{name}.txt").read_text("utf-8") for name in LISTS}
    except (OSError, UnicodeDecodeError):
        raise ModelError("names_material", "The text that names are learned from cannot be read.") from None
    passages = tuple(passage(part) for text in texts.values() for part in _BETWEEN.split(text.strip()) if part)
    if not passages:
        raise ModelError("names_material", "The text that names are learned from is missing.")
    whole = hashlib.sha256()
    for name, content in sorted({**texts, **lists}.items()):
        whole.update(f"{name}\0{content}\0".encode())
    entries = {name: tuple(filter(None, map(str.strip, content.splitlines()))) for name, content in lists.items()}
    return Material(passages, entries, whole.hexdigest())


def passage(marked: str) -> Passage:
    """A passage as it is written. Raises ModelError where a mark is malformed."""
    pieces: list[str] = []
    names = []
    length = done = 0
    for mark in _MARK.finditer(marked):
        pieces += [marked[done : mark.start()], mark[2]]
        start = length + mark.start() - done
        length = start + len(mark[2])
        names.append((start, length, _KIND[mark[1]]))
        done = mark.end()
    text = "".join([*pieces, marked[done:]])
    if "{" in text or "}" in text:
        raise ModelError("names_material", "A mark in the text that names are learned from is malformed.")
    return Passage(text, tuple(names))

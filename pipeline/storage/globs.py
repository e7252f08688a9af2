"""Patterns of paths as people write them: `*`, `?` and `[...]` within a name, `**` for any folders. Pure.

A pattern that names a folder names all that lies in it. Paths are the file system's bytes; they are compared as text,
in which bytes that are no UTF-8 stand for themselves, and characters are the same however they are composed.
No pattern takes longer than its length times that of the path: a part that was found is never looked for again.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Sequence

ANY_FOLDERS = "**"
_ANY_NAME = re.compile(r"\*+")
_ONE = re.compile(r"\?|\[([!^]?\]?[^\]]*)\]|.", re.DOTALL)  # what stands for one character
_FOLDERS = "(?:[^/]+/)*?"


def matcher(patterns: Sequence[bytes]) -> Callable[[bytes], bool]:
    """Says of an absolute path whether any of these absolute patterns names it, or a folder above it."""
    one = re.compile("|".join(f"(?:{_expression(_text(pattern))})" for pattern in patterns), re.DOTALL)
    return lambda path: one.fullmatch(_text(path)) is not None


def literal(path: str) -> str:
    """The pattern that names just this path."""
    return re.sub(r"[*?\[]", lambda mark: f"[{mark[0]}]", path)


def _text(path: bytes) -> str:
    text = path.decode("utf-8", "surrogateescape").replace(os.sep, "/")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _expression(pattern: str) -> str:
    """A regular expression for paths. What stands between two `**` is looked for once: the first place is as good."""
    runs: list[list[str]] = [[]]
    for name in filter(None, pattern.split("/")):
        if name != ANY_FOLDERS:
            runs[-1].append(_name(name))
        elif runs[-1] or len(runs) == 1:
            runs.append([])
    first, *others = ["/".join(run) for run in runs]
    if not others:
        return f"/{first}(?:/.*)?" if first else "/.+"
    *between, last = others
    inner = "".join(f"(?>{_FOLDERS}{run}/)" for run in between)
    return f"/{first}{'/' if first else ''}{inner}" + (f"{_FOLDERS}{last}(?:/.*)?" if last else ".+")


def _name(name: str) -> str:
    """A regular expression for one name in a path; as fnmatch.translate() has it since Python 3.9, but for the `/`."""
    pieces = ["".join(_character(found) for found in _ONE.finditer(piece)) for piece in _pieces(name)]
    first, *others = pieces
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in between if piece) + f"[^/]*{last}"


def _pieces(name: str) -> list[str]:
    """What stands between asterisks, but for those in brackets."""
    pieces, at = [""], 0
    for found in re.finditer(r"\[[!^]?\]?[^\]]*\]|\*+", name):
        pieces[-1] += name[at : found.start()]
        at = found.end()
        if _ANY_NAME.fullmatch(found[0]):
            pieces.append("")
        else:
            pieces[-1] += found[0]
    pieces[-1] += name[at:]
    return pieces


def _character(found: re.Match[str]) -> str:
    if found[0] == "?":
        return "[^/]"
    return re.escape(found[0]) if found[1] is None else _set(found[1])


def _set(content: str) -> str:
    """One of these characters; a range that runs backwards holds none."""
    negative = content.startswith(("!", "^"))
    members = ""
    for found in re.finditer(r"(.)-(.)|.", content[negative:], re.DOTALL):
        if found[1] is None:
            members += re.escape(found[0])
        elif found[1] <= found[2]:
            members += f"{re.escape(found[1])}-{re.escape(found[2])}"
    if negative:
        return f"[^/{members}]"
    return f"[{members}]" if members else "(?!)"

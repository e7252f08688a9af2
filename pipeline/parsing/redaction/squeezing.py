"""What is left of a text to be compared, however its lines were broken and its letters were set. Pure.

Two readers of one page differ in spaces, line ends, hyphens, ligatures, accents painted by themselves and forms of one
character; none of these stays. It is for telling whether a text holds a value, never for showing.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs", "Pd"})  # unseen, spaces, hyphens and dashes
_MINUS = "\u2212"
_ACCENTS = "`\u02c6\u02c7"  # painted beside their letter; the others become spaces with a mark
_FIRST_MARK, _LAST_MARK = "\u0300", "\u036f"


def squeeze(text: str) -> str:
    """The text without what may differ between two readings of it. Squeezing twice changes nothing more."""
    return "".join(map(_squeezed, text))


def squeeze_places(characters: Sequence[str]) -> tuple[str, list[int]]:
    """The squeezed text, and for each of its characters the place of the one that it comes from."""
    parts = [_squeezed(character) for character in characters]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


@lru_cache(maxsize=1 << 14)
def _squeezed(character: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(one for one in plain if not _is_dropped(one))


def _is_dropped(character: str) -> bool:
    return (
        character.isspace()
        or _FIRST_MARK <= character <= _LAST_MARK
        or character in _ACCENTS
        or character == _MINUS
        or unicodedata.category(character) in _DROPPED_CATEGORIES
    )

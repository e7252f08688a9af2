"""Says passages in other ways, so that names are learned and not these names: other ones, capitals, small letters."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from pipeline.insight.names.material import Passage
from pipeline.personal import NAMES, PersonalKind

_PERSON, _ORGANISATION, _PLACE = NAMES
_TOGETHER_WORDS = 150  # about as many as a passage of a document has
_CAPITALS, _SMALL = 0.08, 0.12  # shares of varied passages; a scan or a chat may be all of either


def varied(passage: Passage, lists: Mapping[str, Sequence[str]], chance: np.random.Generator) -> Passage:
    """The passage with other names in the same places, the same one wherever the same one stood."""
    others: dict[tuple[str, PersonalKind], str] = {}
    pieces: list[str] = []
    names = []
    length = done = 0
    for start, end, kind in passage.names:
        name = passage.text[start:end]
        if (name, kind) not in others:
            others[name, kind] = _other(name, kind, lists, chance)
        pieces += [passage.text[done:start], others[name, kind]]
        begun = length + start - done
        length = begun + len(others[name, kind])
        names.append((begun, length, kind))
        done = end
    text = "".join([*pieces, passage.text[done:]])
    drawn = chance.random()
    change: Callable[[str], str] = str
    if drawn < _CAPITALS + _SMALL:
        change = str.upper if drawn < _CAPITALS else str.lower
    changed = change(text)
    return Passage(changed if len(changed) == len(text) else text, tuple(names))  # ß becomes two letters


def together(passages: Sequence[Passage], chance: np.random.Generator) -> Iterator[Passage]:
    """All passages, in any order, some in one text: words mean something else amid a full passage of a document."""
    some: list[Passage] = []
    words = 0
    for index in chance.permutation(len(passages)):
        count = len(passages[index].text.split())
        if some and words + count > _TOGETHER_WORDS:
            yield _joined(some)
            some, words = [], 0
        some.append(passages[index])
        words += count
    if some:
        yield _joined(some)


def _joined(passages: Sequence[Passage]) -> Passage:
    text, names = "", []
    for one in passages:
        begun = len(text)
        names += [(begun + start, begun + end, kind) for start, end, kind in one.names]
        text += f"{one.text}\n\n"
    return Passage(text, tuple(names))


def _other(name: str, kind: PersonalKind, lists: Mapping[str, Sequence[str]], chance: np.random.Generator) -> str:
    """Another name of the kind, in letters as large, and of a person with as many parts."""

    def one(of: str) -> str:
        entries = lists[of]
        return entries[int(chance.integers(len(entries)))]

    if kind == _PLACE:
        other = one("place")
    elif kind == _ORGANISATION:
        other = one("firm")
    else:
        other = _person(name, one, chance)
    if name.isupper() and len(name) > 3:
        return other.upper()
    return other.lower() if name.islower() else other


def _person(name: str, one: Callable[[str], str], chance: np.random.Generator) -> str:
    if "," in name:
        return f"{one('surname')}, {one('given')}"
    parts = name.split()
    if len(parts) == 1:
        return one("given" if chance.random() < 0.5 else "surname")
    initials = [part for part in parts[:-1] if len(part.strip(".")) == 1]
    given = one("given")
    if len(initials) == len(parts) - 1:
        given = f"{given[0]}."
    elif initials:
        given += f" {one('given')[0]}."
    return f"{given} {one('surname')}"

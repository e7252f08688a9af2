"""What the words of names are called: each kind has a tag for a name's first word and one for those that go on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.datatypes import Vectors
from pipeline.insight.names.words import Span
from pipeline.personal import NAMES, PersonalKind

Tags = npt.NDArray[np.int64]  # one for each word
TAGS = 1 + 2 * len(NAMES)  # 0: no name; 1 and 2 begin and go on with the first kind, 3 and 4 with the second, ...


@dataclass(frozen=True, slots=True)
class Name:
    """A name at text[start:end]. `score` is the mean probability of its words to be of its kind."""

    start: int
    end: int
    kind: PersonalKind
    score: float


def tagged(words: Sequence[Span], names: Sequence[tuple[int, int, PersonalKind]]) -> Tags:
    """The tag of each word of a text with these names, which are given by place: (words,)."""
    tags = np.zeros(len(words), np.int64)
    for start, end, kind in names:
        inside = [index for index, (first, last) in enumerate(words) if first < end and last > start]
        tags[inside] = 2 + 2 * NAMES.index(kind)
        tags[inside[:1]] -= 1
    return tags


def names(words: Sequence[Span], probabilities: Vectors) -> Iterator[Name]:
    """The names that the probabilities of tags, (words, TAGS), tell, by place.

    Each word is of its most probable kind, and a name is a run of words of one kind; where a word within is more
    probably a first word than one that goes on, another name begins.
    """
    first, further = probabilities[:, 1::2], probabilities[:, 2::2]
    by_kind = np.concatenate([probabilities[:, :1], first + further], axis=1)
    best = by_kind.argmax(axis=1)
    for start, end in _runs(best, first > further):
        kind = int(best[start])
        score = float(by_kind[start:end, kind].mean())
        yield Name(words[start][0], words[end - 1][1], NAMES[kind - 1], round(score, 3))


def _runs(best: Tags, begins: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where runs of one kind start and end; `best` is each word's kind, 0: none, `begins` whether it begins one."""
    start = 0
    for index in np.flatnonzero(best):
        if index < start:
            continue
        kind, end = best[index], int(index) + 1
        while end < len(best) and best[end] == kind and not begins[end, kind - 1]:
            end += 1
        yield int(index), end
        start = end

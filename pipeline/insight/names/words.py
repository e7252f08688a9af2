"""A text as words: where each stands, what its letters look like, and what a model says of it.

The models read small letters only, so that capitals, which say much about names, are told here.
"""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.datatypes import Vectors

Span = tuple[int, int]

# A run of letters, with an apostrophe in it where letters enough follow (O'Connell, not Keller's); a number; one mark.
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]{2,})*|\d+|[^\w\s]|_")
_SENTENCE_ENDS = frozenset(".!?")
_OPENING = frozenset("(\"“'‘[:;|")
_LINKS = frozenset("&-'’")
_LONG, _SHORT = 10, 2  # letters
LOOKS = 18  # what is told of each word


def spans(text: str) -> list[Span]:
    """Where the words and marks of a text stand, in order."""
    return [match.span() for match in _WORD.finditer(text)]


def looks(text: str, words: Sequence[Span]) -> Vectors:
    """What each word looks like and stands beside: (words, LOOKS) float32, of zeros and ones."""
    told = np.fromiter(_told(text, words), np.int64, len(words))
    bits: Vectors = ((told[:, None] >> np.arange(LOOKS)) & 1).astype(np.float32)
    return bits


def pooled(words: Sequence[Span], tokens: Sequence[Span], states: Vectors) -> Vectors:
    """The mean of the states of each word's tokens: (words, hidden) float32, for as many words as the model saw.

    `tokens` is where those tokens stand, empty for special ones; `states` is (tokens, hidden).
    """
    places = np.array(tokens, np.int64).reshape(-1, 2)
    starts = np.array([start for start, _ in words], np.int64)
    owners = np.searchsorted(starts, places[:, 0], side="right") - 1
    real = (places[:, 1] > places[:, 0]) & (owners >= 0)
    owners, states = owners[real], states[real]
    seen = int(owners.max()) + 1 if len(owners) else 0
    means = np.zeros((seen, states.shape[1]), np.float32)
    if seen:
        firsts = np.flatnonzero(np.diff(owners, prepend=-1))
        counts = np.diff(firsts, append=len(owners))
        means[owners[firsts]] = np.add.reduceat(states, firsts, axis=0) / counts[:, None]
    return means


def _told(text: str, words: Sequence[Span]) -> "list[int]":
    told = []
    before, end = ".", 0
    for start, stop in words:
        word, gap, after = text[start:stop], text[end:start], text[stop : stop + 2]
        length = stop - start
        told.append(
            1 << _shape(word)
            | (end == 0 or "\n" in gap) << 8
            | (not gap) << 9
            | (before in _SENTENCE_ENDS) << 10
            | (before in _OPENING) << 11
            | (length <= _SHORT) << 12
            | (word in ".,") << 13
            | (word in _LINKS) << 14
            | (after[:1] in ("", "\n")) << 15
            | (after in ("'s", "’s")) << 16
            | (length >= _LONG) << 17
        )
        before, end = word, stop
    return told


def _shape(word: str) -> int:
    """One of eight: number, mark, small, one capital, capitals, Capital, MixedCase, other."""
    if not word[0].isalpha():
        return 0 if word.isdigit() else 1
    if word.islower():
        return 2
    if word.isupper():
        return 3 if len(word) == 1 else 4
    if word[0].isupper():
        return 5 if word[1:].islower() else 6
    return 7

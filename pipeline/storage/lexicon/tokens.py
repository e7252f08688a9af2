"""Divides texts into the terms by which they are found, many texts at a time: with numpy, without a loop over words.

A million passages are divided in half a minute so; word by word it would take several. Only what was never seen before
is looked at by itself, and characters with marks on them in scripts without spaces.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.storage import pairs
from pipeline.storage.lexicon import terms
from pipeline.storage.lexicon.characters import RUN, SEPARATOR, WORD, Characters, Codes

_MOST_KNOWN = 2_000_000  # words of all languages that are remembered: 200 MB; then it begins anew
NOTHING = -1  # in place of the number of a term, for words that are not indexed

Places = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The terms of some texts, by text and place: texts[text[i]][start[i]:end[i]] is found by term[i].

    All are of shape (tokens,). `words` is the number of words of each text, shape (texts,): its length, with the words
    that are not indexed.
    """

    text: Places
    start: Places
    end: Places
    term: Places
    words: Places


@dataclass(frozen=True, slots=True)
class Words:
    """Where words stand in small letters, which all lie behind each other, and their hashes; shapes (words,)."""

    start: Ints
    end: Ints
    hashes: npt.NDArray[np.uint64]


class Tokenizer:
    """Remembers every word that it met, by number. Not for two threads at a time."""

    def __init__(self) -> None:
        self.strings: list[str] = []  # by number
        self._numbers: dict[str, int] = {}
        self._known: dict[str, dict[int, int]] = {}  # by language: the hash of a word, the number of its term
        self._pairs: dict[int, int] = {}  # by two code points, the second 0 at the end of a run
        self._compounds: dict[int, int] = {}  # by the hash of its words
        self._characters = Characters()
        # By place of a character in a word, and of a word in a code. Unknown to whoever writes documents, who else
        # could make words that pass for others; and not the same ones, or 12-3 would pass for 13-2.
        self._weights, self._word_weights = _secret_weights(), _secret_weights()

    def number(self, term: str) -> int:
        """The number of a term, given when it is first asked for."""
        found = self._numbers.get(term)
        if found is None:
            found = self._numbers[term] = len(self.strings)
            self.strings.append(term)
        return found

    def forget(self) -> None:
        """Begin anew where too much is remembered. Numbers of before mean nothing then."""
        if len(self.strings) > _MOST_KNOWN:
            self.strings, self._numbers, self._known, self._pairs, self._compounds = [], {}, {}, {}, {}

    def split(self, texts: Sequence[str], language: str, *, compounds: bool = True) -> Tokens:
        """The terms of texts whose words are stemmed by the rules of `language`, with or without codes as a whole."""
        characters = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32)
        begins = np.cumsum([0, *(len(text) + 1 for text in texts)], dtype=np.int64)[:-1]
        kinds = self._characters.kinds(characters)
        edges = np.flatnonzero(np.diff(kinds, prepend=SEPARATOR, append=SEPARATOR))
        first, kind = edges[:-1], kinds[edges[:-1]]
        last = edges[1:]
        is_word, is_run = kind == WORD, kind == RUN
        small = self._characters.small[characters]
        start, end = first[is_word], last[is_word]
        standing = Words(start, end, self._hashes(small, start, end))
        found = [np.stack((start, end, self._numbers_of(small, standing, language)))]
        if compounds:
            found.append(self._joined(characters, small, standing))
        runs = self._runs(characters, small, first[is_run], last[is_run]) if is_run.any() else []
        found += runs
        columns = np.concatenate(found, axis=1) if found else np.empty((3, 0), np.int64)
        text = np.searchsorted(begins, columns[0], "right") - 1
        words = np.bincount(np.searchsorted(begins, start, "right") - 1, minlength=len(texts))
        for run in runs:
            words += np.bincount(np.searchsorted(begins, run[0], "right") - 1, minlength=len(texts))
        order = np.argsort(columns[0], kind="stable")
        order = order[columns[2][order] != NOTHING]
        text, (start, end, term) = text[order], columns[:, order]
        return Tokens(
            text=text.astype(np.int32),
            start=(start - begins[text]).astype(np.int32),
            end=(end - begins[text]).astype(np.int32),
            term=term.astype(np.int32),
            words=words.astype(np.int32),
        )

    def _numbers_of(self, small: Codes, words: Words, language: str) -> Ints:
        """The numbers of the terms of words."""
        distinct, at, inverse = np.unique(words.hashes, return_index=True, return_inverse=True)
        known = self._known.setdefault(language, {})
        numbers = np.empty(len(distinct), np.int64)
        for place, value in enumerate(distinct.tolist()):
            number = known.get(value)
            if number is None:
                word = _string(small, words.start[at[place]], words.end[at[place]])[: terms.LONGEST]
                number = known[value] = (
                    NOTHING if terms.says_nothing(word, language) else self.number(terms.term(word, language))
                )
            numbers[place] = number
        return numbers[inverse]

    def _hashes(self, small: Codes, start: Ints, end: Ints) -> npt.NDArray[np.uint64]:
        """Of each word, small[start:end], or its beginning."""
        if not start.size:
            return np.empty(0, np.uint64)
        lengths = np.minimum(end - start, terms.LONGEST)
        begins = np.cumsum(lengths) - lengths
        within = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
        characters = small[np.repeat(start, lengths) + within].astype(np.uint64) + np.uint64(1)
        hashes: npt.NDArray[np.uint64] = np.add.reduceat(characters * self._weights[within], begins)
        return hashes

    def _joined(self, characters: Codes, small: Codes, words: Words) -> Ints:
        """Codes and names among words that stand one character apart: start, end and number, shape (3, found)."""
        start, end = words.start, words.end
        near = np.flatnonzero(start[1:] - end[:-1] == 1)
        near = near[np.isin(characters[end[near]], _JOINER_CODES)]
        begins = np.flatnonzero(np.diff(near, prepend=-2) != 1)
        first, last = near[begins], near[np.append(begins[1:], len(near)) - 1] + 1 if near.size else near
        digits = np.concatenate(([0], np.cumsum(self._characters.numbers[characters])))
        may_be = (end[first] - start[first] <= terms.SHORT) | (digits[end[last]] > digits[start[first]])
        first, last = first[may_be], last[may_be]
        if not first.size:
            return np.empty((3, 0), np.int64)
        lengths = np.minimum(last - first + 1, terms.LONGEST)  # more of them do not fit into a term
        begins = np.cumsum(lengths) - lengths
        within = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
        parts = words.hashes[np.repeat(first, lengths) + within] * self._word_weights[within % terms.LONGEST]
        distinct, at, inverse = np.unique(np.add.reduceat(parts, begins), return_index=True, return_inverse=True)
        bounds = zip(distinct.tolist(), first[at].tolist(), last[at].tolist(), strict=True)
        numbers = np.array([self._compound(value, small, words, one, other) for value, one, other in bounds], np.int64)
        return np.stack((start[first], end[last], numbers[inverse]))

    def _compound(self, value: int, small: Codes, words: Words, first: int, last: int) -> int:
        """The number of what these words are together, NOTHING where they are plain words."""
        found = self._compounds.get(value)
        if found is None:
            here = slice(first, last + 1)
            bounds = zip(words.start[here].tolist(), words.end[here].tolist(), strict=True)
            compound = terms.compound([_string(small, *bound) for bound in bounds])
            found = self._compounds[value] = NOTHING if compound is None else self.number(compound)
        return found

    def _runs(
        self,
        characters: Codes,
        small: Codes,
        start: Ints,
        end: Ints,
    ) -> list[Ints]:
        """The pairs of runs of characters in a script without spaces, small[start:end]."""
        special = np.concatenate(([0], np.cumsum(~self._characters.plain[characters])))
        is_plain = special[end] == special[start]
        runs = [self._pairs_of(small, start[is_plain], end[is_plain])] if is_plain.any() else []
        marked = zip(start[~is_plain].tolist(), end[~is_plain].tolist(), strict=True)
        return runs + [self._run(small, *bounds) for bounds in marked]

    def _pairs_of(self, small: Codes, start: Ints, end: Ints) -> Ints:
        """The pairs of runs in which each character is one letter, and the last one of each."""
        lengths = end - start
        ends = np.cumsum(lengths)
        place = np.arange(int(ends[-1])) + np.repeat(start - ends + lengths, lengths)
        is_last = np.zeros(len(place), np.bool_)
        is_last[ends - 1] = True
        second = np.where(is_last, 0, small[np.minimum(place + 1, len(small) - 1)]).astype(np.int64)
        distinct, inverse = np.unique(small[place].astype(np.int64) << 32 | second, return_inverse=True)
        numbers = np.array([self._pair(pair) for pair in distinct.tolist()], np.int64)
        return np.stack((place, place + 2 - is_last, numbers[inverse]))

    def _pair(self, pair: int) -> int:
        found = self._pairs.get(pair)
        if found is None:
            first, second = pair >> 32, pair & 0xFFFFFFFF
            found = self._pairs[pair] = self.number(chr(first) + (chr(second) if second else ""))
        return found

    def _run(self, small: Codes, start: int, end: int) -> Ints:
        """The pairs of a run in which marks stand on letters, or letters in another form."""
        made = [
            (start + one.start, start + one.end, self.number(one.text))
            for one in pairs.terms(_string(small, start, end))
        ]
        return np.array(made, np.int64).reshape(-1, 3).T


_JOINER_CODES = np.array([ord(one) for one in terms.JOINERS], np.uint32)


def _secret_weights() -> npt.NDArray[np.uint64]:
    return np.frombuffer(secrets.token_bytes(8 * terms.LONGEST), np.uint64) | np.uint64(1)


def _string(small: Codes, start: int, end: int) -> str:
    return small[start:end].tobytes().decode("utf-32-le", "replace")

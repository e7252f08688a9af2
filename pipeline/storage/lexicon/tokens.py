"""Divides texts into the terms by which they are found, many texts at a time: with numpy, without a loop over words.

A million passages are divided in half a minute so; word by word it would take several. Only what was never seen before
is looked at by itself, and characters with marks on them in scripts without spaces.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.storage import pairs
from pipeline.storage.lexicon import terms

_MOST_KNOWN = 2_000_000  # words of all languages that are remembered: 200 MB; then it begins anew
_SEPARATOR, _WORD, _RUN, _MARK, _UNKNOWN = range(5)  # kinds of characters; a run is of a script without spaces
_CODE_POINTS = 0x110000
NOTHING = -1  # in place of the number of a term, for words that are not indexed

Places = npt.NDArray[np.int32]


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


class Tokenizer:
    """Remembers every word that it met, by number. Not for two threads at a time."""

    def __init__(self) -> None:
        self.strings: list[str] = []  # by number
        self._numbers: dict[str, int] = {}
        self._known: dict[str, dict[int, int]] = {}  # by language: the hash of a word, the number of its term
        self._pairs: dict[int, int] = {}  # by two code points, the second 0 at the end of a run
        self._kinds = np.full(_CODE_POINTS, _UNKNOWN, np.uint8)
        self._is_plain = np.zeros(_CODE_POINTS, np.bool_)
        self._is_number = np.zeros(_CODE_POINTS, np.bool_)
        self._small = np.arange(_CODE_POINTS, dtype=np.uint32)  # the small letter of each
        # By place in a word. Unknown to whoever writes documents, who else could make words that pass for others.
        self._weights = np.frombuffer(secrets.token_bytes(8 * terms.LONGEST), np.uint64) | np.uint64(1)

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
            self.strings, self._numbers, self._known, self._pairs = [], {}, {}, {}

    def split(self, texts: Sequence[str], language: str, *, compounds: bool = True) -> Tokens:
        """The terms of texts whose words are stemmed by the rules of `language`, with or without codes as a whole."""
        characters = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32)
        begins = np.cumsum([0, *(len(text) + 1 for text in texts)], dtype=np.int64)[:-1]
        kinds = self._kinds_of(characters)
        edges = np.flatnonzero(np.diff(kinds, prepend=_SEPARATOR, append=_SEPARATOR))
        first, kind = edges[:-1], kinds[edges[:-1]]
        last = edges[1:]
        is_word, is_run = kind == _WORD, kind == _RUN
        start, end = first[is_word], last[is_word]
        small = self._small[characters]
        numbers = self._numbers_of(small, start, end, language)
        found = [np.stack((start, end, numbers))]
        if compounds:
            found += self._joined(characters, small, start, end)
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

    def _kinds_of(self, characters: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        kinds: npt.NDArray[np.uint8] = self._kinds[characters]
        unknown = characters[kinds == _UNKNOWN]
        if unknown.size:
            for code in np.unique(unknown):
                self._kinds[code], self._small[code] = _look(chr(code))
                self._is_plain[code], self._is_number[code] = pairs.is_plain(chr(code)), chr(code).isnumeric()
            kinds = self._kinds[characters]
        marks = np.flatnonzero(kinds == _MARK)
        for place in marks.tolist():  # a mark is a part of what it stands on
            kinds[place] = kinds[place - 1] if place else _SEPARATOR
        return kinds

    def _numbers_of(
        self,
        small: npt.NDArray[np.uint32],
        start: npt.NDArray[np.int64],
        end: npt.NDArray[np.int64],
        language: str,
    ) -> npt.NDArray[np.int64]:
        """The numbers of the terms of the words small[start:end]."""
        if not start.size:
            return np.empty(0, np.int64)
        lengths = np.minimum(end - start, terms.LONGEST)
        begins = np.cumsum(lengths) - lengths
        within = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
        characters = small[np.repeat(start, lengths) + within].astype(np.uint64) + np.uint64(1)
        hashes = np.add.reduceat(characters * self._weights[within], begins)
        distinct, at, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        known = self._known.setdefault(language, {})
        numbers = np.empty(len(distinct), np.int64)
        for place, value in enumerate(distinct.tolist()):
            number = known.get(value)
            if number is None:
                word = _string(small, start[at[place]], end[at[place]])[: terms.LONGEST]
                number = known[value] = (
                    NOTHING if terms.says_nothing(word, language) else self.number(terms.term(word, language))
                )
            numbers[place] = number
        return numbers[inverse]

    def _joined(
        self,
        characters: npt.NDArray[np.uint32],
        small: npt.NDArray[np.uint32],
        start: npt.NDArray[np.int64],
        end: npt.NDArray[np.int64],
    ) -> Iterator[npt.NDArray[np.int64]]:
        """Codes and names among words that stand one character apart."""
        near = np.flatnonzero(start[1:] - end[:-1] == 1)
        near = near[np.isin(characters[end[near]], _JOINER_CODES)]
        if not near.size:
            return
        begins = np.flatnonzero(np.diff(near, prepend=-2) != 1)
        first, last = near[begins], near[np.append(begins[1:], len(near)) - 1] + 1
        numbers = np.concatenate(([0], np.cumsum(self._is_number[characters])))
        may_be = (end[first] - start[first] <= terms.SHORT) | (numbers[end[last]] > numbers[start[first]])
        made: list[tuple[int, int, int]] = []
        for one, other in zip(first[may_be].tolist(), last[may_be].tolist(), strict=True):
            words = slice(one, other + 1)
            bounds = list(zip(start[words].tolist(), end[words].tolist(), strict=True))
            compound = terms.compound([_string(small, *bound) for bound in bounds])
            if compound is not None:
                made.append((bounds[0][0], bounds[-1][1], self.number(compound)))
        if made:
            yield np.array(made, np.int64).T

    def _runs(
        self,
        characters: npt.NDArray[np.uint32],
        small: npt.NDArray[np.uint32],
        start: npt.NDArray[np.int64],
        end: npt.NDArray[np.int64],
    ) -> list[npt.NDArray[np.int64]]:
        """The pairs of runs of characters in a script without spaces, small[start:end]."""
        special = np.concatenate(([0], np.cumsum(~self._is_plain[characters])))
        is_plain = special[end] == special[start]
        runs = [self._pairs_of(small, start[is_plain], end[is_plain])] if is_plain.any() else []
        marked = zip(start[~is_plain].tolist(), end[~is_plain].tolist(), strict=True)
        return runs + [self._run(small, *bounds) for bounds in marked]

    def _pairs_of(
        self, small: npt.NDArray[np.uint32], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
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

    def _run(self, small: npt.NDArray[np.uint32], start: int, end: int) -> npt.NDArray[np.int64]:
        """The pairs of a run in which marks stand on letters, or letters in another form."""
        made = [
            (start + one.start, start + one.end, self.number(one.text))
            for one in pairs.terms(_string(small, start, end))
        ]
        return np.array(made, np.int64).reshape(-1, 3).T


_JOINER_CODES = np.array([ord(one) for one in terms.JOINERS], np.uint32)


def _look(character: str) -> tuple[int, int]:
    """The kind of a character, and its small letter."""
    small = ord(terms.lowered(character))
    if pairs.letters(character):
        return _RUN, small
    if pairs.is_mark(character):
        return _MARK, small
    return (_WORD if character.isalnum() else _SEPARATOR), small


def _string(small: npt.NDArray[np.uint32], start: int, end: int) -> str:
    return small[start:end].tobytes().decode("utf-32-le", "replace")

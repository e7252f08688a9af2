"""Looks into passages for the words of a question: where they stand, and how many of them stand in one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.storage.lexicon import terms
from pipeline.storage.lexicon.evidence import Sought
from pipeline.storage.lexicon.tokens import NOTHING, Tokenizer

# A sentence ends with a mark that a space follows, with a full stop of a script without spaces, or with its line.
_MARK, _STOP, _SPACE, _LINE = 1, 2, 4, 8
_KINDS = np.zeros(0x110000, np.uint8)  # by code point
_KINDS[[*range(9, 14), *range(28, 33), 133, 160, 5760, *range(8192, 8203), 8232, 8233, 8239, 8287, 12288]] = _SPACE
_KINDS[[ord(one) for one in ".!?…"]] = _MARK
_KINDS[[ord(one) for one in "。！？"]] = _STOP
_KINDS[ord("\n")] |= _LINE

Span = tuple[int, int]
Ints = npt.NDArray[np.int64] | npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Examined:
    """One passage. `spans` are the places of matching words, as [start, end) in its text, apart and in order.

    `sentence` is the weight of the words of the question in that sentence which has most of it.
    """

    spans: tuple[Span, ...]
    sentence: float


def examine(
    tokenizer: Tokenizer, texts: Sequence[tuple[str, str | None]], words: Sequence[Sought], weights: Sequence[float]
) -> list[Examined]:
    """Look into passages, each a text and the language of its document; `weights` are those of the words."""
    found: list[Examined | None] = [None] * len(texts)
    languages = [terms.stemming(language) for _, language in texts]
    for language in dict.fromkeys(languages):
        places = [place for place, one in enumerate(languages) if one == language]
        these = [texts[place][0] for place in places]
        matches = _matches(tokenizer, these, language, words)
        sentences = _best_sentences(these, matches, weights)
        bounds = np.searchsorted(matches.text, np.arange(len(these) + 1)).tolist()
        starts, ends = matches.start.tolist(), matches.end.tolist()
        for number, (place, sentence) in enumerate(zip(places, sentences, strict=True)):
            here = slice(bounds[number], bounds[number + 1])
            found[place] = Examined(_apart(starts[here], ends[here]), sentence)
    return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class _Matches:
    """Places in texts that match a word of the question, each of shape (matches,), by text and place."""

    text: Ints
    start: Ints
    end: Ints
    word: Ints


def _matches(tokenizer: Tokenizer, texts: Sequence[str], language: str, words: Sequence[Sought]) -> _Matches:
    tokens = tokenizer.split(texts, language, compounds=any("." in term for word in words for term in word.terms))
    word_of = {tokenizer.number(term): place for place, word in reversed([*enumerate(words)]) for term in word.terms}
    beginnings = {place: terms.folded(word.beginning) for place, word in enumerate(words) if word.beginning}
    if beginnings:
        for number in set(np.unique(tokens.term).tolist()) - set(word_of):
            for place, word in enumerate(words):
                if word.beginning and tokenizer.strings[number].startswith(word.beginning):
                    word_of[number] = place
    known = np.array(sorted(word_of), np.int64)
    if not len(known):
        known, word_of = np.array([NOTHING]), {NOTHING: NOTHING}
    nearest = np.minimum(np.searchsorted(known, tokens.term), len(known) - 1)
    matching = np.flatnonzero(known[nearest] == tokens.term)
    matched = np.array([word_of[number] for number in known.tolist()], np.int64)[nearest[matching]]
    found = _Matches(tokens.text[matching], tokens.start[matching], tokens.end[matching], matched)
    return _begun(texts, found, beginnings) if beginnings else found


def _begun(texts: Sequence[str], found: _Matches, beginnings: Mapping[int, str]) -> _Matches:
    """Without what matches a beginning by its stem only."""
    places = zip(found.text.tolist(), found.start.tolist(), found.end.tolist(), found.word.tolist(), strict=True)
    kept = np.array(
        [
            word not in beginnings or _plain(texts[text][start:end]).startswith(beginnings[word])
            for text, start, end, word in places
        ],
        np.bool_,
    )
    return _Matches(found.text[kept], found.start[kept], found.end[kept], found.word[kept])


def _best_sentences(texts: Sequence[str], matches: _Matches, weights: Sequence[float]) -> list[float]:
    """The weight of the words in that sentence of each text which has most of it; each word counts once."""
    best = np.zeros(len(texts))
    if matches.word.size:
        sentence = _sentences(texts, matches)
        distinct, at = np.unique(sentence * len(weights) + matches.word, return_index=True)
        totals = np.bincount(sentence[at], np.asarray(weights)[distinct % len(weights)])
        np.maximum.at(best, matches.text, totals[sentence])
    return best.tolist()


def _sentences(texts: Sequence[str], matches: _Matches) -> Ints:
    """In which sentence each match begins: numbers that ascend through all texts, no two of which share one."""
    kinds = _KINDS[np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32)]
    begins = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
    before = np.concatenate(([_LINE], kinds[:-1]))
    is_break = (kinds & _SPACE > 0) & (before == _MARK) | (kinds & _LINE > 0) | (before == _STOP)
    numbers: Ints = np.cumsum(is_break)[begins[matches.text] + matches.start]
    return numbers


def _plain(word: str) -> str:
    return terms.folded(terms.lowered(word))


def _apart(starts: Sequence[int], ends: Sequence[int]) -> tuple[Span, ...]:
    """Spans that do not touch: pairs of characters lie one over the other, and beside words of other scripts."""
    spans: list[Span] = []
    for start, end in zip(starts, ends, strict=True):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)


def has_phrases(text: str, phrases: Sequence[str]) -> bool:
    """Whether a text has every phrase, in the form of terms.sequence(), whatever stands between its words."""
    plain = f" {terms.sequence(text)} "
    return all(f" {phrase} " in plain for phrase in phrases)

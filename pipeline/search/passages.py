"""Looks into passages for the words of a question: where they stand, and how many of them stand in one sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.storage.lexicon import terms
from pipeline.storage.lexicon.evidence import Sought
from pipeline.storage.lexicon.tokens import Tokenizer, Tokens

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+|(?<=[。！？])")

Span = tuple[int, int]


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
    beginnings = {place: terms.folded(word.beginning) for place, word in enumerate(words) if word.beginning}
    languages = [terms.stemming(language) for _, language in texts]
    for language in dict.fromkeys(languages):
        places = [place for place, one in enumerate(languages) if one == language]
        these = [texts[place][0] for place in places]
        tokens = tokenizer.split(these, language, compounds=any("." in term for word in words for term in word.terms))
        word = _words(tokenizer, words)[tokens.term]
        for number, place in enumerate(places):
            low, high = np.searchsorted(tokens.text, (number, number + 1))
            found[place] = _examined(these[number], tokens, word[low:high], slice(low, high), weights, beginnings)
    return [one for one in found if one is not None]


def _words(tokenizer: Tokenizer, words: Sequence[Sought]) -> npt.NDArray[np.int64]:
    """Which word of the question each term of the tokenizer belongs to, -1 for none: shape (terms,)."""
    numbers = [(tokenizer.number(term), place) for place, word in enumerate(words) for term in word.terms]
    word_of = np.full(len(tokenizer.strings), -1, np.int64)
    for place, word in enumerate(words):
        if word.beginning:
            for number, term in enumerate(tokenizer.strings):
                if term.startswith(word.beginning):
                    word_of[number] = place
    for number, place in reversed(numbers):
        word_of[number] = place
    return word_of


def _examined(
    text: str,
    tokens: Tokens,
    word: npt.NDArray[np.int64],
    part: slice,
    weights: Sequence[float],
    beginnings: Mapping[int, str],
) -> Examined:
    matching = np.flatnonzero(word >= 0)
    starts, ends = tokens.start[part][matching], tokens.end[part][matching]
    if beginnings:
        kept = np.array(
            [
                word[place] not in beginnings or _plain(text[start:end]).startswith(beginnings[word[place]])
                for place, start, end in zip(matching.tolist(), starts.tolist(), ends.tolist(), strict=True)
            ],
            np.bool_,
        )
        matching, starts, ends = matching[kept], starts[kept], ends[kept]
    if not matching.size:
        return Examined((), 0.0)
    breaks = [found.end() for found in _SENTENCE_END.finditer(text)]
    sentences = np.searchsorted(breaks, starts, "right") if breaks else np.zeros(len(starts), np.int64)
    distinct = np.unique(sentences * len(weights) + word[matching])
    totals = np.bincount(distinct // len(weights), np.asarray(weights)[distinct % len(weights)])
    return Examined(_apart(starts.tolist(), ends.tolist()), float(totals.max()))


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

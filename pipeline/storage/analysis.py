"""How texts and questions become the terms of full-text indexes: it depends on the language. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipeline.storage import pairs

_WORD = re.compile(f"[\\w{pairs.MARKS}]+")  # as the indexes divide a text
_LETTERS = re.compile(f"(?:[^\\W\\d_]|[{pairs.MARKS}])+")  # no number, no name in a program
MAX_TERMS = 32  # the longest words say most; a pasted page of text must not scan every posting list
# English words that stand in nearly every passage: they explain nothing and cost a scan of the whole index. Words that
# may carry meaning (not, may, will, it, who) are kept; a query of nothing else is searched as it is.
_FUNCTION_WORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "in", "is", "of", "on",
     "or", "than", "that", "the", "these", "this", "those", "to", "was", "were", "which", "with")
)  # fmt: skip
# Korean has spaces, but its words end in particles: what is looked for is their beginning.
_UNSPACED_LANGUAGES = frozenset(("ja", "km", "ko", "lo", "my", "th", "zh"))
_UNSPACED_SHARE = 0.1  # of a passage's letters: fewer are names, which stand between spaces in a text of another script


class Analysis(StrEnum):
    """How the words of a passage are made findable; stored with it, since an index must forget what it was told."""

    STEMMED = "stemmed"  # English, in all its forms (Porter)
    WHOLE = "whole"  # other languages with spaces: words as they are, without accents; a question cuts endings off
    PAIRS = "pairs"  # scripts without spaces: pairs of characters; other words between them as in English


def analysis(text: str, language: str | None) -> Analysis:
    """How a passage of a document in this language is made findable.

    Unknown counts as English, as everything did before languages were told apart: what is in no language (part
    numbers, names, programs) is found either way, and of what is too short to be sure of most is English.
    """
    if language in _UNSPACED_LANGUAGES or _is_unspaced(text):
        return Analysis.PAIRS
    return Analysis.STEMMED if language in (None, "en") else Analysis.WHOLE


def _is_unspaced(text: str) -> bool:
    return not text.isascii() and pairs.letters(text) > _UNSPACED_SHARE * sum(map(str.isalpha, text))


@dataclass(frozen=True, slots=True)
class Match:
    """The terms of one question as FTS5 strings: for indexes of words, with other endings, and for that of pairs."""

    words: tuple[str, ...]
    forms: tuple[str, ...]
    pairs: tuple[str, ...]

    def expression(self, kind: Analysis, *, every_term: bool) -> str:
        """What to look for in an index: passages with all the terms, or with any of them."""
        if kind is Analysis.PAIRS:
            terms = self.pairs
        else:
            terms = self.words if every_term or kind is Analysis.STEMMED else self.forms
        return (" AND " if every_term else " OR ").join(terms)


def match_of(text: str) -> Match | None:
    """What to look for, or None when the text has no words.

    Each word is quoted, so that NEAR, *, quotes, brackets and column names are words like others
    (sqlite.org/fts5.html, section 3.1).
    """
    words = _telling(_WORD.findall(text))
    if not words:
        return None
    forms = [*words, *(beginning for word in words for beginning in _beginnings(word))]
    return Match(*(tuple(map(_quoted, terms)) for terms in (words, forms, _telling(pairs.sought(text)))))


def _beginnings(word: str) -> Iterator[str]:
    """The word without an ending, as the beginning of any other: a word in just this form counts twice.

    Where no language's grammar is known, one letter of five or six and two of more are an ending. Of German questions
    89.6 % so find their passage first; 85.0 % by whole words alone, 86.9 % if they were stemmed as English (XQuAD).
    """
    ending = 2 if len(word) >= 7 else 1
    if len(word) >= 5 and _LETTERS.fullmatch(word):
        yield word[:-ending] + pairs.BEGINNING


def _telling(terms: Iterable[str]) -> list[str]:
    """The distinct terms, in small letters, without function words where there are others; the longest if many."""
    distinct = list(dict.fromkeys(term.lower() for term in terms if any(map(str.isalnum, term))))
    telling = [term for term in distinct if term not in _FUNCTION_WORDS] or distinct
    if len(telling) > MAX_TERMS:
        longest = set(sorted(telling, key=len, reverse=True)[:MAX_TERMS])
        telling = [term for term in telling if term in longest]
    return telling


def _quoted(term: str) -> str:
    beginning = term.removesuffix(pairs.BEGINNING)
    return f'"{beginning}"' if beginning == term else f'"{beginning}"*'

"""What somebody typed, understood: words, phrases in quotes, beginnings with an asterisk, a document before a colon.

Everything else is text. Pure.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.storage import pairs
from pipeline.storage.lexicon import terms

MAX_WORDS = 48  # the longest say most; a pasted page of text must not look for every word of it
MAX_CHARS = 20_000  # looked at: ten pages, far beyond what a model reads; a million take seconds to cut into words
# Whoever asks for terminat* means termination, whose stem is shorter than what was typed.
_ENDINGS = ("", "e", "es", "s", "ed", "er", "ing", "ion", "ions", "ation", "ment", "ments", "al", "able", "ive", "ity")
_QUOTED = re.compile('"([^"]+)"|“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»')
_ASTERISK = re.compile(rf"(?<=[\w{pairs.MARKS}])\*(?![\w*])")
_SCOPE = re.compile(r"^(.{2,300}?)(?::\s+|：\s*)(?=\S)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Word:
    """One word in small letters. With `begins` it is the beginning of words; `fixed` is found only as it stands."""

    text: str
    begins: bool = False
    fixed: bool = False

    def terms(self, languages: Iterable[str]) -> tuple[str, ...]:
        """What it is found by in texts that are stemmed by the rules of any of these languages."""
        if self.fixed:
            return (self.text,)
        if self.begins:
            longer = (self.text + ending for ending in _ENDINGS)
            return tuple(dict.fromkeys(terms.term(word, language) for word in longer for language in sorted(languages)))
        return tuple(dict.fromkeys(terms.term(self.text, language) for language in ("", *sorted(languages))))

    @property
    def beginning(self) -> str | None:
        """What the terms begin with that it stands for, if it is the beginning of words."""
        if not self.begins:
            return None
        return self.text if self.fixed else terms.folded(self.text)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What stands in quotes, as terms.sequence() has it, and those of its words that every index has."""

    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `text` is what a model is asked. A passage must have every phrase."""

    text: str
    words: tuple[Word, ...]
    phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Scoped:
    """A question of which the part before a colon may say which document is meant."""

    whole: Question
    document: Question | None = None
    rest: Question | None = None


def understood(text: str) -> Scoped:
    """The question in a text, or in its first MAX_CHARS characters."""
    text = text[:MAX_CHARS]
    whole = _question(text)
    found = _SCOPE.match(text)
    if found is None:
        return Scoped(whole)
    document, rest = _question(found[1]), _question(text[found.end() :])
    return Scoped(whole, document, rest) if document.words and rest.words else Scoped(whole)


def _question(text: str) -> Question:
    phrases = [_phrase(_inner(found)) for found in _QUOTED.finditer(text)]
    beginnings = {word for part in _ASTERISK.split(text)[:-1] for word in terms.words(part)[-1:]}
    plain = _ASTERISK.sub("", _QUOTED.sub(_inner, text))
    said = tuple(phrase for phrase in dict.fromkeys(phrases) if phrase.text)
    return Question(plain, _telling(_words(text, beginnings)), said)


def _phrase(text: str) -> Phrase:
    words = dict.fromkeys(word for word in _words(text, set()) if not terms.says_nothing(word.text, terms.ENGLISH))
    return Phrase(terms.sequence(text), tuple(words))


def _inner(found: re.Match[str]) -> str:
    """What stands between quotes."""
    return next(group for group in found.groups() if group)


def _words(text: str, beginnings: set[str]) -> Iterator[Word]:
    for word in terms.words(text):
        yield Word(word, begins=word in beginnings)
    for one in terms.compounds(text):
        yield Word(one, fixed=True)
    for run in pairs.runs(terms.lowered(text)):
        for one in pairs.sought(run):
            yield Word(one.removesuffix(pairs.BEGINNING), begins=one.endswith(pairs.BEGINNING), fixed=True)


def _telling(words: Iterable[Word]) -> tuple[Word, ...]:
    """The distinct words, without function words where there are others; the longest if there are many."""
    distinct = list(dict.fromkeys(words))
    telling = [one for one in distinct if one.begins or not terms.says_nothing(one.text, terms.ENGLISH)] or distinct
    if len(telling) > MAX_WORDS:
        longest = set(sorted(telling, key=lambda word: len(word.text), reverse=True)[:MAX_WORDS])
        telling = [word for word in telling if word in longest]
    return tuple(telling)

"""What a word is found by: its stem in the language of its text, without accents. Pure.

Stems are those of Snowball (Porter 2001, snowballstem.org). What is joined by a mark and is no plain word, such as
ACC-2291/B, O'Connell or 14(2), is found as a whole besides its parts.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from types import MappingProxyType

import Stemmer

from pipeline.storage import pairs

ENGLISH = "en"  # also for texts in no known language: part numbers, names, programs
LANGUAGES = MappingProxyType(
    {
        "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
        "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french",
        "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
        "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
        "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
        "ta": "tamil", "tr": "turkish",
    }
)  # fmt: skip
# English words that stand in nearly every passage: a sixth of all postings, and they explain nothing. Words that may
# carry meaning (not, may, will, it, who) are kept. In other languages such words weigh little, as common.
_FUNCTION_WORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "in", "is", "of", "on",
     "or", "than", "that", "the", "these", "this", "those", "to", "was", "were", "which", "with")
)  # fmt: skip
JOINERS = "-\u2010\u2011/.'\u2019&(:_"  # between two words without a space
SHORT = 2  # letters before the first mark: D&O, O'Connell
LONGEST = 64  # characters of a term; what is longer is found by its beginning
# As tokens.py divides a text.
WORD = (
    f"(?:(?![{pairs.LETTERS}{pairs.SIGNS}])[^\\W_])(?:(?![{pairs.LETTERS}])(?:[^\\W_]|[{pairs.MARKS}{pairs.SIGNS}]))*"
)
_WORDS = re.compile(WORD)


def stemming(language: str | None) -> str:
    """By the rules of which language a document's words are stemmed; empty: they are taken as they are."""
    if language is None:
        return ENGLISH
    return language if language in LANGUAGES else ""


def says_nothing(word: str, language: str) -> bool:
    """Whether a word in small letters is not worth to be found in a text of this language."""
    return language == ENGLISH and word in _FUNCTION_WORDS


@lru_cache(maxsize=1 << 15)
def term(word: str, language: str) -> str:
    """What a word in small letters is found by, in a text that is stemmed by the rules of `language`."""
    word = word[:LONGEST]
    if not word.isascii():
        word = lowered(unicodedata.normalize("NFKC", word))
    if language and not _has_number(word):
        word = _stemmer(language).stemWord(word) or word
    return folded(word)[:LONGEST]


def lowered(text: str) -> str:
    """A text in small letters, each as long as the one it was, and the same wherever it stands in a word."""
    return text.replace("İ", "i").lower().replace("ς", "σ")


def folded(word: str) -> str:
    """A word without accents, in compatible forms; never empty."""
    if word.isascii():
        return word
    plain = lowered(unicodedata.normalize("NFKD", word))
    return "".join(one for one in plain if not "\u0300" <= one <= "\u036f") or word


def compound(parts: Sequence[str]) -> str | None:
    """What words joined by marks are found by together, None where they are plain words.

    A number in them, or one or two letters at their beginning, makes a code or a name; `'s` and `'t` do not.
    """
    if len(parts[0]) <= SHORT or any(map(_has_number, parts)):
        return ".".join(folded(one) for one in parts)[:LONGEST]
    return None


def words(text: str) -> list[str]:
    """The words of a text in small letters, without those of scripts that put no spaces between them."""
    return _WORDS.findall(lowered(text))


def compounds(text: str) -> Iterator[str]:
    """The codes and names in a text that are found as a whole."""
    parts: list[str] = []
    end = 0
    for found in _WORDS.finditer(lowered(text)):
        is_joined = found.start() == end + 1 and text[end] in JOINERS
        if parts and not is_joined:
            yield from _whole(parts)
            parts = []
        parts.append(found[0])
        end = found.end()
    yield from _whole(parts)


def sequence(text: str) -> str:
    """A text for the comparison of phrases: words without accents, single characters of other scripts, a space each."""
    return " ".join(folded(one) for one in _characters_or_words().findall(lowered(text)))


@cache  # ten milliseconds, for phrases only
def _characters_or_words() -> re.Pattern[str]:
    return re.compile(f"{pairs.CHARACTER}|{WORD}")


def _whole(parts: Sequence[str]) -> Iterator[str]:
    made = compound(parts) if len(parts) > 1 else None
    if made is not None:
        yield made


def _has_number(word: str) -> bool:
    return any(map(str.isnumeric, word))


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(language: str) -> Stemmer.Stemmer:
    made = Stemmer.Stemmer(LANGUAGES[language])
    made.maxCacheSize = 0  # what was asked is remembered above
    return made

"""Tells from one page's text alone whether its reader went wrong: words glued, torn apart or not decoded. Pure.

It knows no language and no words: only how long words are, how spaces and capitals lie, and which characters occur.
A sign may be wrong about a page (a table of codes has odd words): it asks for a second reader, and never discards text.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

_LOOKED_AT = 50_000  # characters of a page: a dense one has 8,000, and the look shall not cost what reading does

# Scripts that write no spaces between words, such as Thai, Chinese and Japanese: each character stands for itself.
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\uff01-\uffef"
# A run of letters with apostrophes, and with accents and vowel signs, which are no letters to Python.
_WORD = re.compile(
    rf"[^\W\d_{_UNSPACED}][^\s\d!-&(-/:-@\[-`{{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf×÷{_UNSPACED}\u2010-\u2018\u201a-\u2bff]*"
)
_CHARACTER = re.compile(rf"[{_UNSPACED}]")
_PAUSE = re.compile(rf"([.,;:!?])(\s|[^\W\d_{_UNSPACED}]{{1,2}})")
_JOIN = re.compile(r"[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]")
# Nothing prints controls and private use. Where a font names no characters for its glyphs, their own names stand.
_UNKNOWN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]+")
_GLYPHS = re.compile(r"(?:/[A-Za-z]{1,5}\d{1,5}){2,}")
_LEFTWARD = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
# UTF-8 that was taken for Latin-1 or Windows-1252: a lead byte, and what may follow it.
_MOJIBAKE = re.compile(r"[ÂÃÅÄÐâ][\x80-\xbf\u0152-\u0192\u2013-\u203a\u20ac]")
_SCRIPTS = (
    "A-Za-zªµºÀ-\u02af\u1d00-\u1eff\ufb00-\ufb06", "\u0370-\u03ff\u1f00-\u1fff", "\u0400-\u052f",
    "\u0531-\u058f", "\u0590-\u05ff\ufb1d-\ufb4f", "\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefe",
)  # fmt: skip
# Apostrophes, accents and joiners belong to every script; Korean puts its endings to words of other scripts.
_ANY_SCRIPT = "'\u2019\u0300-\u036f\u200c\u200d\u1100-\u11ff\uac00-\ud7ff"
_MIXED = re.compile("|".join(f"[{script}](?=[^{script}{_ANY_SCRIPT}])" for script in _SCRIPTS))
_VOWELS = frozenset("aeiouyAEIOUY")

_LONGEST = 22  # letters: few words of any language are longer, and glued ones nearly all
_UNJOINED = 6  # letters: "McGee", "GmbH" and "iPhone" are words
_VOICED = 4  # letters: shorter words may well be abbreviations
_MIN_WORDS, _MIN_LETTERS = 8, 40  # below which a share says nothing
# Shares above which a page is looked at twice. Of 2,984 pages of manuals in 25 languages that pypdf reads as poppler
# does, 13 % bear a sign, most of them code; of 1,018 pages that it does not, 94 %.
_MAX_GLUED = 0.03  # of all letters; compounds of Germanic languages come to 2 %
_MAX_SPACED = 0.25  # of all words; prose has up to 15 % (Russian, Czech), formulas more
_MAX_JOINED = 0.05  # of all words
_MAX_UNPAUSED = 0.33  # of all stops and commas that a space or a letter follows
_MAX_UNKNOWN = 0.002  # of all characters but spaces
_MAX_MIXED = 0.05  # of all words
_MAX_VOICELESS = 0.25  # of words in ASCII of four letters or more; Czech has 3 %
_MAX_MOJIBAKE = 0.01  # of all words
_UNREADABLE = 0.3  # of all characters but spaces, unknown: what is left of such a text means nothing
_LOST = 2.0  # times the vocabulary of a reading that has lost a part of its page


class Sign(StrEnum):
    """What looks wrong with a page's text."""

    GLUED = "glued"  # words longer than those of any language
    JOINED = "joined"  # a small letter, and a capital behind it
    UNPAUSED = "unpaused"  # no space behind stops and commas
    SPACED = "spaced"  # w o r d s torn apart
    UNKNOWN = "unknown"  # characters that nothing prints
    MIXED = "mixed"  # scripts mixed within a word
    VOICELESS = "voiceless"  # Latin words without vowels, as where each letter stands for another
    MOJIBAKE = "mojibake"  # bytes of one encoding read as another
    LEFTWARD = "leftward"  # letters that run from right to left, whose order readers get wrong


@dataclass(frozen=True, slots=True)
class Quality:
    """What was found in a text. `score` is the share of its letters that lie in plausible words; 1 without letters."""

    letters: int
    vocabulary: int  # letters in distinct plausible words: text that is there twice adds nothing
    score: float
    signs: frozenset[Sign]
    unreadable: bool  # next to nothing is decoded

    @property
    def suspicious(self) -> bool:
        """Whether another reader should be asked."""
        return bool(self.signs)


def assess(text: str) -> Quality:
    """The quality of one page's text. Its beginning stands for a text that is longer than any page."""
    text = text[:_LOOKED_AT]
    words = Counter(_WORD.findall(text))
    characters = Counter(_CHARACTER.findall(text)) if not text.isascii() else Counter()
    plausible = [word for word in words if _plausible(word)]
    letters = sum(len(word) * times for word, times in words.items()) + characters.total()
    known = sum(len(word) * words[word] for word in plausible) + characters.total()
    unknown = _unknown(text) / max(1, len(text) - text.count(" ") - text.count("\n"))
    signs = {sign for sign, share, most in _shares(text, words) if share > most}
    return Quality(
        letters=letters,
        vocabulary=sum(map(len, plausible)) + len(characters),
        score=known / letters if letters else 1.0,
        signs=frozenset(signs | {Sign.UNKNOWN} if unknown > _MAX_UNKNOWN else signs),
        unreadable=unknown > _UNREADABLE,
    )


def better(one: Quality, other: Quality) -> bool:
    """Whether `one` is clearly the better of two readings of a page: the other has more signs, or lost a part of it."""
    return one.signs < other.signs or one.vocabulary > _LOST * other.vocabulary


def agreement(one: str, other: str) -> float:
    """The share of distinct words that two readings of a page have in common; 1 where both have none.

    Characters that are compatible, such as a ligature and its letters, are the same here (Unicode, NFKC).
    """
    texts = [text if text.isascii() else unicodedata.normalize("NFKC", text) for text in (one, other)]
    ours, theirs = ({*_WORD.findall(text), *_CHARACTER.findall(text)} for text in texts)
    most = max(len(ours), len(theirs))
    return len(ours & theirs) / most if most else 1.0


def _plausible(word: str) -> bool:
    length = len(word)
    if not 2 <= length <= _LONGEST:
        return False
    if length > _UNJOINED and not word[1:].islower() and _JOIN.search(word):
        return False
    return word.isascii() or not _MIXED.search(word)


def _unknown(text: str) -> int:
    """How many characters stand for none."""
    return sum(map(len, _UNKNOWN.findall(text))) + (sum(map(len, _GLYPHS.findall(text))) if "/" in text else 0)


def _shares(text: str, words: Mapping[str, int]) -> Iterator[tuple[Sign, float, float]]:
    """Each sign with the share of the text that bears it, and the share up to which that means nothing."""
    count = sum(words.values())

    def share(bearing: Iterator[str]) -> float:
        return sum(words[word] for word in bearing) / max(1, count)

    if not text.isascii():
        yield Sign.LEFTWARD, float(_LEFTWARD.search(text) is not None), 0.0
        yield Sign.MIXED, share(word for word in words if not word.isascii() and _MIXED.search(word)), _MAX_MIXED
    letters = sum(len(word) * times for word, times in words.items())
    if letters >= _MIN_LETTERS:
        yield Sign.GLUED, sum(len(w) * times for w, times in words.items() if len(w) > _LONGEST) / letters, _MAX_GLUED
    if count < _MIN_WORDS:
        return
    yield Sign.SPACED, share(word for word in words if len(word) == 1), _MAX_SPACED
    joined = (word for word in words if len(word) > 2 and not word[1:].islower() and _JOIN.search(word))
    yield Sign.JOINED, share(joined), _MAX_JOINED
    yield Sign.MOJIBAKE, len(_MOJIBAKE.findall(text)) / count, _MAX_MOJIBAKE
    pauses = _PAUSE.findall(text)
    if len(pauses) >= _MIN_WORDS:
        yield Sign.UNPAUSED, sum(_is_unpaused(*pause) for pause in pauses) / len(pauses), _MAX_UNPAUSED
    latin = {word: times for word, times in words.items() if len(word) >= _VOICED and word.isascii() and word.isalpha()}
    if sum(latin.values()) >= _MIN_WORDS:
        voiceless = sum(times for word, times in latin.items() if _VOWELS.isdisjoint(word))
        yield Sign.VOICELESS, voiceless / sum(latin.values()), _MAX_VOICELESS


def _is_unpaused(mark: str, behind: str) -> bool:
    """Whether letters follow a stop or comma at once; names of files and addresses go on with a small one."""
    return not behind.isspace() and (mark != "." or (behind[0].isupper() and len(behind) > 1))

"""One form for characters that mean the same, so that a word is found however its document wrote it. Pure.

Nothing is lost that means something: superscripts, fractions, full-width forms and the joiners of scripts that need
them stay as they are. Whatever is done here leaves a text on which it does nothing more.
"""

import re
import unicodedata

_SPACES = (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F)  # no-break, thin and other widths of a space
_LINE_ENDS = (0x2028, 0x2029)
_HYPHENS = (0x2010, 0x2011)  # the one of typography, and the one at which no line ends
_INVISIBLE = (0xAD, 0x2060, 0xFEFF)  # soft hyphen, word joiner, byte order mark
# Shapes that a font has for letters: Latin and Armenian ligatures, Arabic letters by their place in the word. The
# Arabic phrases from U+FDF0 on are signs of their own.
_SHAPES = (*range(0xFB00, 0xFB07), *range(0xFB13, 0xFB18), *range(0xFB50, 0xFDF0), *range(0xFE80, 0xFEFD))
_CHARACTERS = (
    dict.fromkeys(map(chr, _SPACES), " ")
    | dict.fromkeys(map(chr, _LINE_ENDS), "\n")
    | dict.fromkeys(map(chr, _HYPHENS), "-")
    | dict.fromkeys(map(chr, _INVISIBLE), "")
    | {
        shape: letters
        for shape in map(chr, _SHAPES)
        if (letters := unicodedata.normalize("NFKC", shape)) != shape and letters.isalpha()
    }
)
_CHARACTER = re.compile(f"[{''.join(_CHARACTERS)}]")
# Zero-width space, non-joiner and joiner say something only in scripts that join their letters or do not separate
# their words, and between emoji. Beside Latin, Greek, Cyrillic, Armenian and Hebrew letters, Chinese, Japanese and
# Korean ones, and punctuation they are left over from typesetting.
_ZERO_WIDTH = re.compile("[\u200b-\u200d]+")
_INDIFFERENT = re.compile("[\0-\u05ff\u1e00-\u200a\u2010-\u2070\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]*")
_SOFT_HYPHEN_AT_LINE_END = re.compile(r"\xad(?<=[^\W\d_]\xad)(?=[ \t]*\n)")


def normalised(text: str) -> str:
    """The text in NFC, with ligatures as letters, one kind of space and hyphen, and nothing that cannot be seen."""
    if text.isascii():
        return text
    text = _SOFT_HYPHEN_AT_LINE_END.sub("-", text)  # there, and only there, it is seen
    text = _CHARACTER.sub(lambda found: _CHARACTERS[found[0]], text)
    return unicodedata.normalize("NFC", _ZERO_WIDTH.sub(_kept, text))


def _kept(zero_width: re.Match[str]) -> str:
    start, end = zero_width.span()
    beside = zero_width.string[max(0, start - 1) : start] + zero_width.string[end : end + 1]
    return "" if _INDIFFERENT.fullmatch(beside) else zero_width[0]

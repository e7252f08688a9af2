"""What typesetting does to words, undone in the text of a PDF page: hyphens and accents as they were painted. Pure.

A page's text is what its fonts say of the glyphs on it. Old TeX fonts have no accented letters: an accent is a glyph of
its own, painted before its letter. A soft hyphen is painted like any other.
"""

import re
import unicodedata

# By pdfium a hyphen at the end of a line is given as this control character, and the end of the line not at all.
_PDFIUM_HYPHEN = re.compile(r"\x02(?<=[^\W\d_]{2}\x02)(?=[^\W\d_]{2})")
# Accents with the combining form of each, and the letters that they stand on in words.
_ACCENTS = (
    ("¨", "\u0308", "aeiouyAEIOUı"),
    ("ˆ", "\u0302", "aeiouAEIOUı"),
    ("˜", "\u0303", "anoANO"),
    ("ˇ", "\u030c", "cdenrstzCDENRSTZ"),
    ("˚", "\u030a", "auAU"),
    ("¸", "\u0327", "cstCST"),
    ("´", "\u0301", "aceinosuyzACEINOSUYZı"),
    ("`", "\u0300", "aeiouAEIOUı"),
)
_JOINED = {
    accent + letter: unicodedata.normalize("NFC", ("i" if letter == "ı" else letter) + combining)
    for accent, combining, letters in _ACCENTS
    for letter in letters
}
_ACCENT = re.compile("[¨ˆ˜ˇ˚¸´`]")
# An accent that stands alone with its letter is shown, not used; ´ and ` are apostrophes and quotation marks as well.
_CERTAIN = re.compile(r"(?<=[^\W\d_])[¨ˆ˜ˇ˚¸][A-Za-zı]|(?<![^\s(\[«“„'’\"-])[¨ˆ˜ˇ˚¸][A-Za-z](?=[^\W\d_])")
_MISTAKABLE = re.compile(r"(?<![^\w\s(\[«“„'’\"-])[´`][A-Za-zı]")
# Within words, where no apostrophe stands: behind most letters, since those of l'eau and dell'anno may be written so.
_WITHIN_WORDS = re.compile(r"(?<=[^\W\d_])[¨ˆ˜¸][A-Za-zı]|(?<=[abefgikopqruvwxyz])`[aeiou]")
_ACCENTED_LETTER = re.compile("[\u00c0-\u00d6\u00d8-\u00de\u00e0-\u00f6\u00f8-\u017e]")
_FEWEST = 3  # accents within words of a page that has next to no accented letters: then it writes all of them so


def as_written(text: str) -> str:
    """The text with painted hyphens as such, and with accents joined to the letters behind them."""
    text = _PDFIUM_HYPHEN.sub("-\n", text.replace("\xad", "-"))
    if not _ACCENT.search(text):
        return text
    within_words = len(_WITHIN_WORDS.findall(text))
    if within_words >= max(_FEWEST, len(_ACCENTED_LETTER.findall(text))):
        text = _MISTAKABLE.sub(_join, text)
    return _CERTAIN.sub(_join, text)


def _join(found: re.Match[str]) -> str:
    return _JOINED.get(found[0], found[0])

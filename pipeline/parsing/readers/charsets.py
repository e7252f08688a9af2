"""Text of mails in the encoding they declare, whether that is right, misspelt, unknown or missing. Never raises."""

import codecs
import re

from pipeline.parsing.readers import decoding
from pipeline.parsing.reading import ReadingEnded

# Seven bits without a sign of their own: only the declaration tells that they are no ASCII.
_DECLARED_ONLY = frozenset({"hz", "utf-7"})
# The bytes themselves tell whether these are right; they are declared by default, too.
_SEEN = frozenset({"ascii", "utf-8"})
# Encodings of text. Python has more under such names: `punycode`, `unicode_escape`, `undefined`.
_OF_TEXT = re.compile(
    r"utf-?(7|8|16|32).*|(cp|koi8-|iso8859-|mac-|big5|euc_|shift_jis|iso2022_|gb)\w*|hz|johab|tis-620|ascii|kz1048"
)
# Names that mail programs use and Python does not know.
_ALIASES = {
    "x-sjis": "cp932", "ks_c_5601-1987": "cp949", "x-gbk": "gb18030", "chinesebig5": "big5hkscs",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "unicode-1-1-utf-7": "utf-7", "cp-850": "cp850",
    "x-mac-roman": "mac-roman", "windows-874": "cp874",
}  # fmt: skip
# What programs write that declare the smaller set.
_WIDER = {
    "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
    "big5": "big5hkscs",
}  # fmt: skip
_OTHERWISE = "cp1252"  # of the encodings with one byte a character the one that most mails mean
_MOST_CONTROLS = 0.02  # text holds next to no control characters; binary data is full of them
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def decode(content: bytes, charset: str) -> tuple[str, bool]:
    """Text and whether characters had to be replaced; no text where the bytes are none."""
    name, codec = _named(charset)
    if codec in _DECLARED_ONLY:
        decoded = content.decode(codec, "replace")
        return decoded, "\ufffd" in decoded
    try:
        return decoding.decode(content, None if codec in _SEEN else name)
    except ReadingEnded:  # it takes the bytes for no text
        decoded = content.decode(_OTHERWISE, "replace")
    return decoded if len(_CONTROLS.findall(decoded)) <= _MOST_CONTROLS * len(decoded) else "", True


def decode_words(content: bytes, charset: str) -> str:
    """A few words, as in a header: no encoding is guessed for them."""
    codec = _named(charset)[1] if charset else ""
    for one in (codec, "utf-8"):
        try:
            if one:
                return content.decode(one)
        except UnicodeDecodeError:
            continue
    return content.decode(codec or _OTHERWISE, "replace")


def _named(charset: str) -> tuple[str, str]:
    """A name that Python knows and its own name for that encoding; the latter is empty where it is none of text."""
    name = charset.partition("*")[0].strip(" \"'").lower()  # behind an asterisk stands a language (RFC 2231)
    name = _ALIASES.get(name, name)
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):  # ValueError: a name with a NUL in it
        return name, ""
    return name, _WIDER.get(codec, codec) if _OF_TEXT.fullmatch(codec) else ""

"""Guesses the encoding of text from before Unicode: the one whose letters make words of some language. Pure.

A byte that is a letter in one encoding is a sign, another letter or half a character in the next. So each is tried:
how many of the characters outside ASCII are letters that one language uses, standing where its words have them?
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

_MOST = 2000  # places with bytes outside ASCII that are looked at: more change nothing
_HIGH = re.compile(rb"[\x80-\xff]")
_PAIRS = re.compile(rb"(?:[\x80-\xff][\x40-\xff]){1,30}|[\x80-\xff]")

# The letters outside ASCII of each language that has its texts in these encodings, the most frequent first.
_WESTERN = {
    "german": "üäöß",
    "french": "éèàêçùôîûâœïëæÿ",
    "spanish": "óíáéñúü",
    "portuguese": "ãçáéíóêõúâàôü",
    "italian": "èàùòìéóî",
    "dutch": "ëéïèóöüáê",
    "scandinavian": "äåöøæéü",
    "icelandic": "áíðþéóæöúý",
    "catalan": "àéòóèíçúüï",
}
_CENTRAL = {
    "polish": "łąężśóćńź",
    "czech": "íáéěřšýžčůúňťďó",
    "slovak": "áíéčýšžľúťôňóäďŕĺě",
    "hungarian": "áéőöíóüúű",
    "romanian": "ăîţâşșț",
    "croatian": "čšžćđ",
    "german": "üäöß",
}
_BALTIC = {"lithuanian": "ėšųįžąčūę", "latvian": "āīēšņūļžķģčŗ", "estonian": "äõüöšž"}
_TURKISH = {"turkish": "ıüşğçöİâîû"}
_RUSSIAN = {"russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"}
_CYRILLIC = {
    **_RUSSIAN,
    "ukrainian": "оаинвіртеслкудмпязьгбчйхїцюжєшщфґ",
    "bulgarian": "аиоетнрсвлкдпмзъгбучяжщцхйшфюь",
    "serbian": "аиоенртсјудквлмпзгбжчћњљшцхђфџ",
    "belarusian": "аняіоецсрвдлктыўмпузьгбёшчхйжюэф",
}
_GREEK = {"greek": "αοιετσνηυρπκμλςωδίγόάέθήφχβύώξζψϊϋΐΰ"}
_HEBREW = {"hebrew": "יוהלארבתשמנםדקעחפכגסטצןזךףץ" + "".join(map(chr, range(0x5B0, 0x5C3)))}
_ARABIC = {"arabic": "اليمونتربعدسةفهكقحجشأىطصخإضزذثئغءظؤآ" + "".join(map(chr, range(0x64B, 0x653))) + "،؛؟ـپچژگ"}
_THAI = {"thai": "านรอกเงมยลวดทสตะปบคหแพจชขใไโผถศซภธฟษณญฉฐฝฆฎฏฌฒฮ" + "ั่ี้ิ์็ึืูุ๊๋ำ"}
# In the order in which they are preferred where they read alike.
_SINGLE = {
    "cp1252": _WESTERN,
    "iso8859-15": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1251": _CYRILLIC,
    "koi8-r": _RUSSIAN,
    "koi8-u": _CYRILLIC,
    "cp1253": _GREEK,
    "iso8859-7": _GREEK,
    "cp1254": _TURKISH,
    "cp1255": _HEBREW,
    "cp1256": _ARABIC,
    "iso8859-6": _ARABIC,
    "cp1257": _BALTIC,
    "cp874": _THAI,
    "cp850": _WESTERN,
    "cp437": _WESTERN,
    "mac-roman": _WESTERN,
    "cp866": _RUSSIAN,
    "iso8859-5": _CYRILLIC,
    "mac-cyrillic": _CYRILLIC,
    "cp852": _CENTRAL,
    "cp857": _TURKISH,
    "cp737": _GREEK,
    "cp862": _HEBREW,
}
# Of the characters of two bytes, those that nearly all text consists of: first bytes from and to, then last ones.
_DOUBLE = {
    "cp949": ((0xB0, 0xC8), (0xA1, 0xFE)),  # first: what is everyday Korean would pass for everyday Chinese
    "gb18030": ((0xB0, 0xD7), (0xA1, 0xFE)),
    "big5hkscs": ((0xA4, 0xC6), (0x40, 0xFE)),
    "euc_jp": ((0xA4, 0xCF), (0xA1, 0xFE)),
    "cp932": ((0x82, 0x97), (0x40, 0xFC)),
}
_EVERYDAY = 0.75  # text of two bytes a character consists of them to this share
_PUNCTUATION = frozenset("　、。，．・：；？！「」『』（）《》〈〉【】“”‘’…—～·￥％０１２３４５６７８９")
_KANA = re.compile("[\u3041-\u30fe]")
_LEAST_KANA = 0.2  # of Japanese text; Chinese and Korean text has none
_SIGNS = frozenset("“”„‘’‚‹›«»–—…€£¢¥ƒ§¶†‡‰¦¯¸¨˜ˆ÷°·•©®™²³½¼¾±×¿¡ªº№´¤\xa0\xad─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬█▀▄░▒▓■")
_WITHIN_WORDS = frozenset("’‘·\xad")
# What a character says about its encoding: a letter of the language says from 1 down to 0.5 (the rarest).
_SIGN, _LONELY, _MISPLACED, _FOREIGN = 0.6, 0.45, -0.6, -1.0
_LEAST = 0.4  # below, none of the encodings explains the text: real text has 0.6 and more, noise at most 0.3

_Context = tuple[int, int, int]  # a byte, that before and that behind it


def guess(text: bytes) -> str | None:
    """The name of the encoding of bytes that are no UTF-8, or None when none makes words of them."""
    sample = b"\n".join(found[0] for found in islice(_PAIRS.finditer(text), _MOST))
    double = {encoding: _double_score(sample, encoding) for encoding in _DOUBLE}
    contexts = Counter(_contexts(text))
    single = {encoding: _single_score(contexts, encoding) for encoding in _SINGLE}
    best_double, best_single = (max(scores, key=scores.__getitem__) for scores in (double, single))
    if double[best_double] > max(_EVERYDAY, single[best_single]):
        return best_double
    return best_single if single[best_single] > _LEAST else None


def _double_score(sample: bytes, encoding: str) -> float:
    """The share of everyday characters among those outside ASCII, less five times that of errors; at most 1."""
    (first, last), (low, high) = _DOUBLE[encoding]
    pairs = bytes(byte for lead in range(first, last + 1) for trail in range(low, high + 1) for byte in (lead, trail))
    everyday = _PUNCTUATION | set(pairs.decode(encoding, "ignore"))
    characters = [character for character in sample.decode(encoding, "replace") if character > "\x7f"]
    if encoding in ("euc_jp", "cp932") and len(_KANA.findall("".join(characters))) < _LEAST_KANA * len(characters):
        return 0.0
    found = sum(1 for character in characters if character in everyday)
    return (found - 5 * characters.count("\ufffd")) / max(1, len(characters))


def _contexts(text: bytes) -> Iterator[_Context]:
    for found in islice(_HIGH.finditer(text), _MOST):
        place = found.start()
        yield text[place], text[place - 1] if place else 32, text[place + 1] if place + 1 < len(text) else 32


def _single_score(contexts: Mapping[_Context, int], encoding: str) -> float:
    """How well the language that fits best explains the characters outside ASCII, from -1 to 1."""
    table = bytes(range(256)).decode(encoding, "replace")
    read = [(table[byte], table[before], table[behind], times) for (byte, before, behind), times in contexts.items()]
    total = max(1, sum(contexts.values()))
    return max(
        sum(times * _score(character, before, behind, letters) for character, before, behind, times in read) / total
        for letters in _weights(_SINGLE[encoding].values())
    )


def _weights(alphabets: Iterable[str]) -> Iterator[dict[str, float]]:
    for letters in alphabets:
        yield {letter: 1 - rank / len(letters) / 2 for rank, letter in enumerate(letters)}


def _score(character: str, before: str, behind: str, letters: Mapping[str, float]) -> float:
    """What one character between its neighbours says for the language with these letters."""
    if character in _SIGNS:
        inside = before.isalpha() and behind.isalpha() and character not in _WITHIN_WORDS
        return _MISPLACED if inside else _SIGN
    weight = letters.get(character.lower(), letters.get(character, _FOREIGN))
    if weight == _FOREIGN:
        return _FOREIGN
    if (character.isupper() and before.islower()) or (character.islower() and behind.isupper()):
        return _MISPLACED
    neighbours = [neighbour for neighbour in (before, behind) if neighbour.isalpha() or neighbour in letters]
    within = [neighbour for neighbour in neighbours if neighbour > "\x7f"]
    if not neighbours:
        return _LONELY
    if character > "\u024f":  # not Latin: such words have no letter of ASCII
        return weight if len(within) == len(neighbours) else _FOREIGN
    return _MISPLACED if len(within) == 2 else weight  # Latin words mix these letters with those of ASCII

"""The encodings of Windows: what the numbers of code pages mean, and which one a language has. Pure."""

import codecs

# What is declared as Latin 1 or ASCII is written in 1252, which has more characters.
_NAMES = {
    708: "iso8859-6", 819: "cp1252", 936: "gbk", 1361: "johab", 10000: "mac_roman", 10006: "mac_greek",
    10007: "mac_cyrillic", 10029: "mac_latin2", 10081: "mac_turkish", 20127: "cp1252", 20866: "koi8-r", 20932: "euc_jp",
    20936: "gb2312", 20949: "cp949", 21866: "koi8-u", 38598: "iso8859-8", 50220: "iso2022_jp", 50221: "iso2022_jp",
    50222: "iso2022_jp", 50225: "iso2022_kr", 51932: "euc_jp", 51936: "gb2312", 51949: "euc_kr", 52936: "hz",
    28591: "cp1252", 54936: "gb18030", 65000: "utf-7", 65001: "utf-8",
}  # fmt: skip
_ISO = range(28591, 28606)  # ISO 8859, whose parts are numbered from 1
# Languages that are not written in 1252.
_LANGUAGES = {
    0x01: "cp1256", 0x02: "cp1251", 0x05: "cp1250", 0x08: "cp1253", 0x0D: "cp1255", 0x0E: "cp1250", 0x11: "cp932",
    0x12: "cp949", 0x15: "cp1250", 0x18: "cp1250", 0x19: "cp1251", 0x1A: "cp1250", 0x1B: "cp1250", 0x1E: "cp874",
    0x1F: "cp1254", 0x20: "cp1256", 0x22: "cp1251", 0x23: "cp1251", 0x24: "cp1250", 0x25: "cp1257", 0x26: "cp1257",
    0x27: "cp1257", 0x29: "cp1256", 0x2A: "cp1258", 0x2F: "cp1251",
}  # fmt: skip
_CHINESE = {0x0804: "cp936", 0x1004: "cp936", 0x0404: "cp950", 0x0C04: "cp950", 0x0C1A: "cp1251"}


def encoding_of(code_page: int) -> str | None:
    """The encoding of a code page whose characters are bytes; None for others."""
    iso = f"iso8859-{code_page - _ISO.start + 1}" if code_page in _ISO else None
    name = _NAMES.get(code_page) or iso or f"cp{code_page}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def of_language(identifier: int) -> str:
    """The encoding in which Windows writes a language; its identifier says in the lower ten bits which it is."""
    return _CHINESE.get(identifier) or _LANGUAGES.get(identifier & 0x3FF, "cp1252")

"""The encodings of an RTF file: that of the document, and those of its fonts. Pure."""

from dataclasses import dataclass, field

from pipeline.parsing.readers.code_pages import encoding_of
from pipeline.parsing.readers.symbol_font import is_symbol_font, symbol

# Windows' character sets, and the encodings that they mean (RTF 1.9.1, Font Family).
_CHARACTER_SETS = {
    0: "cp1252", 77: "mac_roman", 78: "cp932", 79: "cp949", 80: "gbk", 81: "cp950", 83: "mac_roman", 84: "mac_roman",
    85: "mac_greek", 86: "mac_turkish", 87: "cp874", 88: "mac_latin2", 89: "mac_cyrillic", 128: "cp932", 129: "cp949",
    130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
    179: "cp1256", 180: "cp1256", 181: "cp1255", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip
_SYMBOLS = 2  # the set of fonts that have signs for letters
_WORDS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
ENCODING_WORDS = frozenset({*_WORDS, "ansicpg"})


@dataclass(slots=True)
class Font:
    """One font as it is declared."""

    name: str = ""
    character_set: int | None = None
    code_page: int | None = None


@dataclass(slots=True)
class Encodings:
    """What is declared, and by it: bytes to text."""

    document: str = "cp1252"
    fonts: dict[int, Font] = field(default_factory=dict)

    def declare(self, word: str, number: int | None) -> None:
        """Take one of ENCODING_WORDS."""
        self.document = _WORDS.get(word) or encoding_of(number or 0) or self.document

    def name(self, number: int) -> str:
        """The name of a font."""
        font = self.fonts.get(number)
        return font.name if font else ""

    def decoded(self, content: bytes, number: int) -> str:
        """Text in a font. Of a font for signs each byte is one."""
        font = self.fonts.get(number)
        if font is None:
            return content.decode(self.document, "replace")
        if font.character_set == _SYMBOLS and is_symbol_font(font.name):
            return "".join(symbol(font.name, byte) if byte > 0x20 else chr(byte) for byte in content)
        encoding = encoding_of(font.code_page) if font.code_page else None
        if encoding is None:
            encoding = _CHARACTER_SETS.get(font.character_set if font.character_set is not None else -1, self.document)
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:  # some programs give a font a set that the text in it is not in
            try:
                return content.decode(self.document)
            except UnicodeDecodeError:
                return content.decode(encoding, "replace")

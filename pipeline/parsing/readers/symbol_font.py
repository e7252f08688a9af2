"""What the characters of the font Symbol mean: Greek letters and signs that stand at the places of others. Pure."""

# Adobe's encoding of the font, which Windows has too; a space where a place shows nothing or a piece of a bracket.
_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑           〉∫"
_MEANT = dict(zip(range(0x20, 0x7F), _LOW, strict=True)) | dict(zip(range(0xA0, 0xA0 + len(_HIGH)), _HIGH, strict=True))
_PRIVATE = 0xF000  # where Windows puts the characters of such fonts
# Of Wingdings and its like, those that mean something in a text.
_DINGBATS = {
    0xA3: "☐", 0xA8: "☐", 0x6F: "☐", 0x71: "☐", 0x52: "☑", 0xFE: "☑", 0x53: "☒", 0xFD: "☒", 0x78: "☒", 0xFC: "✓",
    0xFB: "✗", 0xB7: "•", 0xA7: "▪", 0xE0: "→", 0xD8: "➢",
}  # fmt: skip


def is_symbol_font(name: str) -> bool:
    """Whether a font has signs where others have letters."""
    return name.strip().lower().startswith(("symbol", "wingdings", "webdings", "zapf dingbats", "zapfdingbats"))


def symbol(font: str, code: int) -> str:
    """The character that a font shows for a code of one byte, or for the same in the private area; else that code's."""
    byte = code - _PRIVATE if _PRIVATE <= code < _PRIVATE + 0x100 else code
    if font.strip().lower().startswith("symbol"):
        return _MEANT.get(byte, chr(code))
    return _DINGBATS.get(byte) or chr(_PRIVATE + byte if byte < 0x100 else code)

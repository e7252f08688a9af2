"""Fonts for signs: the letters of Symbol are Greek, what Wingdings shows is what people see, all else stays."""

import pytest

from pipeline.parsing.readers.symbol_font import is_symbol_font, symbol


@pytest.mark.parametrize(
    ("font", "code", "character"),
    [
        ("Symbol", 0x6D, "μ"),
        ("Symbol", 0xF06D, "μ"),
        (" symbol ", 0xF057, "Ω"),
        ("Symbol", 0xB1, "±"),
        ("Symbol", 0xB3, "≥"),
        ("Symbol", 0xAE, "→"),
        ("Symbol", 0xE5, "∑"),
        ("Symbol", 0xF1, "〉"),
        ("Symbol", 0xF2, "∫"),
        ("Symbol", 0x7E, "∼"),
        ("Symbol", 0xA0, "€"),
        ("Symbol", 0xB7, "•"),
        ("Symbol", 0x20, " "),
        ("Symbol", 0x03B1, "α"),
        ("Symbol", 0xF0FF, "\uf0ff"),
        ("Wingdings", 0xFC, "✓"),
        ("Wingdings", 0xF0FE, "☑"),
        ("Wingdings", 0x6D, "\uf06d"),
        ("Wingdings 2", 0x2713, "✓"),
    ],
)
def test_the_character_that_a_font_shows(font: str, code: int, character: str) -> None:
    assert symbol(font, code) == character


@pytest.mark.parametrize(
    ("font", "is_one"),
    [
        ("Symbol", True),
        ("Wingdings 3", True),
        ("WEBDINGS", True),
        ("Arial", False),
        ("", False),
        ("Segoe UI Symbol", False),
    ],
)
def test_fonts_for_signs_are_known_by_their_names(font: str, is_one: bool) -> None:
    assert is_symbol_font(font) is is_one

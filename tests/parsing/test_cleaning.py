"""Text as every later part can hold it, whatever a reader gave."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing import cleaning, normalisation
from tests.parsing.support import CAREFUL

ANY_TEXT = st.text(st.characters(exclude_categories=()))
PLAIN = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff") | st.sampled_from("\n\t")


@CAREFUL
@given(ANY_TEXT)
def test_clean_text_has_no_control_characters_and_no_lone_surrogates(text: str) -> None:
    cleaned = cleaning.clean(text)
    assert {character for character in cleaned if unicodedata.category(character) in ("Cc", "Cs")} <= {"\n", "\t"}
    assert cleaning.clean(cleaned) == cleaned


@CAREFUL
@given(st.text(PLAIN))
def test_text_without_controls_is_only_normalised(text: str) -> None:
    assert cleaning.clean(text) == normalisation.normalised(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\x0cd\x85e", "a\nb\nc\nd\ne"),
        ("a\x00b\x1b[31mc\x02\x03\x7f\x9b", "ab[31mc"),
        ("\ufeffa\tb", "a\tb"),
        ("\ud83d\ude00 \ud83d \ude00", "😀 \ufffd \ufffd"),
    ],
)
def test_cleaning(text: str, cleaned: str) -> None:
    assert cleaning.clean(text) == cleaned

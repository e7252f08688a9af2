"""Accents and hyphens as they were painted; quotation marks, apostrophes and single signs are none of them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.typeset import as_written
from tests.parsing.support import CAREFUL

FRENCH = "Les propri´et´es d’un ´el´ement `a la premi`ere tˆete, d´ej`a cr´e´ees ; fa¸con, ambigu¨ıt´e, l’´Ecole."


@pytest.mark.parametrize(
    ("painted", "written"),
    [
        ("Gr¨oße f¨ur ¨Uberschriften, ¨ofter „¨ahnlich“", "Größe für Überschriften, öfter „ähnlich“"),
        ("ma˜nana, Espa˜na, na¨ıve, gar¸con, Dvoˇrák, ˚Angström", "mañana, España, naïve, garçon, Dvořák, Ångström"),
        (FRENCH, "Les propriétés d’un élément à la première tête, déjà créées ; façon, ambiguïté, l’École."),
        ("perché è più là ciò: na¨ıve gar¸con ma˜nana l´uomo", "perché è più là ciò: naïve garçon mañana l´uomo"),
        ("transforma\x02tion invariance", "transforma-\ntion invariance"),
        ("LilyPond\x02Codeabschnitt", "LilyPond-\nCodeabschnitt"),
        ("infor\xad\nmation 10\xad4", "infor-\nmation 10-4"),
    ],
)
def test_what_was_painted_is_written(painted: str, written: str) -> None:
    assert as_written(painted) == written


@pytest.mark.parametrize(
    "text",
    [
        "mit german: ¨a, ˜n und ˇ allein",  # shown, not used
        "Run `make all' or `apt-get' and `echo' in `a shell'.",
        "l´uomo e dell´anno, un´altra d´estate, c´era",  # typed as an apostrophe
        "geht´s, don´t, rock´n´roll, I´m",
        "perché l´uomo e dell´anno, è più d´estate",
        "x ˆ y ˜ z ¨ 2ˆ3 \\~A",
        "h\x02h \x02\n\x02 i\x02",  # a glyph without a name
        "plain words, naïve Größe",
    ],
)
def test_what_is_no_accent_stays(text: str) -> None:
    assert as_written(text) == text


def without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return re.sub("[¨ˆ˜ˇ˚¸´`\u0300-\u036f]", "", apart).replace("ı", "i")


@CAREFUL
@given(st.lists(st.sampled_from("¨ˆ˜ˇ˚¸´`") | st.sampled_from("aeiou cnsz ı’\nXÉ") | st.characters()).map("".join))
def test_only_accents_and_hyphens_change(text: str) -> None:
    written = as_written(text.replace("\xad", "").replace("\x02", ""))
    assert without_accents(written) == without_accents(text.replace("\xad", "").replace("\x02", ""))

"""One form for characters that mean the same, and nothing lost: judged by Unicode's own compatibility forms."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.normalisation import normalised
from tests.parsing.support import CAREFUL

# Signs that do not stay, beside letters of many scripts, marks and whatever Hypothesis finds.
SIGNS = "\xa0\u2003\u2009\u202f\u205f\u2028\u2010\u2011\xad\u2060\ufeff\u200b\u200c\u200d\ufb00\ufb03\ufb05\ufefb\ufedf"
LETTERS = "abé\u0301\u0308ßµ²½ｶＡ　漢한ᄒ\u1161אبمकष्ไทยខ្មែ❤\ufe0f👩\n -"
TEXTS = st.lists(st.sampled_from(SIGNS + LETTERS) | st.characters(exclude_categories=("Cs", "Cc"))).map("".join)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("oﬃce ﬁle, ﬂoor, aﬀair, ﬀ, waﬄe, Poﬅ, ﬆ", "office file, floor, affair, ff, waffle, Post, st"),
        ("ﬔ ﬓ", "մե մն"),  # Armenian
        ("\ufee3\ufeae\ufea3\ufe92\ufe8e \ufefb \ufb7a\ufb90", "مرحبا لا چک"),  # by their places in the word
        ("1\xa0200\u202f€, a\u2009b\u2003c\u205fd", "1 200 €, a b c d"),
        ("line\u2028line\u2029paragraph", "line\nline\nparagraph"),
        ("long‐term DE‑123", "long-term DE-123"),
        ("infor\xadma\xadtion", "information"),
        ("infor\xad\nmation", "infor-\nmation"),
        ("infor\xad \nmation", "infor- \nmation"),
        ("wo\u2060rd\ufeff", "word"),
        ("cafe\u0301 A\u030a u\u0308", "café Å ü"),
        ("Auf\u200clage, www.\u200bexample.\u200borg, fi\u200dne", "Auflage, www.example.org, fine"),
        ("漢\u200b字", "漢字"),
        ("\u200bword\u200b", "word"),
        ("a\u200b\u200c\u200db", "ab"),
    ],
)
def test_what_means_the_same_is_written_the_same(written: str, meant: str) -> None:
    assert normalised(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "m² CO₂ ½ 10⁻³",
        "Ｆｕｌｌ　ｗｉｄｔｈ ｶﾞ",
        "№ 5 ™ … ㎏ ㈱ Ⅳ",
        "ﷺ ﷲ ﷼",
        "\ufc5e \ufe76 \ufbb2",  # Arabic signs above no letter
        "می\u200cخواهم",  # Persian: a letter that is not joined to the next
        "क्\u200dष",
        "\u0e44\u0e17\u0e22\u200b\u0e20\u0e32\u0e29\u0e32",  # Thai: where a word ends
        "👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥",
        "a\tb\nc",
        "naïve Straße Łódź Ωμέγα 漢字 한국어",
    ],
)
def test_what_means_something_stays(text: str) -> None:
    assert normalised(text) == text


@CAREFUL
@given(TEXTS)
def test_a_second_time_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_a_second_time_changes_nothing_of_any_character() -> None:
    text = normalised("\n".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000))
    assert normalised(text) == text


def bare(text: str) -> str:
    """What Unicode takes for the same: compatibility forms, spaces and hyphens alike, without what is not seen."""
    seen = re.sub("[\xad\u2060\ufeff\u200b-\u200d]", "", text)
    return re.sub(r"\s", " ", unicodedata.normalize("NFKC", seen)).replace("\u2010", "-")


@CAREFUL
@given(TEXTS.map(lambda text: text.replace("\xad", "")))
def test_no_character_is_lost_but_those_that_are_not_seen(text: str) -> None:
    assert bare(normalised(text)) == bare(text)


@CAREFUL
@given(TEXTS)
def test_the_result_is_in_nfc_and_no_longer_than_its_letters(text: str) -> None:
    result = normalised(text)
    assert unicodedata.is_normalized("NFC", result)
    assert not set(result) & set("\xa0\u2009\u202f\u2028\u2010\u2011\xad\u2060\ufeff\ufb00\ufb03\ufb05\ufefb")

"""What a word is found by: examples by language, and what holds for any text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.insight import language as languages
from pipeline.storage.lexicon import terms
from tests.storage.lexicon import plainly

WORD = st.text(min_size=1, max_size=80).flatmap(lambda text: st.sampled_from(terms.words(text) or ["rent"]))


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("en", "contracts", "contract"),
        ("en", "termination", "termin"),
        ("de", "verträge", "vertrag"),
        ("de", "straßen", "strass"),
        ("fr", "nationalités", "national"),
        ("ru", "договоры", "договор"),
        ("hi", "महीनों", "महीन"),
        ("tr", "işlemleri", "islem"),
        ("", "contracts", "contracts"),
        ("", "verträge", "vertrage"),
        ("en", "abc12s", "abc12s"),
        ("en", "ｂｏｏｋｓ", "book"),
        ("de", "bu\u0308cher", "buch"),
        ("en", "ﬁles", "file"),
        ("en", "𝐑𝐞𝐧𝐭𝐬", "rent"),
    ],
)
def test_a_word_is_found_by_its_stem_without_accents(language: str, word: str, expected: str) -> None:
    assert terms.term(word, language) == expected


def test_a_language_is_stemmed_by_its_own_rules_and_what_is_in_none_as_english() -> None:
    assert [terms.stemming(one) for one in (None, "en", "de", "zh", "xx", "")] == ["en", "en", "de", "", "", ""]


def test_every_language_of_the_table_is_one_that_is_told_and_has_its_rules() -> None:
    for language in terms.LANGUAGES:
        assert terms.term("abcdef", language)
    assert set(terms.LANGUAGES) - set(languages.LANGUAGES) == {"nb"}  # is told as no


def test_function_words_are_those_of_english_alone() -> None:
    assert terms.says_nothing("the", "en")
    assert not any(terms.says_nothing("the", language) for language in ("de", "fr", ""))
    assert not any(terms.says_nothing(word, "en") for word in ("not", "may", "will", "it", "who", "rent"))


def test_what_is_longer_than_a_term_is_found_by_its_beginning() -> None:
    beginning = "ab" * 31 + "ts"
    assert terms.LONGEST == 64
    assert terms.term(f"{beginning}ing", "en") == terms.term(f"{beginning}some", "en") == terms.term(beginning, "en")
    assert terms.term(beginning, "en") == beginning[:-1]
    assert terms.compound(["1", "x" * 100]) == "1." + "x" * 62


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Invoice ACC-2291/B is due", ["acc.2291.b"]),
        ("Mr O'Connell and O’Connell", ["o.connell", "o.connell"]),
        ("§ 14(2)", ["14.2"]),
        ("at AT&T, 10:30", ["at.t", "10.30"]),
        ("l'assemblée", ["l.assemblee"]),
        ("e-mail 199.90", ["e.mail", "199.90"]),
        ("snake_case_2", ["snake.case.2"]),
        ("party's well-known and/or", []),
        ("किराया-महीने", []),
        ("mail.example", []),
        ("A--B 1 - 2 C. D", []),
        ("-1- 'a'", []),
    ],
)
def test_codes_and_names_are_found_as_a_whole_and_plain_words_are_not(text: str, expected: list[str]) -> None:
    assert list(terms.compounds(text)) == expected


def test_words_are_small_and_without_those_of_scripts_that_put_no_spaces() -> None:
    assert terms.words("Der Mieter_zahlt NVIDIA公司 किराया 10.30 Zu\u0308rich") == [
        "der", "mieter", "zahlt", "nvidia", "किराया", "10", "30", "zu\u0308rich",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The NOTICE-period, of\n30 days", "the notice period of 30 days"),
        ("Café Zürich", "cafe ZU\u0308RICH"),
        ("第１２条 ガス料金", "第12条ｶﾞｽ料金"),
        ("İSTANBUL ΟΔΟΣ", "istanbul οδος"),
    ],
)
def test_phrases_are_compared_without_accents_signs_and_spaces(one: str, other: str) -> None:
    assert terms.sequence(one) == terms.sequence(other)
    assert terms.sequence("合同终止ab") == "合 同 终 止 ab"


def test_every_small_letter_takes_the_place_of_one() -> None:
    for code in range(0x110000):
        assert len(terms.lowered(chr(code))) == 1


@settings(derandomize=True, deadline=None)
@given(plainly.texts())
@example("ΟΔΟΣ Σ ΣΑΣ, İ")
def test_a_small_letter_does_not_depend_on_where_it_stands(text: str) -> None:
    assert terms.lowered(text) == "".join(map(terms.lowered, text))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(WORD, st.sampled_from([*sorted(terms.LANGUAGES), ""]))
@example("ة", "ar")
@example("ال", "ar")
@example("\u0345a", "el")
def test_a_term_is_never_empty_nor_too_long_and_has_no_large_letter(word: str, language: str) -> None:
    found = terms.term(word, language)
    assert 0 < len(found) <= terms.LONGEST
    assert found == terms.lowered(found)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(plainly.texts())
@example("合क ｶﾞ \u1112\u1161\u11ab a\U000e0100b ก็a")
@example(" \u0301b-2")
def test_codes_are_those_of_words_one_joiner_apart(text: str) -> None:
    words = [found[2] for found in plainly.tokens(text, "")]
    single = {terms.term(word, "") for word in terms.words(text)}
    assert set(terms.compounds(text)) <= set(words)
    assert single <= set(words)


def test_a_long_text_is_divided_in_time() -> None:
    """A search for a joined word must not begin anew at each letter."""
    for text in ("a" * 300_000, "a\u0301" * 150_000, "a-" * 150_000, "'" * 300_000):
        assert len(list(terms.compounds(text))) <= 1

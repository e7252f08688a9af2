"""Texts divided many at a time with numpy, against the same done word by word."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.storage.lexicon import terms, tokens
from pipeline.storage.lexicon.tokens import Tokenizer, Tokens
from tests.storage.lexicon import plainly

GYE, YAG = unicodedata.normalize("NFD", "계"), unicodedata.normalize("NFD", "약")


def read(tokenizer: Tokenizer, found: Tokens, count: int) -> list[list[tuple[int, int, str]]]:
    """By text: start, end, term."""
    texts: list[list[tuple[int, int, str]]] = [[] for _ in range(count)]
    for text, start, end, term in zip(found.text, found.start, found.end, found.term, strict=True):
        texts[text].append((int(start), int(end), tokenizer.strings[term]))
    return texts


def split(text: str, language: str = "en") -> list[tuple[str, str]]:
    """What stands in the text, and what it is found by."""
    tokenizer = Tokenizer()
    return shown(tokenizer, text, tokenizer.split([text], language))


def shown(tokenizer: Tokenizer, text: str, found: Tokens) -> list[tuple[str, str]]:
    return [(text[start:end], term) for start, end, term in read(tokenizer, found, 1)[0]]


def test_words_lie_where_they_say_and_are_found_by_their_stems() -> None:
    assert split("The Tenants' rent,\nof 30 days.") == [
        ("Tenants", "tenant"), ("rent", "rent"), ("30", "30"), ("days", "day"),
    ]  # fmt: skip
    assert split("Die Verträge", "de") == [("Die", "die"), ("Verträge", "vertrag")]
    assert split("The Verträge", "") == [("The", "the"), ("Verträge", "vertrage")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ACC-2291/B", [("ACC", "acc"), ("ACC-2291/B", "acc.2291.b"), ("2291", "2291"), ("B", "b")]),
        ("O'Connell", [("O", "o"), ("O'Connell", "o.connell"), ("Connell", "connel")]),
        ("§ 14(2)", [("14", "14"), ("14(2", "14.2"), ("2", "2")]),
        ("at AT&T", [("AT&T", "at.t"), ("T", "t")]),
        ("10:30", [("10", "10"), ("10:30", "10.30"), ("30", "30")]),
        ("party's", [("party", "parti"), ("s", "s")]),
        ("well-known", [("well", "well"), ("known", "known")]),
    ],
)
def test_codes_and_names_are_found_as_a_whole_besides_their_parts(text: str, expected: list[tuple[str, str]]) -> None:
    assert split(text) == expected
    tokenizer = Tokenizer()
    parts = tokenizer.split([text], "en", compounds=False)
    assert shown(tokenizer, text, parts) == [one for one in expected if "." not in one[1]]


def test_codes_of_the_same_characters_in_other_places_are_other_codes() -> None:
    codes = [
        "12-3",
        "13-2",
        "21-3",
        "1-23",
        "1-32",
        "3-21",
        "12-3-4",
        "12-4-3",
        "14-2-3",
        "1-2",
        "2-1",
        "1-2-3",
        "3-2-1",
    ]
    tokenizer = Tokenizer()
    found = read(tokenizer, tokenizer.split(codes, "en"), len(codes))
    assert [{term for _, _, term in one if "." in term} for one in found] == [{one.replace("-", ".")} for one in codes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("租合同", [("租合", "租合"), ("合同", "合同"), ("同", "同")]),
        ("NVIDIA公司2024年", [("NVIDIA", "nvidia"), ("公司", "公司"), ("司", "司"), ("2024", "2024"), ("年", "年")]),
        ("ｶﾞｽ", [("ｶﾞｽ", "ガス"), ("ｽ", "ス")]),
        ("ค่าเช", [("ค่า", "ค่า"), ("าเ", "าเ"), ("เช", "เช"), ("ช", "ช")]),
        (f"{GYE}{YAG}", [(f"{GYE}{YAG}", "계약"), (YAG, "약")]),
        ("किराया", [("किराया", "किराया")]),
        ("合क", [("合", "合"), ("क", "क")]),
        ("Zu\u0308rich", [("Zu\u0308rich", "zurich")]),
        ("مُحَمَّد", [("مُحَمَّد", "مُحَمَّد")]),
        ("\U00020000\U00020001", [("\U00020000\U00020001", "\U00020000\U00020001"), ("\U00020001", "\U00020001")]),
        ("İstanbul", [("İstanbul", "istanbul")]),
        ("a\ud800b\udfffc", [("a", "a"), ("b", "b"), ("c", "c")]),
        ("\u0301x 💥 _ \x00", [("x", "x")]),
    ],
)
def test_each_script_is_divided_in_its_own_way(text: str, expected: list[tuple[str, str]]) -> None:
    assert split(text, "") == expected


def test_a_very_long_word_is_found_by_its_beginning_and_lies_where_it_lies() -> None:
    text = f"see {'x' * 100_000} end"
    assert split(text) == [("see", "see"), ("x" * 100_000, "x" * 64), ("end", "end")]


def test_words_that_are_not_indexed_count_for_the_length() -> None:
    found = Tokenizer().split(["the rent of the house", "", "合同书 and", "...", "the"], "en")
    assert found.words.tolist() == [5, 0, 4, 0, 1]


def test_nothing_gives_nothing() -> None:
    tokenizer = Tokenizer()
    for texts in ([], [""], ["", ""]):
        found = tokenizer.split(texts, "en")
        assert (found.term.tolist(), found.words.tolist()) == ([], [0] * len(texts))


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.lists(plainly.texts(), max_size=5), st.sampled_from(plainly.LANGUAGES))
@example(["a\n\nb", "\n", "\u0301a-2", "-3"], "en")
@example(["1", "2", "-", "3-", "4"], "en")
@example(["合", "同", "क", "ﾞ", "\u1161"], "")
def test_many_texts_at_once_give_what_each_word_by_itself_gives(texts: list[str], language: str) -> None:
    tokenizer = Tokenizer()
    found = tokenizer.split(texts, language)
    assert read(tokenizer, found, len(texts)) == [plainly.tokens(text, language) for text in texts]
    assert found.words.tolist() == [plainly.length(text) for text in texts]


def test_every_character_is_divided_as_the_expression_has_it() -> None:
    """In each of these places: alone, within a word, behind a word, in and behind a run, behind a mark."""
    tokenizer = Tokenizer()
    for first in range(0, 0x110000, 0x1000):
        step = 1 if first in (0, 0x1000, 0x2000, 0x3000, 0xA000, 0xD000, 0xF000, 0xE0000) else 32  # many are alike
        characters = map(chr, range(first, first + 0x1000, step))
        text = "".join(f"{one} a{one}b a{one} 合{one}同 合{one} \u0301{one} " for one in characters)
        (found,) = read(tokenizer, tokenizer.split([text], ""), 1)
        assert found == plainly.tokens(text, ""), hex(first)


def test_one_tokenizer_keeps_languages_apart_and_numbers_for_good() -> None:
    tokenizer = Tokenizer()
    english = tokenizer.split(["Firmen Mieten the"], "en")
    german = tokenizer.split(["Firmen Mieten the"], "de")
    again = tokenizer.split(["Firmen Mieten the"], "en")
    assert read(tokenizer, english, 1) == read(tokenizer, again, 1) == [[(0, 6, "firmen"), (7, 13, "mieten")]]
    assert read(tokenizer, german, 1) == [[(0, 6, "firm"), (7, 13, "miet"), (14, 17, "the")]]
    assert english.term.tolist() == again.term.tolist()
    assert tokenizer.number("firm") == german.term[0]


def test_it_begins_anew_where_too_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = Tokenizer()
    tokenizer.split(["one two three four"], "en")
    tokenizer.forget()
    assert len(tokenizer.strings) == 4
    monkeypatch.setattr(tokens, "_MOST_KNOWN", 3)
    tokenizer.forget()
    assert tokenizer.strings == []
    found = tokenizer.split(["four five"], "en")
    assert read(tokenizer, found, 1) == [[(0, 4, "four"), (5, 9, "five")]]


def test_no_document_can_be_made_so_that_one_word_passes_for_another() -> None:
    """Words are told apart by a sum over their letters, weighted by chance; whoever knew the weights could forge it."""
    one, other = Tokenizer(), Tokenizer()
    assert one._weights.tolist() != other._weights.tolist()
    assert all(weight % 2 for weight in one._weights.tolist())
    assert len(set(one._weights.tolist())) == terms.LONGEST

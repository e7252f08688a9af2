"""Scripts without spaces: pairs of neighbouring characters, and where they stand."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage import pairs
from pipeline.storage.pairs import Term

MIXED = st.text(st.sampled_from("合同书ค่าเช่าがｶﾞ한\u1112\u1161\u11abab1_ .。\u0301\ufe0f½ﷺ💥\U00020000"), max_size=40)


def texts(text: str) -> list[str]:
    return [term.text for term in pairs.terms(text)]


def test_a_run_is_its_pairs_and_its_last_character() -> None:
    assert list(pairs.terms("租合同")) == [Term("租合", 0, 2), Term("合同", 1, 3), Term("同", 2, 3)]
    assert list(pairs.terms("租")) == [Term("租", 0, 1)]


def test_words_of_other_scripts_end_a_run() -> None:
    assert texts("NVIDIA公司2024年 foo_bar") == ["NVIDIA", "公司", "司", "2024", "年", "foo_bar"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("契約を", ["契約", "約を", "を"]),
        ("コーヒー", ["コー", "ーヒ", "ヒー", "ー"]),
        ("계약서를", ["계약", "약서", "서를", "를"]),
        ("ค่าเช่า", ["ค่า", "าเ", "เช่", "ช่า", "า"]),
        ("ພາສາ", ["ພາ", "າສ", "ສາ", "າ"]),
        ("ភាសា", ["ភាសា", "សា"]),
        ("မြန်မာ", ["မြန်", "န်မာ", "မာ"]),
        ("\U00020000合", ["\U00020000合", "合"]),
    ],
)
def test_marks_stay_with_their_letter(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_one_character_in_several_forms_is_one_term() -> None:
    assert texts("ｶﾞｽ") == texts("ガス") == texts(unicodedata.normalize("NFD", "ガス")) == ["ガス", "ス"]
    assert texts(unicodedata.normalize("NFD", "계약")) == texts("계약")
    assert texts("葛\U000e0100城") == texts("葛城")
    assert texts("⽂書") == texts("文書")  # a radical, as fonts of PDF files name characters
    assert texts("第１２条") == texts("第12条")


def test_a_question_looks_for_pairs_words_and_beginnings() -> None:
    assert list(pairs.sought("合同 终 NVIDIA公司")) == ["合同", "终*", "NVIDIA", "公司"]


def test_letters_are_counted_without_their_marks() -> None:
    assert pairs.letters("ab 合同 ค่า 12") == 4
    assert pairs.letters("abc") == 0


@settings(derandomize=True, max_examples=300, deadline=None)
@given(MIXED, MIXED)
def test_what_stands_in_a_text_is_found_by_its_terms(text: str, more: str) -> None:
    """Every term of a question that was cut out of a text at a word's bounds is one of the text's."""
    whole = f"{more} {text} {more}"
    known = set(texts(whole))
    for term in pairs.sought(text):
        beginning = term.removesuffix(pairs.BEGINNING)
        assert term in known or any(one.startswith(beginning) for one in known)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(MIXED)
def test_terms_stand_in_order_where_they_say_and_hold_no_space(text: str) -> None:
    terms = list(pairs.terms(text))
    assert [term.start for term in terms] == sorted(term.start for term in terms)
    assert all(0 <= term.start < term.end <= len(text) for term in terms)
    assert not any(character.isspace() for term in terms for character in term.text)


def test_runs_are_the_stretches_without_spaces_and_take_no_letter_of_another_script_along() -> None:
    assert list(pairs.runs("ab 合同क NVIDIA公司, ｶﾞｽ 한글 ค่า")) == ["合同", "公司", "ｶﾞｽ", "한글", "ค่า"]
    assert list(pairs.runs("no run, किराया")) == []


def test_a_mark_is_a_part_of_what_stands_before_it() -> None:
    assert all(map(pairs.is_mark, "\u0301\u093f\u0e48\ufe0fﾞ\u1161\U000e0100"))
    assert not any(map(pairs.is_mark, "aक合1 _"))

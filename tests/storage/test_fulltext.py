"""Search by word: what is typed is only ever words, found as the language of each passage has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.storage import fulltext
from pipeline.storage.analysis import analysis, match_of
from pipeline.storage.database import Database
from pipeline.storage.narrowing import EVERYTHING, Narrowing

# Number, language, label, text.
TEXTS = (
    (1, "en", "contract", "The tenant shall pay the rent in advance."),
    (2, "en", "contract", "Rents are payable monthly, near the end of the month."),
    (3, "de", None, "Der Mieter zahlt die Miete an der Straße. Café Zürich. Vertrag AB-12/7."),
    (4, None, None, "An unrelated note about elephants and the month of May."),
    (5, "zh", "contract", "本合同自2024年3月12日起生效。承租人应当支付房租。NVIDIA公司的合同条款。"),
    (6, "ja", None, "賃貸契約書。借主は毎月家賃を支払う。第１２条 ｶﾞｽ料金。"),
    (7, "th", None, "ผู้เช่าต้องจ่ายค่าเช่าในวันที่สามของทุกเดือน"),
    (8, "ko", None, "세입자는 계약서를 읽고 집세를 내야 합니다."),
    (9, "hi", None, "किरायेदार को हर महीने किराया देना होगा।"),
    (10, None, None, "Part AB-12/7 costs 199.90 EUR, see invoice 2024-0815."),
    (11, "en", None, "Agreements of the parties. 合同条款 and 房租 stand here, as do 承租人应当支付房租。"),
    (12, "de", None, "Die Firmen liefern. Termination of agreements."),
)


def store(database: Database, number: int, language: str | None, label: str | None, text: str) -> None:
    database.run(
        "INSERT INTO documents (id, sha256, size_bytes, code, label, language) VALUES (?, ?, 1, 'complete', ?, ?)",
        (number, str(number), label, language),
    )
    database.run(
        "INSERT INTO chunks (document_id, page, start, end, text, analysis) VALUES (?, 1, 0, ?, ?, ?)",
        (number, len(text), text, analysis(text, language)),
    )
    fulltext.add(database, number)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(Path(tmp_path_factory.mktemp("store")))
    with opened.atomic():
        for number, language, label, text in TEXTS:
            store(opened, number, language, label, text)
    yield opened
    opened.close()


def found(database: Database, text: str, among: Narrowing = EVERYTHING, *, every_term: bool = False) -> list[int]:
    match = match_of(text)
    return [] if match is None else fulltext.search(database, match, 10, among, every_term=every_term)


def marked(database: Database, text: str, chunk_id: int) -> str | None:
    match = match_of(text)
    assert match is not None
    shown = fulltext.marked(database, match, chunk_id)
    return None if shown is None else shown.replace(fulltext.MARK_START, "[").replace(fulltext.MARK_END, "]")


def test_english_words_are_found_in_all_their_forms(database: Database) -> None:
    assert found(database, "paying rent") == [1, 2]
    assert found(database, "ELEPHANT") == [4]


def test_accents_and_large_letters_do_not_matter(database: Database) -> None:
    assert found(database, "zurich cafe") == [3]
    assert found(database, "ZU\u0308RICH") == [3]
    assert found(database, "straße") == [3]


def test_words_of_other_languages_are_not_cut_as_if_they_were_english(database: Database) -> None:
    assert found(database, "firmen") == [12]
    assert found(database, "firm") == []  # as English it would be the same word
    assert found(database, "miet") == []


def test_words_of_other_languages_are_found_with_other_endings(database: Database) -> None:
    assert found(database, "Mietern") == found(database, "Mieten") == [3]
    assert found(database, "Mietern", every_term=True) == []  # a quotation is as it stands
    assert found(database, "Straßen") == [3]
    assert marked(database, "Mieter", 3) == (
        "Der [Mieter] zahlt die [Miete] an der Straße. Café Zürich. Vertrag AB-12/7."
    )


def test_a_word_in_just_the_form_asked_for_comes_first(tmp_path: Path) -> None:
    database = Database(tmp_path)
    for number, text in enumerate(("Die Vermietung", "Die Vermieter", "Die Vermietern", "Das Haus", "Der Hof"), 1):
        store(database, number, "de", None, text)
    assert found(database, "Vermietern") == [3, 2]
    assert sorted(found(database, "Vermieter")) == [1, 2, 3]
    assert found(database, "Vermieter")[0] == 2
    database.close()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("合同", [5, 11]),
        ("房租", [5, 11]),
        ("承租人应当支付房租", [5, 11]),
        ("契約", [6]),
        ("家賃を支払う", [6]),
        ("ค่าเช่า", [7]),
        ("계약서", [8]),
        ("집세", [8]),
        ("किराया", [9]),
        ("महीने", [9]),
    ],
)
def test_words_are_found_within_texts_without_spaces(database: Database, question: str, expected: list[int]) -> None:
    assert sorted(found(database, question, every_term=True)) == expected


def test_two_characters_that_do_not_stand_together_are_no_word(database: Database) -> None:
    assert found(database, "同合") == []
    assert found(database, "本同") == []
    assert found(database, "संकिरा") == []


@pytest.mark.parametrize(("character", "expected"), [("租", [5, 11]), ("款", [5, 11]), ("書", [6]), ("う", [6])])
def test_a_single_character_is_found_wherever_it_stands(
    database: Database, character: str, expected: list[int]
) -> None:
    assert sorted(found(database, character)) == expected


def test_a_question_of_several_scripts_is_looked_for_in_all(database: Database) -> None:
    assert found(database, "NVIDIA 合同", every_term=True) == [5]
    assert found(database, "nvidia公司", every_term=True) == [5]
    assert sorted(found(database, "Mieter 契約 rent")) == [1, 2, 3, 6]


def test_full_and_half_width_are_the_same(database: Database) -> None:
    assert found(database, "第12条", every_term=True) == [6]
    assert found(database, "ガス料金", every_term=True) == [6]
    assert found(database, "ＮＶＩＤＩＡ公司", every_term=True) == [5]


def test_codes_and_numbers_are_found_whatever_the_language(database: Database) -> None:
    assert sorted(found(database, "AB-12/7", every_term=True)) == [3, 10]
    assert found(database, "199.90", every_term=True) == [10]
    assert found(database, "2024-0815", every_term=True) == [10]
    assert sorted(found(database, "2024")) == [5, 10]


@pytest.mark.parametrize(
    "text", ["NEAR", "near(rent month)", '"near"', "near*", "text: near", "^near", "near AND", "-near", "near _"]
)
def test_operators_are_words(database: Database, text: str) -> None:
    assert 2 in found(database, text)


def test_a_question_of_function_words_alone_is_searched_as_it_is(database: Database) -> None:
    assert found(database, "and") == [11, 4]


def test_a_boolean_word_does_not_exclude(database: Database) -> None:
    assert sorted(found(database, "elephants NOT month")) == [2, 4]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example('"')
@example("'; DROP TABLE chunks; --")
@example("\x00\ud800💥*")
@example("a" * 10_000)
@example("word " * 2_000)
@example("合" * 10_000)
@example("\ufe0f\u3099\u0e31")
@example("ﷺ ½ 合½同")
@given(st.text(max_size=300))
def test_no_text_is_ever_a_syntax_error(database: Database, text: str) -> None:
    numbers = {number for number, *_ in TEXTS}
    assert set(found(database, text)) <= numbers
    assert set(found(database, text, every_term=True)) <= numbers


def test_a_label_or_a_language_narrows_before_ranking(database: Database) -> None:
    assert found(database, "month", Narrowing(label="contract")) == [2]
    assert sorted(found(database, "month")) == [2, 4]
    assert found(database, "合同", Narrowing(language="zh")) == [5]
    assert found(database, "合同", Narrowing(language="en")) == [11]
    assert found(database, "合同", Narrowing(label="contract", language="en")) == []


def test_no_more_than_asked_for_are_given_and_the_best_of_all_indexes(database: Database) -> None:
    match = match_of("合同 mieter rent")
    assert match is not None
    everything = fulltext.search(database, match, 10)
    assert sorted(everything) == [1, 2, 3, 5, 11]
    assert [fulltext.search(database, match, limit) for limit in (1, 2, 3)] == [everything[:n] for n in (1, 2, 3)]


def test_matches_are_marked_where_they_stand(database: Database) -> None:
    assert marked(database, "rent month", 2) == "[Rents] are payable monthly, near the end of the [month]."
    assert marked(database, "rent month", 3) is None
    assert marked(database, "CAFE zurich", 3) == (
        "Der Mieter zahlt die Miete an der Straße. [Café] [Zürich]. Vertrag AB-12/7."
    )
    assert marked(database, "rent", 999) is None


def test_matches_in_texts_without_spaces_are_marked_as_they_stand_there(database: Database) -> None:
    assert marked(database, "合同 nvidia", 5) == (
        "本[合同]自2024年3月12日起生效。承租人应当支付房租。[NVIDIA]公司的[合同]条款。"
    )
    assert (
        marked(database, "支付房租", 5) == "本合同自2024年3月12日起生效。承租人应当[支付房租]。NVIDIA公司的合同条款。"
    )
    assert marked(database, "第12条 ガス", 6) == "賃貸契約書。借主は毎月家賃を支払う。[第１２条] [ｶﾞｽ]料金。"
    assert marked(database, "agreement", 11) == (
        "[Agreements] of the parties. 合同条款 and 房租 stand here, as do 承租人应当支付房租。"
    )
    assert marked(database, "elephants", 5) is None


def test_marks_are_left_out_where_a_text_is_divided_otherwise_than_it_was(tmp_path: Path) -> None:
    """Another Python may know other letters; the stored terms stay as they are."""
    database = Database(tmp_path)
    store(database, 1, "zh", None, "合同条款")
    database.run("UPDATE chunk_pairs SET text = text || ' 更多'")
    assert marked(database, "合同", 1) is None
    database.close()


def test_what_is_removed_is_found_no_more_and_every_index_stays_in_step(tmp_path: Path) -> None:
    database = Database(tmp_path)
    for number, language, label, text in TEXTS:
        store(database, number, language, label, text)
    assert database.problems() == []
    for number, *_, text in TEXTS:
        assert number in found(database, text)
        fulltext.remove(database, number)
        database.run("DELETE FROM chunks WHERE document_id = ?", (number,))
        assert number not in found(database, text)
        assert database.problems() == []
    assert database.rows("SELECT * FROM chunk_pairs") == []
    database.close()


@pytest.mark.parametrize(("language", "text"), [("en", "words"), ("de", "Worte"), ("zh", "合同")])
def test_each_index_is_checked_against_the_passages(tmp_path: Path, language: str, text: str) -> None:
    database = Database(tmp_path)
    store(database, 1, language, None, text)
    assert database.problems() == []
    database.run("UPDATE chunks SET text = 'others' WHERE analysis <> 'pairs'")
    database.run("UPDATE chunk_pairs SET text = '別物'")
    assert database.problems() == ["the full-text index does not match the chunks"]
    database.close()

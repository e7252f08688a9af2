"""Search by word: what is typed is only ever words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.storage import fulltext
from pipeline.storage.database import Database
from pipeline.storage.fulltext import Match

TEXTS = (
    "The tenant shall pay the rent in advance.",
    "Rents are payable monthly, near the end of the month.",
    "Der Mieter zahlt die Miete. Café Zürich.",
    "An unrelated note about elephants and the month of May.",
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(Path(tmp_path_factory.mktemp("store")))
    with opened.atomic():
        for number, text in enumerate(TEXTS, 1):
            label = "contract" if number < 3 else None
            opened.run(
                "INSERT INTO documents (id, sha256, size_bytes, code, label) VALUES (?, ?, 1, 'complete', ?)",
                (number, str(number), label),
            )
            opened.run(
                "INSERT INTO chunks (document_id, page, start, end, text) VALUES (?, 1, 0, ?, ?)",
                (number, len(text), text),
            )
            fulltext.add(opened, number)
    yield opened
    opened.close()


def found(database: Database, text: str, label: str | None = None) -> list[int]:
    match = fulltext.expression(text)
    return [] if match is None else fulltext.search(database, match.any_word, 10, label)


def test_words_are_found_in_all_their_forms_and_accents(database: Database) -> None:
    assert found(database, "paying rent") == [1, 2]
    assert found(database, "zurich cafe") == [3]
    assert found(database, "ELEPHANT") == [4]


@pytest.mark.parametrize(
    "text", ["NEAR", "near(rent month)", '"near"', "near*", "text: near", "^near", "near AND", "-near"]
)
def test_operators_are_words(database: Database, text: str) -> None:
    assert 2 in found(database, text)


def test_function_words_count_only_when_there_are_no_others(database: Database) -> None:
    assert fulltext.expression("the Rent of the Tenant") == Match('"rent" OR "tenant"', '"rent" AND "tenant"')
    assert fulltext.expression("to be OR") == Match('"to" OR "be" OR "or"', '"to" AND "be" AND "or"')
    assert found(database, "and") == [4]


def test_a_boolean_word_does_not_exclude(database: Database) -> None:
    assert found(database, "elephants NOT month") == [4, 2]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example('"')
@example("'; DROP TABLE chunks; --")
@example("\x00\ud800💥*")
@example("a" * 10_000)
@example("word " * 2_000)
@given(st.text(max_size=300))
def test_no_text_is_ever_a_syntax_error(database: Database, text: str) -> None:
    assert set(found(database, text)) <= {1, 2, 3, 4}


def test_text_without_words_matches_nothing() -> None:
    assert [fulltext.expression(text) for text in ("", "  ", "💥 !!", '"*"')] == [None] * 4


def test_a_long_text_is_cut_to_its_longest_words() -> None:
    words = [f"w{'x' * length}" for length in range(100)]
    expression = fulltext.expression(" ".join(words))
    assert expression is not None
    assert expression.any_word.split(" OR ") == [f'"{word}"' for word in words[-fulltext.MAX_TERMS :]]


def test_a_label_narrows_before_ranking(database: Database) -> None:
    assert found(database, "month", "contract") == [2]
    assert sorted(found(database, "month")) == [2, 4]


def test_matches_are_marked_where_they_stand(database: Database) -> None:
    match = fulltext.expression("rent month")
    assert match is not None
    assert (
        fulltext.marked(database, match.any_word, 2)
        == "\x02Rents\x03 are payable monthly, near the end of the \x02month\x03."
    )
    assert fulltext.marked(database, match.any_word, 3) is None

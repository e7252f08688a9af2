"""What a question looks for, and how the words of a passage are made findable."""

import pytest

from pipeline.storage.analysis import MAX_TERMS, Analysis, Match, analysis, match_of


def terms(text: str) -> tuple[str, ...]:
    """What is looked for in an index of words, and as well in that of pairs."""
    match = match_of(text)
    assert match is not None
    assert match.words == match.pairs
    return match.words


def test_words_are_quoted_in_small_letters_and_counted_once() -> None:
    assert terms("Rent, rent; TENANT") == ('"rent"', '"tenant"')


def test_function_words_count_only_when_there_are_no_others() -> None:
    assert terms("the Rent of the Tenant") == ('"rent"', '"tenant"')
    assert terms("to be OR") == ('"to"', '"be"', '"or"')


def test_any_and_every_term() -> None:
    match = Match(('"a"', '"b"'), ('"a"', '"b"', '"c"*'), ('"c"', '"d"*'))
    assert match.expression(Analysis.STEMMED, every_term=False) == '"a" OR "b"'
    assert match.expression(Analysis.STEMMED, every_term=True) == '"a" AND "b"'
    assert match.expression(Analysis.WHOLE, every_term=False) == '"a" OR "b" OR "c"*'
    assert match.expression(Analysis.WHOLE, every_term=True) == '"a" AND "b"'
    assert match.expression(Analysis.PAIRS, every_term=True) == '"c" AND "d"*'


def test_marks_belong_to_their_word() -> None:
    assert terms("किराया दें") == ('"किराया"', '"दें"')
    match = match_of("Zu\u0308rich")
    assert match is not None
    assert (match.words, match.pairs) == (('"zu\u0308rich"',), ('"zürich"',))
    assert terms("مُحَمَّد") == ('"مُحَمَّد"',)


def test_runs_of_characters_are_looked_for_as_pairs() -> None:
    match = match_of("终止合同 NVIDIA of")
    assert match is not None
    assert match.words == ('"终止合同"', '"nvidia"')
    assert match.pairs == ('"终止"', '"止合"', '"合同"', '"nvidia"')


def test_a_character_that_stands_alone_begins_a_pair() -> None:
    match = match_of("合")
    assert match is not None
    assert (match.words, match.pairs) == (('"合"',), ('"合"*',))


def test_words_are_looked_for_with_other_endings_too() -> None:
    match = match_of("Miete Mieter Mietvertrag Haus 12345 AB12345 a_variable किराया")
    assert match is not None
    assert match.forms == (*match.words, '"miet"*', '"miete"*', '"mietvertr"*', '"किराय"*')


@pytest.mark.parametrize("text", ["", "  ", "💥 !!", '"*"', "_", "__ _", "\u0301", "\ud800", "。、「」"])
def test_text_without_words_matches_nothing(text: str) -> None:
    assert match_of(text) is None


def test_a_long_text_is_cut_to_its_longest_words() -> None:
    words = [f"w{'x' * length}" for length in range(100)]
    assert terms(" ".join(words)) == tuple(f'"{word}"' for word in words[-MAX_TERMS:])


def test_a_long_run_is_cut_to_its_first_pairs() -> None:
    run = "".join(chr(0x4E00 + number) for number in range(200))
    match = match_of(run)
    assert match is not None
    assert match.pairs == tuple(f'"{run[at : at + 2]}"' for at in range(MAX_TERMS))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The rent is due.", "en", Analysis.STEMMED),
        ("The rent is due.", None, Analysis.STEMMED),
        ("Die Miete ist fällig.", "de", Analysis.WHOLE),
        ("किराया देना होगा।", "hi", Analysis.WHOLE),
        ("支付房租", "zh", Analysis.PAIRS),
        ("집세를 내야 합니다", "ko", Analysis.PAIRS),
        ("A page in English of a Chinese document.", "zh", Analysis.PAIRS),
        ("支付房租", None, Analysis.PAIRS),
        ("Rent (房租) is due", "en", Analysis.PAIRS),
        ("The contract of Mr Zhang (张伟) names the rent that is due each month", "en", Analysis.STEMMED),
        ("", "en", Analysis.STEMMED),
        ("1234 💥", None, Analysis.STEMMED),
    ],
)
def test_the_language_says_how_words_are_made_findable_unless_the_passage_is_in_a_script_without_spaces(
    text: str, language: str | None, expected: Analysis
) -> None:
    assert analysis(text, language) is expected

"""Looking into passages: where the words of a question stand, and how many of them stand in one sentence."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.search import passages
from pipeline.search.asking import sought
from pipeline.search.passages import Examined
from pipeline.search.question import understood
from pipeline.storage.lexicon import terms
from pipeline.storage.lexicon.evidence import Sought
from pipeline.storage.lexicon.tokens import Tokenizer
from tests.storage.lexicon import plainly

LANGUAGES = frozenset(("en", "de", "hi", ""))


def examined(question: str, text: str, language: str | None = "en", weights: Sequence[float] = ()) -> Examined:
    words = [sought(word, LANGUAGES) for word in understood(question).whole.words]
    (found,) = passages.examine(Tokenizer(), [(text, language)], words, weights or [1.0] * len(words))
    return found


def marked(question: str, text: str, language: str | None = "en") -> str:
    pieces, done = [], 0
    for start, end in examined(question, text, language).spans:
        pieces += [text[done:start], "[", text[start:end], "]"]
        done = end
    return "".join([*pieces, text[done:]])


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("rent month", "en", "[Rents] are payable [monthly], near the end of the [month]."),
        ("CAFE zurich", "de", "Der Mieter an der Straße. [Café] [Zürich]. Vertrag AB-12/7."),
        ("Mieten", "de", "Der [Mieter] zahlt die [Miete]"),
        ("Mieten", "zh", "Der Mieter zahlt die Miete"),
        ("AB-12/7", "de", "Vertrag [AB-12/7], [AB] [12]"),
        ("合同 nvidia", "zh", "本[合同]自2024年起生效。[NVIDIA]公司的[合同]条款。"),
        ("支付房租", "zh", "承租人应当[支付房租]。"),
        ("第12条 ガス", None, "賃貸契約書。[第１２条] [ｶﾞｽ]料金。"),
        ("租", "zh", "本[租合]同，房[租]。"),
        ("agreement", None, "[Agreements] of the parties. 合同条款"),
        ("महीने", "hi", "हर [महीने] किराया, [महीनों] तक"),
        ("elephants", "zh", "本合同"),
        ("terminat*", "en", "[Termination], [terminated]; a terminal, the term. [TERMINATE]"),
        ("bü*", "de", "Die [Bücher] im [Büro], ein [Bus]"),
        ("bu*", "de", "Die [Bücher], ein Baum"),
        ("the", "en", "the rent"),
    ],
)
def test_matches_are_marked_where_they_stand(question: str, language: str | None, expected: str) -> None:
    text = expected.replace("[", "").replace("]", "")
    assert marked(question, text, language) == expected


def test_the_sentence_with_most_of_the_question_counts() -> None:
    words = [Sought((term,)) for term in ("rent", "notic", "month", "zanzibar")]

    def sentence(text: str) -> float:
        return passages.examine(Tokenizer(), [(text, "en")], words, [1.0, 2.0, 4.0, 8.0])[0].sentence

    assert sentence("The rent. Notice. A month.") == 4.0
    assert sentence("The rent, with notice! A month.") == 4.0
    assert sentence("The rent, rents and rent with notice? Rent.") == 3.0  # each word once
    assert sentence("rent\nnotice of a\nmonth rent") == 5.0
    assert sentence("rent. notice month") == 6.0
    assert sentence("rent v2.0 of month") == 5.0  # a full stop within a word ends no sentence
    assert sentence("租rent。notice") == 2.0
    assert sentence("nothing of it") == 0.0
    assert sentence("") == 0.0


def test_many_passages_give_each_its_own_in_their_order() -> None:
    texts = [("Die Mieten.", "de"), ("The rents.", "en"), ("", "en"), ("rents Mieten", "zh"), ("Rent! Miete", None)]
    words = [sought(word, LANGUAGES) for word in understood("rent Miete").whole.words]
    tokenizer = Tokenizer()
    together = passages.examine(tokenizer, texts, words, [1.0, 2.0])
    alone = [passages.examine(Tokenizer(), [one], words, [1.0, 2.0])[0] for one in texts]
    assert together == alone == passages.examine(tokenizer, texts, words, [1.0, 2.0])
    assert [one.sentence for one in together] == [2.0, 1.0, 0.0, 0.0, 2.0]
    assert passages.examine(tokenizer, [], words, [1.0, 2.0]) == []
    assert passages.examine(tokenizer, texts, [], []) == [Examined((), 0.0)] * 5


def test_what_two_words_of_a_question_mean_counts_for_the_first() -> None:
    found = examined("rents rent", "The rent is due.", weights=[1.0, 2.0])
    assert found == Examined(((4, 8),), 1.0)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(plainly.texts(), plainly.texts(), st.sampled_from(["en", "de", "zh", None]))
def test_a_span_is_what_matches_and_what_matches_is_in_a_span(question: str, text: str, language: str | None) -> None:
    words = [sought(word, LANGUAGES) for word in understood(question).whole.words]
    wanted = {term for word in words if word.beginning is None for term in word.terms}
    weights = [1.0] * len(words)
    (found,) = passages.examine(Tokenizer(), [(text, language)], words, weights)
    everything = plainly.tokens(text, terms.stemming(language))
    if not any("." in term for word in words for term in word.terms):
        everything = [one for one in everything if "." not in one[2]]
    beginnings = [terms.folded(word.beginning) for word in words if word.beginning is not None]
    begun = [
        (start, end)
        for start, end, _ in everything
        if terms.folded(terms.lowered(text[start:end])).startswith(tuple(beginnings))
    ]
    matching = [(start, end) for start, end, term in everything if term in wanted]
    inside = {place for start, end in found.spans for place in range(start, end)}
    assert {place for start, end in matching for place in range(start, end)} <= inside
    assert inside <= {place for start, end in matching + begun for place in range(start, end)}
    assert all(0 <= start < end <= len(text) for start, end in found.spans)
    assert all(one[1] < other[0] for one, other in zip(found.spans, found.spans[1:], strict=False))
    assert bool(found.sentence) == bool(found.spans)
    assert found.sentence <= sum(weights)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(plainly.texts(), plainly.texts(), plainly.texts())
def test_a_text_has_the_phrases_that_stand_in_it(before: str, phrase: str, after: str) -> None:
    wanted = terms.sequence(phrase)
    text = f"{before} {phrase}\n{after}"
    assert passages.has_phrases(text, [wanted] if wanted else [])
    assert passages.has_phrases(text.upper(), [terms.sequence(phrase.upper())] if wanted else [])


def test_words_apart_or_in_another_order_are_no_phrase() -> None:
    text = "Either party may terminate with three months’ notice.\nPayment is due in advance; 合同终止。"
    for phrase in ("three months notice", "NOTICE payment", "advance 合同", "合同终", "Months"):
        assert passages.has_phrases(text, [terms.sequence(phrase)]), phrase
    for phrase in ("three notice", "months three", "month", "part", "合终", "同合"):
        assert not passages.has_phrases(text, [terms.sequence(phrase)]), phrase
    assert not passages.has_phrases(text, ["payment is due", "zanzibar"])
    assert passages.has_phrases(text, [])


def test_a_long_passage_is_examined_in_time() -> None:
    text = " ".join(f"word{number} rent." for number in range(20_000))
    found = examined("rent word7", text)
    assert len(found.spans) == 20_001
    assert found.sentence == 2.0
    assert all(re.fullmatch("rent|word7", text[start:end]) for start, end in found.spans)

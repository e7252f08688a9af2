"""A question of any text is words, phrases, beginnings and perhaps a document; each word finds its text again."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.search import question as questions
from pipeline.search.question import MAX_WORDS, Question, Scoped, Word, understood
from pipeline.storage.lexicon import terms
from pipeline.storage.lexicon.tokens import Tokenizer
from tests.storage.lexicon import plainly

OPERATORS = (
    'NEAR("a" b)', "rent AND notice NOT deposit OR", "text: rent", "^rent", "-rent", "{text} : rent", "rent + notice",
    "'; DROP TABLE chunks; --", '" OR 1=1 --', "SELECT * FROM chunks", "rent* OR *", "**", "* rent", '"*"', '"rent"*',
)  # fmt: skip
ODD = (
    "", " ", '"', '""', "“", "“”", "„a", "«»", "*", "_", "__ _", ":", "::", ": ", "a: ", ": a", "：", "ab：", "💥 !!",
    "。、「」", "\u0301", "\ufe0f\u3099\u0e31", "\x00\x01\x1b[31m", "\ud800", "\ud800\udc00 \udfff*", "ﷺ ½ 合½同",
    "\u202eтекст\u202c", "שָׁלוֹם מחר", "مُحَمَّد العقد*", '"合', "a" * 10_000, "合" * 10_000, "word " * 5_000,
)  # fmt: skip


def words(text: str) -> list[str]:
    return [word.text for word in understood(text).whole.words]


def phrases(text: str) -> list[str]:
    return [phrase.text for phrase in understood(text).whole.phrases]


def test_words_are_small_and_counted_once_in_their_order() -> None:
    assert words("Rent, rent; TENANT's deposit") == ["rent", "tenant", "s", "deposit"]


def test_function_words_count_only_where_there_are_no_others() -> None:
    assert words("the Rent of the Tenant") == ["rent", "tenant"]
    assert words("to be OR") == ["to", "be", "or"]
    assert words("who may not") == ["who", "may", "not"]


def test_codes_are_looked_for_as_a_whole_and_in_parts() -> None:
    assert understood("ACC-2291/B").whole.words == (
        Word("acc"), Word("2291"), Word("b"), Word("acc.2291.b", fixed=True),
    )  # fmt: skip


def test_scripts_without_spaces_are_looked_for_as_pairs() -> None:
    assert understood("终止合同 NVIDIA").whole.words == (
        Word("nvidia"), Word("终止", fixed=True), Word("止合", fixed=True), Word("合同", fixed=True),
    )  # fmt: skip
    assert understood("合").whole.words == (Word("合", begins=True, fixed=True),)


def test_an_asterisk_makes_the_beginning_of_words() -> None:
    assert understood("Terminat* notice").whole.words == (Word("terminat", begins=True), Word("notice"))
    assert understood("the* of rent").whole.words == (Word("the", begins=True), Word("rent"))
    assert understood("foo_bar* किरा*, ab*.").whole.words[:4] == (
        Word("foo"), Word("bar", begins=True), Word("किरा", begins=True), Word("ab", begins=True),
    )  # fmt: skip
    assert understood("Terminat* notice").whole.text == "Terminat notice"


@pytest.mark.parametrize("text", ["2*3", "*rent", "rent *", "a*b", "**bold**text"])
def test_an_asterisk_elsewhere_is_a_sign(text: str) -> None:
    assert not any(word.begins for word in understood(text).whole.words)


def test_a_beginning_finds_what_is_stemmed_shorter_than_itself() -> None:
    found = Word("terminat", begins=True)
    assert {"termin", "terminat"} <= set(found.terms(["en"]))
    assert (found.beginning, Word("bü", begins=True).beginning, Word("rent").beginning) == ("terminat", "bu", None)
    assert Word("合", begins=True, fixed=True).terms(["en"]) == ("合",)


def test_a_word_is_looked_for_as_every_language_of_the_index_has_it() -> None:
    assert Word("verträge").terms(["en", "de"]) == ("vertrage", "vertrag")
    assert Word("contracts").terms([]) == ("contracts",)
    assert Word("acc.2291.b", fixed=True).terms(["en", "de"]) == ("acc.2291.b",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('the "Notice-Period" of', ["notice period"]),
        ("“three months’ notice” and „drei Monate“ and „drei Jahre” and «trois mois»",
         ["three months notice", "drei monate", "drei jahre", "trois mois"]),
        ('"one" "two" "ONE"', ["one", "two"]),
        ('5"x7" frame', ["x7"]),
        ('"合同终止"', ["合 同 终 止"]),
        ('"a: b" c', ["a b"]),
    ],
)  # fmt: skip
def test_what_stands_in_quotes_is_a_phrase(text: str, expected: list[str]) -> None:
    assert phrases(text) == expected
    assert not any(sign in understood('the "rent" “is” „due“ «now»').whole.text for sign in '"“”„«»')


@pytest.mark.parametrize(
    "text", ['the "notice', "“notice", "notice” “", "«notice", '""', '" "', '"*!?"', "'notice'", "”a“"]
)
def test_what_is_not_in_quotes_is_no_phrase(text: str) -> None:
    assert phrases(text) == []


def test_a_phrase_needs_only_words_that_every_index_has() -> None:
    (phrase,) = understood('"the end of Verträge, 合同"').whole.phrases
    assert phrase.words == (Word("end"), Word("verträge"), Word("合同", fixed=True))
    (phrase,) = understood('"of the"').whole.phrases
    assert (phrase.text, phrase.words) == ("of the", ())


def test_words_in_quotes_are_divided_as_the_text_is() -> None:
    assert words('a5"x7"b') == ["a5", "x7", "b"]


def test_what_stands_before_a_colon_may_be_a_document() -> None:
    found = understood("Gilded Sun lease: who pays the rent?")
    assert found.document is not None
    assert found.rest is not None
    assert [word.text for word in found.document.words] == ["gilded", "sun", "lease"]
    assert [word.text for word in found.rest.words] == ["who", "pays", "rent"]
    assert found.rest.text == "who pays the rent?"
    assert [word.text for word in found.whole.words] == ["gilded", "sun", "lease", "who", "pays", "rent"]
    assert understood("租赁合同：谁付房租").rest == understood("谁付房租").whole


@pytest.mark.parametrize(
    "text",
    [
        *("https://example.org/a?b=c", "at 10:30 sharp", "ratio 3:4", "notice:", "a: b", ": notice"),
        *("!!: notice", "lease: !!", f"{'x' * 301}: notice", "lease:\u200bnotice"),
    ],
)
def test_other_colons_name_no_document(text: str) -> None:
    assert understood(text) == Scoped(understood(text).whole)


def test_a_long_text_is_cut_to_its_longest_words() -> None:
    long = [f"w{'x' * length}" for length in range(100)]
    assert words(" ".join(long)) == long[-MAX_WORDS:]
    run = "".join(chr(0x4E00 + number) for number in range(200))
    assert words(run) == [run[at : at + 2] for at in range(MAX_WORDS)]


def test_what_stands_beyond_ten_pages_is_not_looked_at() -> None:
    asked = "rent " * (questions.MAX_CHARS // 5)
    assert words(f"{asked} extraordinarily") == ["rent"]
    assert words(f"{asked[5:]} extraordinarily") != ["rent"]


def _all(scoped: Scoped) -> list[Question]:
    return [one for one in (scoped.whole, scoped.document, scoped.rest) if one is not None]


@settings(derandomize=True, deadline=None, max_examples=500)
@given(plainly.texts() | st.text(st.sampled_from('ab合"“”„«»*: ：\n_-'), max_size=40))
def test_any_text_is_a_question(text: str) -> None:
    for question in _all(understood(text)):
        assert len(question.words) <= MAX_WORDS
        assert len(set(question.words)) == len(question.words)
        for word in question.words:
            assert all(word.terms(["en", "de", ""]))
            assert word.text == terms.lowered(word.text)
            word.text.encode()
        assert all(phrase.text for phrase in question.phrases)


@pytest.mark.parametrize("text", [*ODD, *OPERATORS], ids=ascii)
def test_operators_and_odd_signs_are_text(text: str) -> None:
    for question in _all(understood(text)):
        assert all(word.text and word.terms(["en"]) for word in question.words)
    letters = {word.text for word in understood(text).whole.words if word.text.isalpha() and word.text.isascii()}
    assert letters <= set(terms.words(text))


@pytest.mark.parametrize(
    "piece",
    [*"a\"“„*ﾞ\ud800\x00'", "a-", '"a" ', "a* ", "a\u0301", "x:", "ab: ", ": ", "合क"],
)
def test_a_very_long_text_is_understood_in_time(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No search may begin anew at each character: one pass takes a few seconds a megabyte, the square of it hours."""
    monkeypatch.setattr(questions, "MAX_CHARS", 250_000)
    text = piece * (250_000 // len(piece))
    started = time.process_time()
    understood(text)
    assert time.process_time() - started < 20


LANGUAGES = (*sorted(terms.LANGUAGES), "")


@settings(derandomize=True, deadline=None, max_examples=200)
@given(plainly.texts(), st.sampled_from(LANGUAGES), st.sets(st.sampled_from(LANGUAGES), max_size=4))
@example("The nationalités of ｶﾞｽ料金 合क İstanbul'da ΟΔΟΣ", "fr", {"en"})
@example("x" * 63 + "sings", "en", set())
@example('a5"x7"b "c*" d', "en", set())
@example("तकनीकी महीनों", "hi", {"en", ""})
def test_every_word_of_a_text_finds_that_text_in_any_language(text: str, language: str, others: set[str]) -> None:
    """Asked alone and all together, whatever languages other documents are in."""
    tokenizer = Tokenizer()
    tokens = tokenizer.split([text], language)
    held = {tokenizer.strings[term] for term in tokens.term}
    languages = sorted(others | {language})
    found = plainly.tokens(text, language)
    for start, end, _ in found:
        for word in understood(text[start:end]).whole.words:
            assert _is_held(word, languages, held) or terms.says_nothing(word.text, language)
    for word in understood(text).whole.words:
        assert _is_held(word, languages, held) or terms.says_nothing(word.text, language)


def _is_held(word: Word, languages: list[str], held: set[str]) -> bool:
    beginning = word.beginning
    return bool(held & set(word.terms(languages))) or (
        beginning is not None and any(term.startswith(beginning) for term in held)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_in_each_language_find_their_own_forms(language: str) -> None:
    text = {
        "de": "Die Kündigungsfristen der Mietverträge", "fr": "les résiliations des contrats", "ru": "договоры аренды",
        "el": "ΣΥΜΒΑΣΕΙΣ ενοικίασης", "tr": "İşlemlerin kiracıları", "hi": "किरायेदारों के अनुबंध", "ar": "عقود الإيجار",
        "ta": "வாடகை ஒப்பந்தங்கள்", "fi": "vuokrasopimukset irtisanotaan", "pl": "umowy najmu mieszkań",
    }.get(language, "The termination of contracts, nationalités")  # fmt: skip
    tokenizer = Tokenizer()
    tokens = tokenizer.split([text], language)
    held = {tokenizer.strings[term] for term in tokens.term}
    large = text if language == "tr" else text.upper()  # of whose two letters i Python makes one
    for asked in (text, large, text.lower()):
        missing = [
            word.text for word in understood(asked).whole.words
            if not (_is_held(word, [language], held) or terms.says_nothing(word.text, language))
        ]  # fmt: skip
        assert missing == [], asked

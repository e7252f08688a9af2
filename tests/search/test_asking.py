"""A question before the index: which words count, and whether what stands before a colon names a document."""

import pytest

from pipeline.search.asking import Asked, asked
from pipeline.search.candidates import Index, documents_named
from pipeline.search.question import understood
from tests.storage.lexicon.plainly import Passage, part

# Document 1 is about the Gilded Sun; all are leases. Document 7 is called so by its file's name alone.
PASSAGES = [
    Passage(1, 1, "The Gilded Sun lets rooms. Either party may give notice."),
    Passage(2, 1, "The rent of the tenant is due each month."),
    Passage(3, 3, "Bread is baked for the tenant."),
    Passage(4, 4, "The tenant may sail on the lake."),
    *(
        Passage(number, number, "A lease of the house: the tenant pays the rent, with notice.")
        for number in range(5, 60)
    ),
]
INDEX = Index.narrowed((part(PASSAGES[:20]), part(PASSAGES[20:])), None)
NAMES = {"orchard": (7,), "pdf": tuple(range(1, 60)), "gilded": (1,)}


def ask(text: str) -> Asked:
    return asked(understood(text), INDEX, frozenset(("en", "de")), lambda word: NAMES.get(word, ()))


def documents(found: Asked) -> list[int] | None:
    return None if found.named is None else documents_named(INDEX, found.named).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gilded Sun: who pays the rent?", [1]),
        ("gilded sun： rent", [1]),
        ("orchard: rent", [7]),
        ("the lease of the tenant: rent", None),  # so are nearly all
        ("Zanzibar: rent", None),
        ("gilded baking sailing: rent", None),  # each is in another document
        ("zanzibar gilded: rent", [1]),  # what is nowhere tells no document from another
        ("orchard.pdf: rent", [7]),
    ],
)
def test_what_stands_before_a_colon_names_a_document_if_few_are_meant(text: str, expected: list[int] | None) -> None:
    found = ask(text)
    assert documents(found) == expected
    whole = [word.terms[0] for word in found.words]
    assert whole == ["rent"] if expected and "who" not in text else "rent" in whole
    assert found.question.text == (text if expected is None else text.replace("：", ":").split(": ", 1)[1])


def test_words_before_a_colon_that_name_nothing_count_with_the_rest() -> None:
    found = ask("tenant: rent")
    assert [word.terms[0] for word in found.words] == ["tenant", "rent"]
    assert len(found.weights) == 2
    assert found.weights == [weight.whole for weight in found.found.weights]
    assert sum(found.weights) == pytest.approx(found.found.most)


def test_a_phrase_holds_wherever_it_stands() -> None:
    assert [phrase.text for phrase in ask('"Gilded Sun": "the rent"').phrases] == ["gilded sun", "the rent"]
    assert [phrase.text for phrase in ask('Gilded Sun: "the rent"').phrases] == ["the rent"]


def test_words_are_looked_for_in_all_languages_and_in_names() -> None:
    found = ask("Gilded verträge terminat*")
    gilded, contracts, ending = found.words
    assert (gilded.terms, gilded.names) == (("gilded", "gild"), (1,))
    assert contracts.terms == ("vertrage", "vertrag")
    assert ("termin" in ending.terms, ending.beginning) == (True, "terminat")


def test_a_question_without_words_asks_for_none() -> None:
    found = ask("?!")
    assert (found.words, found.weights, found.phrases, found.named) == ((), [], (), None)

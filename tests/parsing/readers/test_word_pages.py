"""Pages of word processors: divided where their text says so, with notes, headers and footers where people look."""

from pipeline.parsing.readers.office_text import Draft
from pipeline.parsing.readers.word_pages import Parts, drafts, tidied


def test_pages_have_their_notes_at_their_foot_and_headers_and_footers_stand_once() -> None:
    parts = Parts(
        "one\n\ftwo\n", {0: ["note 1 ", ""], 1: ["note 2"]}, frozenset({1}), ["head", " head", ""], ["foot", "foot"]
    )
    assert drafts(parts) == [Draft("head\n\none\n\nnote 1", False), Draft("two\n\nnote 2\n\nfoot", True)]


def test_a_document_without_text_has_one_page() -> None:
    assert drafts(Parts("")) == [Draft("", False)]
    assert drafts(Parts("\f\n\f \f")) == [Draft("", False)]


def test_breaks_at_the_end_close_the_last_page_unless_it_shows_something() -> None:
    assert drafts(Parts("one\f\f\n", pictures=frozenset({1}))) == [Draft("one", False), Draft("", True)]


def test_notes_behind_the_last_page_stand_on_it() -> None:
    assert drafts(Parts("one\f\n", {0: ["first"], 1: ["second"]})) == [Draft("one\n\nfirst\nsecond", False)]


def test_text_is_tidied() -> None:
    assert tidied("\n\na\t\t\nb \n\n\n\n\tc\n\n") == "a\nb\n\n\tc"
    assert tidied("\t" * 100_000 + "x") == "\t" * 100_000 + "x"

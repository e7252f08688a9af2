"""Words divided at line ends: joined where the document shows that they are one, left alone wherever it does not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datatypes import PageText
from pipeline.outcomes import Code
from pipeline.parsing import hyphenation
from pipeline.parsing.hyphenation import mended
from tests.parsing.support import CAREFUL

# A document that divides words, and says so: each of these stands undivided, too.
DIVIDING = "The infor-\nmation and the agree-\nment of the depart-\nment.\n information, agreement, department.\n"


def mend(*texts: str) -> list[str]:
    return [page.text for page in mended([PageText(number, text) for number, text in enumerate(texts, 1)])]


@pytest.mark.parametrize(
    ("divided", "joined"),
    [
        ("an exam-\nple of it; example", "an example\nof it; example"),
        ("an exam-\nple, of it; example", "an example,\nof it; example"),
        ("an exam- \n  ple of it; example", "an example\nof it; example"),
        ("an exam-\nple\nof it; example", "an example\nof it; example"),
        ("Example: an exam-\nple", "Example: an example"),
        ("(infor-\nmation) information", "(information)\ninformation"),
        ("l’infor-\nmation de l’information", "l’information\nde l’information"),
        ("die Donau-Dampf-\nschifffahrt (Dampfschifffahrt)", "die Donau-Dampfschifffahrt\n(Dampfschifffahrt)"),
        ("this AGREE-\nMENT is the AGREEMENT", "this AGREEMENT\nis the AGREEMENT"),
        ("by Post-\nScript; PostScript", "by PostScript;\nPostScript"),
        ("auto-\nmation is automation", "automation\nis automation"),
        ("inter-\nnation-\nal; internation national", "internation-\nal; internation national"),
    ],
)
def test_a_word_that_stands_undivided_elsewhere_is_joined(divided: str, joined: str) -> None:
    assert mend(divided) == [joined]


def test_it_may_stand_on_another_page() -> None:
    assert mend("It is an exam-\nple of it.", "Another example.") == ["It is an example\nof it.", "Another example."]


@pytest.mark.parametrize(
    "text",
    [
        "a long-\nterm plan; a long-term plan; longterm",  # with its hyphen elsewhere
        "a long-\nterm plan",  # nothing says that words are divided here
        "Smith-\nJones; Smithjones smithjones",
        "from 2019-\n2020 on, A4-\nseite",
        "items:\n- item\n-\nitem",
        "x-\nylophone hyphe-\nn; xylophone hyphen",
        "/usr/lo-\ncal http://example.org/infor-\nmation; local information",
        "user_na-\nme foo@exam-\nple.org; name example",
        "--no-in-\nstall; noinstall install",
        "information-\n2 infor-\nmation_x infor-\nmation.txt information",
        "infor -\nmation infor-\n\nmation information",
        "word—\nword wordword",
    ],
)
def test_what_may_be_meant_stays(text: str) -> None:
    assert mend(text) == [text]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("a defi-\nnition without another", "a definition\nwithout another"),
        ("die Verzeich-\nnisse hier", "die Verzeichnisse\nhier"),
        ("une défi-\nnition ici", "une définition\nici"),
        ("user-\ndefined: defined by a user", None),  # two words of their own
        ("Vor-\nund Nachteile", None),
        ("pre-\nand post", None),
        ("PDF-\nfile", None),
        ("LilyPond-\nPaket", None),
    ],
)
def test_where_words_are_divided_others_are_joined_too_unless_they_look_like_compounds(
    text: str, joined: str | None
) -> None:
    assert mend(DIVIDING, text)[1] == (joined or text)
    assert mend(text) == [text]


def test_many_lines_that_end_with_a_hyphen_show_that_words_are_divided() -> None:
    column = "Ableh-\nnung\nBewer-\ntung\nChro-\nnik\n"
    assert mend(column) == ["Ablehnung\nBewertung\nChronik\n"]
    assert mend(column + "line\n" * 100) == [column + "line\n" * 100]
    compounds = "long-\nterm and well-\nknown: long-term, well-known\n"
    assert mend(column + compounds) == [column + compounds]


def test_compounds_at_line_ends_show_that_words_are_not_divided() -> None:
    compounds = "long-\nterm, well-\nknown, high-\nlevel plans; long-term, well-known, high-level.\n"
    assert mend(compounds + "infor-\nmation, information, an exam-\nple") == [
        compounds + "information,\ninformation, an exam-\nple"
    ]


def test_parts_of_other_divided_words_are_no_evidence() -> None:
    text = "infor-\nmation infor-\nmal mation-\nless"
    assert mend(DIVIDING, text)[1] == "information\ninformal\nmationless"


def test_all_else_of_a_page_stays() -> None:
    page = PageText(3, "exam-\nple; example", Code.READER_LIMIT, "engine", 71.5, 300)
    assert mended([page]) == (PageText(3, "example;\nexample", Code.READER_LIMIT, "engine", 71.5, 300),)


PARTS = (
    "exam", "ple", "example", "long-term", "-\n", "-\n", "- \n", "\n", " ", " ", ".", ",", "(", "’", "-", "7", "É", "ß",
    "und", "\t", "中", "/", "infor-\nmation ", "information ",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS) | st.characters()).map("".join)


@CAREFUL
@given(st.lists(TEXTS, max_size=4))
def test_nothing_but_hyphens_and_white_space_changes(texts: list[str]) -> None:
    for before, after in zip(texts, mend(*texts), strict=True):
        assert [one for one in before if not one.isspace() and one != "-"] == [
            one for one in after if not one.isspace() and one != "-"
        ]
        assert len(after) <= len(before)
        assert before.count("\n") - after.count("\n") <= before.count("-") - after.count("-")


@CAREFUL
@given(st.lists(TEXTS, max_size=4))
def test_a_text_without_a_hyphen_at_a_line_end_stays(texts: list[str]) -> None:
    whole = [text.replace("-", "") for text in texts]
    assert mend(*whole) == whole


@pytest.mark.parametrize(
    "text",
    [
        "ab-\ncd" * 50_000,
        "'a" * 300_000 + "b-\ncd",
        "a-" * 300_000 + "bc-\nde",
        "a" * 600_000 + "-\n" + "b" * 600_000,
        "ab-" + " " * 600_000 + "\ncd",
        ("ab-" + " " * 99) * 6_000,
    ],
    ids=["divisions", "apostrophes", "hyphens", "letters", "spaces", "no line ends"],
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    assert len(mend(text)[0]) <= len(text)
    assert time.process_time() - begun < 3


def test_what_stands_far_behind_is_evidence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hyphenation, "_STRETCH_CHARACTERS", 50)
    far = "between and behind " * 40
    assert mend(f"exam-\nple {far}example long-\nterm {far}long-term longterm") == [
        f"example\n{far}example long-\nterm {far}long-term longterm"
    ]


def test_a_document_with_more_divisions_than_a_book_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hyphenation, "_MOST_DIVISIONS", 3)
    assert mend("exam-\nple " * 3 + "example") == ["example\n" * 3 + "example"]
    assert mend("exam-\nple " * 4 + "example") == ["exam-\nple " * 4 + "example"]

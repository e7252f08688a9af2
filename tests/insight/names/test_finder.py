"""Names in documents, with the real model, in sentences that it has not learned from."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from pipeline.chunking import split
from pipeline.config import PersonalDataConfig
from pipeline.datatypes import PageText
from pipeline.insight.names.finder import NameFinder
from pipeline.insight.pii.inspector import Inspector
from pipeline.personal import PersonalKind

SENTENCE = "Please tell Mr. Anthony Grzelak of Whitfield Marine Ltd that the ship has left Rotterdam."
NAMED = {("Anthony Grzelak", "person"), ("Whitfield Marine Ltd", "organisation"), ("Rotterdam", "place")}
FILLER = "The goods are delivered on time, and the price is paid within thirty days of receipt. "


def found(finder: NameFinder, *pages: str) -> list[tuple[int, str, str]]:
    given = [PageText(number, text) for number, text in enumerate(pages, 1)]
    return [(one.page, pages[one.page - 1][one.start : one.end], one.kind) for one in finder.find(given)]


def test_names_of_three_kinds_are_found_where_they_stand(finder: NameFinder) -> None:
    assert {named[1:] for named in found(finder, SENTENCE)} == NAMED
    assert found(finder, FILLER) == []
    assert found(finder, "") == found(finder) == []


def test_each_name_of_a_long_page_is_found_once_wherever_passages_overlap(finder: NameFinder) -> None:
    text = (FILLER * 2 + SENTENCE + " ") * 25
    names = found(finder, text)
    assert len(split([PageText(1, text)], finder._embedder.token_spans, 256)) > 3
    assert sorted({named[1:] for named in names} & NAMED) == sorted(NAMED)
    for name, kind in NAMED:
        assert 22 <= names.count((1, name, kind)) <= 25, name  # one may be cut where a passage ends
    assert len(names) == len(set(finder.find([PageText(1, text)])))


def test_a_reading_during_embedding_finds_the_same_as_a_pass_of_its_own(finder: NameFinder) -> None:
    pages = [PageText(1, SENTENCE), PageText(2, ""), PageText(3, FILLER * 30 + SENTENCE)]
    embedder = finder._embedder
    chunks = split(pages, embedder.token_spans, embedder.max_passage_tokens)
    reading = finder.reading(chunks)
    vectors = embedder.encode([chunk.text for chunk in chunks], observe=reading.observe)
    assert list(reading.names()) == list(finder.find(pages))
    assert np.array_equal(vectors, embedder.encode([chunk.text for chunk in chunks]))


def test_names_in_running_heads_are_found_though_they_are_in_no_passage(finder: NameFinder) -> None:
    head = "Lease to Anthony Grzelak\n"
    page = PageText(4, head + FILLER, body=(len(head), len(head + FILLER)))
    inspector = Inspector(PersonalDataConfig(), finder)
    chunks = split([page], finder._embedder.token_spans, 256)
    reading = inspector.reading(chunks)
    assert reading is not None
    finder._embedder.encode([chunk.text for chunk in chunks], observe=reading.observe)
    (one,) = inspector.inspect([page], reading).findings
    assert (one.page, page.text[one.start : one.end], one.kind) == (4, "Anthony Grzelak", "person")


def inspected(inspector: Inspector, text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.kind) for one in inspector.inspect([PageText(1, text)]).findings]


def test_names_stand_beside_what_patterns_find_but_not_within_it(finder: NameFinder) -> None:
    text = "Write to Ingrid Solheim, ingrid.solheim@example.org, 12 Harbour Street, Bergen."
    everything = inspected(Inspector(PersonalDataConfig(), finder), text)
    assert ("Ingrid Solheim", "person") in everything
    assert ("ingrid.solheim@example.org", "email") in everything
    places = Inspector(PersonalDataConfig(), finder).inspect([PageText(1, text)]).findings
    assert all(before.end <= after.start for before, after in pairwise(places))


@pytest.mark.parametrize(
    ("kinds", "left"),
    [
        ((PersonalKind.PERSON,), [("Anthony Grzelak", "person")]),
        ((PersonalKind.PLACE, PersonalKind.EMAIL), [("Rotterdam", "place")]),
        ((PersonalKind.EMAIL,), []),
    ],
)
def test_only_the_kinds_of_the_configuration_are_found(
    finder: NameFinder, kinds: Sequence[PersonalKind], left: list[tuple[str, str]]
) -> None:
    assert inspected(Inspector(PersonalDataConfig(kinds=tuple(kinds)), finder), SENTENCE) == left


def test_a_name_that_is_allowed_is_no_finding(finder: NameFinder) -> None:
    inspector = Inspector(PersonalDataConfig(allow=("whitfield marine LTD", "rotterdam")), finder)
    assert inspected(inspector, SENTENCE) == [("Anthony Grzelak", "person")]


def test_with_names_an_inspector_is_another_unless_none_are_asked_for(finder: NameFinder) -> None:
    only = PersonalDataConfig(kinds=(PersonalKind.EMAIL,))
    assert Inspector(PersonalDataConfig(), finder).fingerprint != Inspector(PersonalDataConfig()).fingerprint
    assert Inspector(only, finder).fingerprint == Inspector(only).fingerprint
    assert Inspector(only, finder).reading([]) is None


@pytest.mark.parametrize(
    "text", ["\x00\x07" * 50, "A" * 5000, "王小明" * 300, "\ud800 Keller", ". . . " * 500, "é̂" * 200]
)
def test_no_text_is_too_strange(finder: NameFinder, text: str) -> None:
    for one in finder.find([PageText(1, text)]):
        assert 0 <= one.start < one.end <= len(text)

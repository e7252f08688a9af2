"""A segment against dictionaries of dictionaries: what it holds, how it is found, and what merging leaves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage.lexicon import segment as segments
from pipeline.storage.lexicon.segment import Segment
from tests.storage.lexicon import plainly
from tests.storage.lexicon.plainly import Passage, assert_equal, assert_same, built, flags, held, part, postings

CORPUS = (
    Passage(3, 1, "The rent of the house. Rents are due."),
    Passage(4, 1, "termination, terminate"),
    Passage(9, 4, "Die Mieter zahlen die Miete.", "de"),
    Passage(10, 5, ""),
    Passage(11, 5, "合同 rent ACC-2291/B"),
)


def vocabulary(segment: Segment) -> list[bytes]:
    return [segment.term(place) for place in range(len(segment.bounds) - 1)]


def test_a_segment_knows_its_passages_and_their_documents() -> None:
    segment = built(CORPUS)
    assert len(segment) == 5
    assert segment.chunks.tolist() == [3, 4, 9, 10, 11]
    assert segment.document_ids.tolist() == [1, 4, 5]
    assert segment.document_ids[segment.documents].tolist() == [1, 1, 4, 5, 5]
    assert segment.sizes.tolist() == [2, 1, 2]


def test_terms_are_found_with_where_they_stand() -> None:
    segment = built(CORPUS)
    place = segment.find([b"rent"]).get(b"rent")
    assert place is not None
    slots, impacts = segment.postings(place)
    assert slots.tolist() == [0, 4]
    assert impacts[0] > impacts[1]  # twice in the one
    assert segment.find([b"the", b"", b"zzz", b"ren"]) == {}


@pytest.mark.parametrize(
    ("count", "words", "expected"),
    [
        (1, 130, 1.0),  # 1 * 2.2 / (1 + 1.2)
        (2, 130, 1.375),  # 2 * 2.2 / (2 + 1.2)
        (1, 0, 2.2 / 1.3),
        (1, 260, 2.2 / 3.1),
        (1000, 1000, 2200 / (1000 + 1.2 * (0.25 + 0.75 * 1000 / 130))),
        (10**6, 1, 2.2),
        (1, 10**9, 2.2 / 255),
    ],
)
def test_what_a_term_says_is_that_of_bm25_to_half_a_step(count: int, words: int, expected: float) -> None:
    impact = segments.impacts(np.array([count]), np.array([words]))[0]
    assert impact * segments.STEP == pytest.approx(expected, abs=segments.STEP / 2 + 1e-6)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(plainly.corpora())
def test_a_segment_holds_what_dictionaries_hold(passages: list[Passage]) -> None:
    segment = built(passages)
    assert segment.chunks.tolist() == [one.chunk for one in passages]
    assert segment.document_ids[segment.documents].tolist() == [one.document for one in passages]
    assert_same(held([part(passages)]), postings(passages))
    terms = vocabulary(segment)
    assert terms == sorted(set(terms))
    assert segment.find([*terms, b"absent", b"\xff" * 9]) == {term: place for place, term in enumerate(terms)}
    for place in range(len(terms)):
        slots = segment.postings(place)[0].tolist()
        assert slots == sorted(set(slots))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(plainly.corpora(4), st.sampled_from([b"", b"t", b"te", b"rent", b"\xe5", b"\xf4", b"1"]), st.integers(0, 4))
def test_terms_with_a_beginning_lie_together(passages: list[Passage], prefix: bytes, most: int) -> None:
    segment = built(passages)
    expected = [place for place, term in enumerate(vocabulary(segment)) if term.startswith(prefix)]
    assert list(segment.beginning(prefix, 10**6)) == expected
    assert list(segment.beginning(prefix, most)) == expected[:most]


def test_a_segment_without_words_finds_nothing() -> None:
    for passages in ([], [Passage(1, 1, ""), Passage(2, 1, "... 💥")]):
        segment = built(passages)
        assert vocabulary(segment) == []
        assert segment.find([b"rent"]) == {}
        assert list(segment.beginning(b"", 10)) == []
        other = built([Passage(7, 9, "rent")])
        merged = segments.merged([segment, other], [flags([True] * len(passages)), flags([True])])
        assert merged.chunks.tolist() == [one.chunk for one in passages] + [7]
        assert vocabulary(merged) == [b"rent"]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(plainly.corpora(), st.data())
def test_segments_that_are_merged_are_as_if_built_at_once_of_what_was_not_erased(
    passages: list[Passage], data: st.DataObject
) -> None:
    documents = list(dict.fromkeys(one.document for one in passages))
    pieces: list[list[Passage]] = [[]]
    for document in documents:
        if data.draw(st.booleans()):
            pieces.append([])
        pieces[-1] += [one for one in passages if one.document == document]
    erased = data.draw(st.sets(st.sampled_from([one.chunk for one in passages]))) if passages else set()
    alive = [flags([one.chunk not in erased for one in piece]) for piece in pieces]
    merged = segments.merged([built(piece) for piece in pieces], alive)
    assert_equal(merged, built([one for one in passages if one.chunk not in erased]))


def test_what_is_erased_is_not_in_the_vocabulary_any_more() -> None:
    alive = flags([one.document != 5 for one in CORPUS])
    merged = segments.merged([built(CORPUS)], [alive])
    assert b"acc.2291.b" in vocabulary(built(CORPUS))
    assert not {b"acc.2291.b", b"acc", "合同".encode()} & set(vocabulary(merged))
    assert merged.document_ids.tolist() == [1, 4]

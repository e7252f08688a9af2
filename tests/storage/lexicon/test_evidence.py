"""What words say, against the formulas computed in plain Python, passage by passage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage.lexicon import evidence
from pipeline.storage.lexicon.evidence import Evidence, Shares, Sought
from pipeline.storage.lexicon.parts import Part
from pipeline.storage.lexicon.segment import STEP
from tests.storage.lexicon import plainly
from tests.storage.lexicon.plainly import Passage, part, rarity, said

LEASES = (
    Passage(1, 1, "The tenant pays the rent."),
    Passage(2, 1, "Rent is due."),
    Passage(3, 1, "Termination with notice."),
    Passage(5, 2, "The tenant may terminate."),
    Passage(6, 2, "Assignment of the lease."),
    Passage(9, 4, "A recipe for cake."),
)


def by_chunk(parts: tuple[Part, ...], values: tuple[evidence.Floats, ...]) -> dict[int, float]:
    """What is not nothing, by chunk."""
    return {
        int(chunk): float(value)
        for one, array in zip(parts, values, strict=True)
        for chunk, value in zip(one.segment.chunks, array, strict=True)
        if value
    }


def passages_of(parts: tuple[Part, ...], found: Evidence) -> dict[int, float]:
    """The whole weights times impacts, by chunk."""
    return by_chunk(parts, arrays(parts, found, Shares(1.0, 0.0)))


def within_of(parts: tuple[Part, ...], found: Evidence) -> dict[int, float]:
    """The passage's part of the weights times impacts, by chunk."""
    return by_chunk(parts, arrays(parts, found, Shares(0.0, 1.0)))


def arrays(parts: tuple[Part, ...], found: Evidence, shares: Shares) -> tuple[evidence.Floats, ...]:
    return tuple(found.of_passages(place, part.segment, shares) for place, part in enumerate(parts))


def documents_of(parts: tuple[Part, ...], found: Evidence) -> tuple[evidence.Floats, ...]:
    return tuple(found.of_documents(place, part.segment) for place, part in enumerate(parts))


def by_document(parts: tuple[Part, ...], found: Evidence) -> dict[int, float]:
    return {
        int(document): float(value)
        for one, array in zip(parts, documents_of(parts, found), strict=True)
        for document, value in zip(one.segment.document_ids, array, strict=True)
        if value
    }


def test_how_rare_a_word_is_says_how_much_it_weighs() -> None:
    parts = (part(LEASES),)
    found = evidence.weigh(parts, [Sought(("rent",)), Sought(("termin",)), Sought(("nothing",))])
    rent, termin, unknown = found.weights
    assert rent.whole == pytest.approx(rarity(2, 6))
    assert termin.whole == pytest.approx(rarity(2, 6))
    # "rent" stands in one document of three, in two of its three passages; "termin" in two, in two of their five.
    assert rent.document / rent.passage == pytest.approx(rarity(1, 3) / rarity(2, 3))
    assert termin.document / termin.passage == pytest.approx(rarity(2, 3) / rarity(2, 5))
    assert rent.document > termin.document
    assert unknown.document == 0
    assert unknown.passage == pytest.approx(rarity(0, 6))
    assert found.most == pytest.approx(sum(one.whole for one in found.weights))


def test_a_word_of_a_name_counts_for_its_documents_and_for_no_passage() -> None:
    parts = (part(LEASES),)
    found = evidence.weigh(parts, [Sought(("zanzibar",), names=(2, 77))])
    assert [(one.document, one.passage) for one in found.weights] == [(rarity(1, 3), 0.0)]
    assert passages_of(parts, found) == {}
    assert by_document(parts, found) == {2: pytest.approx(rarity(1, 3))}
    both = evidence.weigh(parts, [Sought(("rent",), names=(2,))])
    assert by_document(parts, both).keys() == {1, 2}
    assert both.weights[0].document < evidence.weigh(parts, [Sought(("rent",))]).weights[0].document


def test_an_erased_passage_says_nothing_and_is_counted_nowhere() -> None:
    living = [one for one in LEASES if one.document != 1]
    masked, without = (part(LEASES, erased=[1, 2, 3]),), (part(living),)
    words = [Sought(("termin",)), Sought(("rent",)), Sought(("tenant",), beginning="a")]
    one, other = evidence.weigh(masked, words), evidence.weigh(without, words)
    assert one.weights == other.weights
    assert passages_of(masked, one) == passages_of(without, other)
    assert by_document(masked, one) == by_document(without, other)
    assert evidence.slots_of(masked[0], Sought(("tenant",))).tolist() == [3]


def test_of_several_forms_in_one_passage_the_strongest_counts_once() -> None:
    parts = (part([Passage(1, 1, "rent rent rent deposit", ""), Passage(2, 1, "deposit", "")]),)
    both = passages_of(parts, evidence.weigh(parts, [Sought(("rent", "deposit"))]))
    weight = evidence.weigh(parts, [Sought(("rent", "deposit"))]).weights[0].whole
    assert both[1] == pytest.approx(weight * plainly.impact(3, 4) / 255 * 2.2, rel=0.01)
    assert evidence.slots_of(parts[0], Sought(("rent", "deposit"))).tolist() == [0, 1]


def test_a_beginning_stands_for_all_terms_that_begin_so() -> None:
    parts = (part(LEASES),)
    assert evidence.slots_of(parts[0], Sought((), beginning="t")).tolist() == [0, 2, 3]
    assert evidence.slots_of(parts[0], Sought(("cake",), beginning="assig")).tolist() == [4, 5]
    assert evidence.slots_of(parts[0], Sought((), beginning="z")).tolist() == []


def test_no_more_terms_than_a_thousand_stand_for_a_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_MOST_BEGINNINGS", 2)
    one = part([Passage(number, number, f"a{number}") for number in range(1, 6)])
    assert evidence.slots_of(one, Sought((), beginning="a")).tolist() == [0, 1]


def test_half_a_character_is_sought_and_not_found() -> None:
    assert evidence.slots_of(part(LEASES), Sought(("\ud800", "?"), beginning="\udfff")).tolist() == []


def test_of_an_empty_index_nothing_is_said() -> None:
    found = evidence.weigh((), [Sought(("rent",))])
    assert found.standing == ()
    assert found.most == pytest.approx(rarity(0, 0))
    assert evidence.weigh((part(LEASES),), []).most == 0


WORDS = st.lists(
    st.tuples(
        st.sets(st.sampled_from(["rent", "tenant", "miet", "合同", "租合", "acc.2291.b", "14", "none"]), max_size=3),
        st.sampled_from([None, None, "t", "合", "1"]),
        st.sets(st.integers(1, 9), max_size=3),
    ),
    max_size=4,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(plainly.corpora(), WORDS, st.data())
def test_it_is_what_the_formulas_say(
    passages: list[Passage], words: list[tuple[set[str], str | None, set[int]]], data: st.DataObject
) -> None:
    """However the passages are divided into segments, and whatever was erased of them."""
    documents = list(dict.fromkeys(one.document for one in passages))
    erased = data.draw(st.sets(st.sampled_from(documents))) if documents else set()
    bound = data.draw(st.integers(0, len(documents)))
    groups = [set(documents[:bound]), set(documents[bound:])]
    pieces = [[one for one in passages if one.document in group] for group in groups]
    parts = tuple(part(piece, [one.chunk for one in piece if one.document in erased]) for piece in pieces)
    sought = [Sought(tuple(sorted(terms)), begins, tuple(sorted(names - erased))) for terms, begins, names in words]
    found = evidence.weigh(parts, sought)
    living = [one for one in passages if one.document not in erased]
    expected = [said(living, terms, beginning, sorted(names)) for terms, beginning, names in words]
    for weight, one in zip(found.weights, expected, strict=True):
        assert [weight.document, weight.passage] == pytest.approx([one.document, one.passage])
    everywhere = {one.chunk: 0.0 for one in passages}
    whole, passage, around = dict(everywhere), dict(everywhere), {one.document: 0.0 for one in passages}
    for one in expected:
        for chunk, impact in one.chunks.items():
            whole[chunk] += (one.document + one.passage) * impact
            passage[chunk] += one.passage * impact
        for document in one.documents:
            around[document] += one.document
    tolerance = 1.1 * STEP * (found.most + 1)  # an impact at the bound of a step
    for said_of, exact in ((passages_of, whole), (within_of, passage)):
        got = everywhere | said_of(parts, found)
        assert all(abs(got[chunk] - exact[chunk]) <= tolerance for chunk in everywhere)
        assert {chunk for chunk in got if got[chunk]} == {chunk for chunk in exact if exact[chunk]}
    assert dict.fromkeys(around, 0.0) | by_document(parts, found) == pytest.approx(around, abs=1e-4)


def test_arrays_are_those_of_the_parts() -> None:
    parts = (part(LEASES[:3]), part(LEASES[3:]))
    found = evidence.weigh(parts, [Sought(("tenant",))])
    passages, around = arrays(parts, found, Shares(1.0, 1.0)), documents_of(parts, found)
    assert [one.shape for one in passages] == [(3,), (3,)]
    assert [one.shape for one in around] == [(1,), (2,)]
    assert {one.dtype for one in (*passages, *around)} == {np.dtype(np.float32)}

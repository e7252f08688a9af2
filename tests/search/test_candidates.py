"""Which passages are looked at, and with what score: against the formula, passage by passage."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.search import candidates
from pipeline.search.candidates import ByWord, Index
from pipeline.search.weights import BY_MEANING, BY_WORD, FAMILIAR_CHARACTERS, LEARNED, Weights, familiarity
from pipeline.storage.lexicon import evidence
from pipeline.storage.lexicon.evidence import Evidence, Sought, Standing, Weight
from pipeline.storage.lexicon.parts import Part
from tests.storage.lexicon import plainly
from tests.storage.lexicon.plainly import Passage, part, said

WEIGHTS = Weights(meaning=1.0, words=3.0, within=5.0, document=7.0, sentence=1.0, named=11.0)
LEASES = (
    Passage(1, 1, "The tenant pays the rent."),
    Passage(2, 1, "Rent is due, the rent of the tenant."),
    Passage(3, 1, "Termination with notice."),
    Passage(5, 2, "The tenant may terminate."),
    Passage(6, 2, "Assignment of the lease."),
    Passage(9, 4, "A recipe for cake."),
)
PARTS = (part(LEASES[:3]), part(LEASES[3:]))


def narrowed(parts: tuple[Part, ...], *documents: int) -> Index:
    return Index.narrowed(parts, np.array(documents, np.int64))


def scored(index: Index, words: list[Sought], weights: Weights = WEIGHTS) -> ByWord:
    return ByWord.of(index, evidence.weigh(index.parts, words), None, weights)


def test_all_documents_take_part_but_for_what_was_erased() -> None:
    index = Index.narrowed(PARTS, None)
    assert (index.is_narrowed, index.allowed) == (False, (None, None))
    assert index.chunks().tolist() == [1, 2, 3, 5, 6, 9]
    index = Index.narrowed((part(LEASES[:3], erased=[2]), PARTS[1]), None)
    assert index.is_narrowed
    assert index.chunks().tolist() == [1, 3, 5, 6, 9]


def test_only_the_documents_that_are_asked_for_take_part() -> None:
    assert narrowed(PARTS, 2, 77).chunks().tolist() == [5, 6]
    assert narrowed((part(LEASES[:3], erased=[1]), PARTS[1]), 1, 4).chunks().tolist() == [2, 3, 9]
    assert narrowed(PARTS).chunks().tolist() == []
    assert Index.narrowed((), None).chunks().tolist() == []


def test_a_document_that_was_read_anew_takes_part_though_its_passages_come_later() -> None:
    again = part([Passage(11, 7, "rent"), Passage(12, 8, "rent"), Passage(13, 3, "rent of the tenant")])
    index = narrowed((again,), 3, 8)
    assert index.chunks().tolist() == [12, 13]
    words = [Sought(("rent",), names=(3, 7)), Sought(("zanzibar",), names=(3,))]
    assert list(scored(index, words).best(index, 10)) == [13, 12]
    whole = Index.narrowed((again,), None)
    assert sorted(scored(whole, [Sought(("zanzibar",), names=(3, 8))]).best(whole, 10, np.array([3, 8]))) == [12, 13]


def test_the_best_have_a_word_and_come_in_order_of_their_scores() -> None:
    index = Index.narrowed(PARTS, None)
    words = [Sought(("rent",)), Sought(("tenant",))]
    by_word = scored(index, words)
    best = by_word.best(index, 10)
    assert list(best) == [2, 1, 5]
    assert list(best.values()) == sorted(best.values(), reverse=True) == by_word.of_chunks(index, [2, 1, 5])
    assert [list(by_word.best(index, limit)) for limit in (1, 2, 3)] == [[2], [2, 1], [2, 1, 5]]
    assert scored(index, [Sought(("nothing",))]).best(index, 10) == {}


def test_what_takes_no_part_is_never_among_the_best() -> None:
    index = narrowed(PARTS, 2)
    by_word = scored(index, [Sought(("rent",)), Sought(("tenant",))])
    assert list(by_word.best(index, 10)) == [5]
    erased = Index.narrowed((part(LEASES[:3], erased=[1, 2, 3]), PARTS[1]), None)
    assert list(scored(erased, [Sought(("rent",)), Sought(("tenant",))]).best(erased, 10)) == [5]


def test_equal_scores_come_by_id_across_segments() -> None:
    alike = [Passage(chunk, chunk, "rent " * (1 + chunk % 3)) for chunk in range(1, 401)]
    expected = sorted(range(1, 401), key=lambda chunk: (-(chunk % 3), chunk))
    for parts in ((part(alike),), (part(alike[:7]), part(alike[7:90]), part(alike[90:]))):
        index = Index.narrowed(parts, None)
        by_word = scored(index, [Sought(("rent",))])
        for limit in (1, 5, 133, 134, 200, 399, 400, 1000):
            assert list(by_word.best(index, limit)) == expected[:limit]


def test_a_document_whose_name_has_the_word_lifts_all_its_passages_but_only_where_words_are_found() -> None:
    index = Index.narrowed(PARTS, None)
    by_word = scored(index, [Sought(("tenant",)), Sought(("lease",), names=(1,))])
    scores = dict(zip([1, 2, 3, 5, 6, 9], by_word.of_chunks(index, [1, 2, 3, 5, 6, 9]), strict=True))
    assert scores[1] > scores[5]
    assert scores[3] > scores[9] == 0
    assert 3 not in by_word.best(index, 10)


def test_what_the_index_does_not_hold_scores_nothing() -> None:
    index = Index.narrowed(PARTS, None)
    by_word = scored(index, [Sought(("rent",))])
    assert by_word.of_chunks(index, [4, 99, 0, -1]) == [0.0] * 4
    assert by_word.of_chunks(index, []) == []
    nothing = Index.narrowed((), None)
    assert scored(nothing, [Sought(("rent",))]).of_chunks(nothing, [1]) == [0.0]
    assert scored(nothing, [Sought(("rent",))]).best(nothing, 5) == {}


def test_of_a_document_that_is_called_so_the_first_passage_is_found() -> None:
    index = Index.narrowed(PARTS, None)
    words = [Sought(("zanzibar",), names=(2, 4)), Sought(("rent",))]
    by_word = scored(index, words)
    assert list(by_word.best(index, 10)) == [2, 1]
    assert sorted(by_word.best(index, 10, np.array([2, 4, 77]))) == [1, 2, 5, 9]
    assert sorted(by_word.best(narrowed(PARTS, 4), 10, np.array([2, 4, 77]))) == [9]


def test_a_document_is_called_so_whose_name_has_most_of_the_question() -> None:
    words = [Sought(("zanzibar",), names=(2, 4)), Sought(("rent",), names=(4,)), Sought(("tenant",))]
    found = evidence.weigh(PARTS, words)
    weights = [one.whole for one in found.weights]
    assert candidates.called(found, words) == {4: pytest.approx((weights[0] + weights[1]) / sum(weights))}
    assert candidates.called(evidence.weigh(PARTS, []), []) == {}
    many = [Sought(("zanzibar",), names=tuple(range(1, 500)))]
    assert len(candidates.called(evidence.weigh(PARTS, many), many)) == 100


def test_the_few_documents_that_are_asked_for_by_name_are_wanted() -> None:
    index = Index.narrowed(PARTS, None)
    assert candidates.named_wholly(index, {2: 1.0, 4: 0.9}) == {5}
    assert candidates.named_wholly(index, {2: 0.94}) == frozenset()
    assert candidates.named_wholly(index, {2: 1.0, 4: 1.0}) == frozenset()  # of three documents two are no few
    assert candidates.named_wholly(index, {77: 1.0}) == candidates.named_wholly(index, {}) == frozenset()


TERMS = st.sets(st.sampled_from(["rent", "tenant", "miet", "合同", "acc.2291.b", "none"]), max_size=2)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    plainly.corpora(),
    st.lists(st.tuples(TERMS, st.sets(st.integers(1, 9), max_size=3)), max_size=4),
    st.one_of(st.none(), st.sets(st.integers(1, 12), max_size=4)),
    st.dictionaries(st.integers(1, 12), st.floats(0, 1, width=32), max_size=3) | st.none(),
    st.integers(0, 2),
)
def test_scores_are_shares_of_what_all_words_weigh(
    passages: list[Passage],
    words: list[tuple[set[str], set[int]]],
    wanted: set[int] | None,
    named: dict[int, float] | None,
    bound: int,
) -> None:
    documents = list(dict.fromkeys(one.document for one in passages))
    first = set(documents[:bound])
    pieces = [[one for one in passages if (one.document in first) is is_first] for is_first in (True, False)]
    parts = tuple(part(piece) for piece in pieces if piece)
    index = Index.narrowed(parts, None if wanted is None else np.array(sorted(wanted), np.int64))
    found = evidence.weigh(parts, [Sought(tuple(sorted(terms)), None, tuple(sorted(names))) for terms, names in words])
    by_document = None
    if named is not None:
        by_document = tuple(
            np.array([named.get(int(one), 0.0) for one in each.segment.document_ids], np.float32) for each in parts
        )
    by_word = ByWord.of(index, found, by_document, WEIGHTS)
    everything = [said(passages, terms, None, sorted(names)) for terms, names in words]
    most = sum(one.document + one.passage for one in everything) or 1.0
    exact = {}
    for one in passages:
        score = 11.0 * (named or {}).get(one.document, 0.0)
        for word in everything:
            impact = word.chunks.get(one.chunk, 0.0)
            score += (3.0 * (word.document + word.passage) + 5.0 * word.passage) * impact / most
            score += 7.0 * word.document * (one.document in word.documents) / most
        exact[one.chunk] = score
    chunks = [one.chunk for one in passages]
    assert by_word.of_chunks(index, chunks) == pytest.approx([exact[one] for one in chunks], abs=0.15)
    allowed = {one.chunk for one in passages if wanted is None or one.document in wanted}
    having = {chunk for word in everything for chunk in word.chunks} & allowed
    best = by_word.best(index, 1000)
    assert set(best) == having
    assert list(best) == sorted(best, key=lambda chunk: (-best[chunk], chunk))
    assert all(list(by_word.best(index, limit)) == list(best)[:limit] for limit in (1, 2, 3))


def weighed(*documents: list[float], of: tuple[float, ...] = (1.0,)) -> Evidence:
    """Evidence in which only documents have anything: each value of theirs is a word of its own."""
    values = sorted({value for one in documents for value in one if value})
    weights = [Weight(value - before, 0.0) for before, value in pairwise([0.0, *values])]
    weights.append(Weight(sum(of) - sum(one.document for one in weights), 0.0))
    none = np.zeros(len(weights), np.int64)
    standing = [
        Standing(
            np.empty(0, np.int64),
            np.empty(0, np.float32),
            np.zeros(len(weights) + 1, np.int64),
            np.array([np.array(one) >= value for value in (*values, np.inf)]),
            none,
        )
        for one in documents
    ]
    return Evidence(tuple(weights), tuple(standing))


def test_words_name_a_document_that_few_others_come_near() -> None:
    many = tuple(part([Passage(one, one, "rent") for one in range(first, first + 50)]) for first in (1, 51))
    index = Index.narrowed(many, None)
    nothing = [0.0] * 48
    found = candidates.named(index, weighed([2.0, 1.0, *nothing], [0.5, 0.0, *nothing], of=(2.0, 1.0)))
    assert found is not None
    assert [one.tolist()[:2] for one in found] == [[1.0, 0.5], [0.25, 0.0]]
    assert candidates.documents_named(index, found).tolist() == [1]
    three = candidates.named(index, weighed([2.0, 1.7, *nothing], [1.6, 0.0, *nothing], of=(2.0,)))
    assert three is not None
    assert candidates.documents_named(index, three).tolist() == [1, 2, 51]


@pytest.mark.parametrize(
    ("documents", "of"),
    [
        ([1.7] + [0.0] * 99, (3.0,)),  # less than 0.6 of what the words say
        ([2.0, 1.7, 1.7, 1.7] + [0.0] * 96, (2.0,)),  # as near are more than 3 of 100
        ([2.0] * 100, (2.0,)),
        ([0.0] * 100, (2.0,)),
        ([0.0] * 100, ()),
    ],
)
def test_words_that_no_document_or_many_have_name_none(documents: list[float], of: tuple[float, ...]) -> None:
    index = Index.narrowed((part([Passage(one, one, "rent") for one in range(1, 101)]),), None)
    assert candidates.named(index, weighed(documents, of=of)) is None


def test_of_a_few_documents_one_alone_is_named() -> None:
    index = Index.narrowed(PARTS, None)
    assert candidates.named(index, weighed([2.0], [0.0, 1.0], of=(2.0,))) is not None
    assert candidates.named(index, weighed([2.0], [0.0, 1.9], of=(2.0,))) is None
    assert candidates.named(Index.narrowed((), None), weighed(of=(2.0,))) is None


def test_passages_with_all_words_are_found_best_first() -> None:
    index = Index.narrowed(PARTS, None)
    words = [Sought(("rent",)), Sought(("tenant",))]
    by_word = scored(index, words)
    assert by_word.with_all(index, words, 10) == [2, 1]
    assert by_word.with_all(index, words, 1) == [2]
    assert by_word.with_all(index, [*words, Sought(("notic",))], 10) == []
    assert by_word.with_all(index, [], 10) == []
    assert by_word.with_all(index, [Sought(("notic", "assign"))], 10) == [3, 6]
    assert by_word.with_all(index, [Sought(("zzz",), beginning="t"), Sought(("tenant",))], 10) == [2, 1, 5]
    only = narrowed(PARTS, 2)
    assert by_word.with_all(only, [Sought(("tenant",))], 10) == [5]
    erased = Index.narrowed((part(LEASES[:3], erased=[1, 2, 3]), PARTS[1]), None)
    assert scored(erased, words).with_all(erased, [Sought(("tenant",))], 10) == [5]


def test_the_weights_of_a_mode_are_those_learned_without_what_it_does_not_ask() -> None:
    assert (BY_WORD.meaning, BY_WORD.words, BY_WORD.named) == (0.0, LEARNED.words, LEARNED.named)
    assert (BY_MEANING.words, BY_MEANING.within, BY_MEANING.document, BY_MEANING.sentence) == (0.0, 0.0, 0.0, 0.0)
    assert BY_MEANING.meaning > 0


def test_familiarity_grows_with_what_a_token_says_up_to_one() -> None:
    assert [familiarity(FAMILIAR_CHARACTERS * share) for share in (-1, 0, 0.5, 1, 3)] == [0.0, 0.0, 0.5, 1.0, 1.0]

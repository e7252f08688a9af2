"""Which segments an index has: few, none too large, and nothing erased once they are tidied."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage.lexicon import parts
from pipeline.storage.lexicon.parts import Part
from tests.storage.lexicon.plainly import Passage, built, held, part, postings


def passages(first: int, count: int) -> list[Passage]:
    return [Passage(chunk, chunk, f"rent {chunk} tenant") for chunk in range(first, first + count)]


def sizes(found: tuple[Part, ...] | list[Part]) -> list[int]:
    return [len(one.segment) for one in found]


def chunks(found: tuple[Part, ...] | list[Part]) -> list[int]:
    return [int(chunk) for one in found for chunk in one.segment.chunks[one.alive]]


def test_a_newer_segment_is_merged_with_an_older_one_of_like_size() -> None:
    first = (part(passages(1, 8)),)
    assert sizes(parts.added(first, built(passages(9, 2)))) == [10]
    assert sizes(parts.added(first, built(passages(9, 1)))) == [8, 1]
    assert sizes(parts.added(parts.added(first, built(passages(9, 1))), built(passages(10, 1)))) == [10]


def test_a_segment_with_a_file_is_left_alone_until_it_is_saved() -> None:
    segment = built(passages(1, 4))
    saved = Part(segment, np.ones(4, np.bool_), "words-1.segment")
    found = parts.added((saved,), built(passages(5, 4)))
    assert found[0] is saved
    assert sizes(found) == [4, 4]
    assert sizes(parts.tidied(found)) == [8]


def test_no_segment_grows_above_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LARGEST_SEGMENT", 10)
    found: tuple[Part, ...] = ()
    for first in range(1, 61, 3):
        found = parts.added(found, built(passages(first, 3)))
    assert max(sizes(found)) <= 10
    assert chunks(found) == chunks(parts.tidied(found)) == list(range(1, 61))
    assert max(sizes(parts.tidied(found))) <= 10


def test_of_a_thousand_segments_few_remain() -> None:
    found: tuple[Part, ...] = ()
    for chunk in range(1, 301):
        found = parts.added(found, built(passages(chunk, 1)))
        assert len(found) <= 6  # each at least four times as large as the next: log4(300) and one
        assert all(older > 4 * newer for older, newer in zip(sizes(found), sizes(found)[1:], strict=False))
    assert chunks(found) == list(range(1, 301))


def test_what_is_erased_is_masked_at_once_and_left_out_when_tidied() -> None:
    whole = part(passages(1, 5))
    assert parts.without(whole, np.array([99, 7])) is whole
    less = parts.without(whole, np.array([2, 4, 99]))
    assert (whole.whole, less.whole) == (True, False)
    assert chunks((less,)) == [1, 3, 5]
    assert chunks((parts.without(less, np.array([1])),)) == [3, 5]
    (tidy,) = parts.tidied([less])
    assert tidy.segment.chunks.tolist() == [1, 3, 5]
    assert (tidy.whole, tidy.saved) == (True, None)
    assert parts.tidied([parts.without(whole, np.arange(9))]) == []
    kept = Part(whole.segment, whole.alive, "words-1.segment")
    assert parts.tidied([kept]) == [kept]
    assert parts.without(kept, np.array([2])).saved == "words-1.segment"


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 6), max_size=12), st.sets(st.integers(1, 40)))
def test_nothing_is_lost_in_any_order_of_sizes(counts: list[int], erased: set[int]) -> None:
    found: tuple[Part, ...] = ()
    everything: list[Passage] = []
    for count in counts:
        new = passages(len(everything) + 1, count)
        everything += new
        found = parts.added(found, built(new))
    found = tuple(parts.without(one, np.array(sorted(erased), np.int64)) for one in found)
    left = [one for one in everything if one.chunk not in erased]
    for one in (found, parts.tidied(found)):
        assert chunks(one) == [passage.chunk for passage in left]
        assert {term: chunks.keys() for term, chunks in held(one).items()} == {
            term: chunks.keys() for term, chunks in postings(left).items()
        }
    assert all(one.whole for one in parts.tidied(found))


def test_parts_that_were_only_added_to_continue_those_before() -> None:
    one, other = part(passages(1, 9)), part(passages(20, 1))
    assert parts.is_continued([one, other], [one])
    assert parts.is_continued([parts.without(one, np.array([1])), other], [one])
    assert parts.is_continued([one], [])
    assert not parts.is_continued([one], [one, other])
    assert not parts.is_continued([other, one], [one])
    assert not parts.is_continued([part(passages(1, 9))], [one])

"""What a document is told apart by: vectors as a formula says, words as hashes, scaled by how many there are."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.insight.labelling.features import BEGINNING, HALF_TERMS, MAX_CHARACTERS, TERM_BITS, WORDS, features, table


def unit(*rows: tuple[float, float, float]) -> np.ndarray:
    made = np.array(rows, np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


@given(st.lists(st.tuples(*[st.floats(0.01, 1.0)] * 3), min_size=1, max_size=12))
def test_the_beginning_weighs_as_much_as_all_of_the_document(rows: list[tuple[float, float, float]]) -> None:
    vectors = unit(*rows)
    wanted = vectors[:BEGINNING].mean(axis=0) + vectors.mean(axis=0)
    found = features(vectors, []).dense
    assert found == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-6)


def test_passages_that_cancel_each_other_out_or_are_not_there_give_zeros() -> None:
    assert not features(unit((1, 0, 0), (-1, 0, 0)), []).dense.any()
    assert features(np.empty((0, 3), np.float32), []).dense.tolist() == [0, 0, 0]


def term(text: str) -> int:
    return zlib.crc32(text.encode()) & ((1 << TERM_BITS) - 1)


def test_terms_are_words_and_pairs_of_words_with_logarithmic_counts() -> None:
    found = features(unit((1, 0, 0)), ["Rent, RENT: due!", "rent x 1 due"])
    counts = dict(zip(found.terms.tolist(), found.counts.tolist(), strict=True))
    wanted = {"rent": 3, "due": 2, "rent rent": 1, "rent due": 2}
    assert counts == {term(word): pytest.approx(1 + np.log(count)) for word, count in wanted.items()}
    assert (np.diff(found.terms) > 0).all()


def test_a_text_without_words_and_a_very_long_one_have_an_end() -> None:
    assert features(unit((1, 0, 0)), ["", "§ 1 - 2"]).terms.tolist() == []
    long = features(unit((1, 0, 0)), ["word " * MAX_CHARACTERS, "other"])
    assert term("other") not in long.terms


def test_rows_of_a_table_have_known_terms_only_scaled_by_how_many_a_document_has() -> None:
    rows = [features(unit((1, 0, 0)), [text]) for text in ("alpha beta", "gamma", "")]
    vocabulary = np.sort(np.array([term("alpha"), term("beta")]))
    made = table(rows, vocabulary, np.array([1.0, 2.0], np.float32))
    assert made.starts.tolist() == [0, 2, 2, 2]
    size = WORDS * np.sqrt(3 / (3 + HALF_TERMS))  # alpha, beta, and both as a pair
    assert np.linalg.norm(made.values) == pytest.approx(size)
    assert made.values[1] == pytest.approx(2 * made.values[0])
    assert made.columns.tolist() == [0, 1]

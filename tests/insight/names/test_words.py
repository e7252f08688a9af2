"""Words of a text, what they look like, and what a model says of their tokens."""

import numpy as np
import pytest

from pipeline.insight.names import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Maria Keller's car", ["Maria", "Keller", "'", "s", "car"]),
        ("O'Connell & d'Angelo-Ruiz", ["O'Connell", "&", "d'Angelo", "-", "Ruiz"]),
        ("A12 costs 3.50€", ["A", "12", "costs", "3", ".", "50", "€"]),
        ("snake_case", ["snake", "_", "case"]),
        ("Łódź\tİstanbul\n東京", ["Łódź", "İstanbul", "東京"]),
        (" \n", []),
    ],
)
def test_words_are_runs_of_letters_numbers_and_single_marks(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in words.spans(text)] == found


def test_every_word_has_one_shape() -> None:
    text = "12 , small X CAPITALS Capital McMixed iMixed"
    looks = words.looks(text, words.spans(text))
    assert looks.shape == (8, words.LOOKS)
    assert looks[:, :8].argmax(axis=1).tolist() == list(range(8))
    assert (looks[:, :8].sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("text", "index", "bit"),
    [
        ("one\ntwo", 1, 8),  # begins a line
        ("one-two", 1, 9),  # nothing stands between it and the word before
        ("End. Next", 2, 10),  # begins a sentence
        ("the (Supplier", 2, 11),  # follows what opens
        ("to be", 0, 12),  # is short
        ("A.", 1, 13),
        ("A & B", 1, 14),
        ("last\n", 0, 15),  # ends a line
        ("Keller's", 0, 16),  # owns something
        ("confidentiality", 0, 17),  # is long
    ],
)
def test_what_stands_beside_a_word_is_told(text: str, index: int, bit: int) -> None:
    places = words.spans(text)
    assert words.looks(text, places)[index, bit] == 1
    assert words.looks("plain words here", words.spans("plain words here"))[1, 8:].sum() == 0


def test_a_word_is_the_mean_of_its_tokens() -> None:
    """Special tokens are empty, and count for nothing; a word without a token is all zeros."""
    text = "Keller left, now"
    tokens = [(0, 0), (0, 4), (4, 6), (7, 11), (13, 16), (0, 0)]
    states = np.array([[9.0], [1.0], [3.0], [5.0], [7.0], [9.0]], np.float32)
    assert words.pooled(words.spans(text), tokens, states).tolist() == [[2.0], [5.0], [0.0], [7.0]]


def test_words_behind_the_last_token_are_left_out() -> None:
    states = np.ones((1, 4), np.float32)
    assert words.pooled(words.spans("one two three"), [(0, 3)], states).shape == (1, 4)
    assert words.pooled(words.spans("one"), [(0, 0)], states).shape == (0, 4)
    assert words.pooled([], [], np.ones((0, 4), np.float32)).shape == (0, 4)

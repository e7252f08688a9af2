"""Learning from descriptions and examples: few and many, contradicting, gone, in any order; and its measures."""

import numpy as np
import pytest

from pipeline.datatypes import NEEDS_REVIEW, Chunk
from pipeline.errors import UsageError
from pipeline.insight.labelling.features import Features, features
from pipeline.insight.labelling.head import Head
from pipeline.insight.labelling.labeller import Labeller
from pipeline.insight.labelling.training import MIN_HELD_BACK, Example, LabelSet, is_certain, train

NAMES = ("east", "north", "up")
SET = LabelSet("kind", NAMES, np.eye(3, dtype=np.float32))
WORDS = ("sunrise orient morning", "polar ice winter", "ceiling tower mountain")
RANDOM = np.random.default_rng(5)


def document(label: int, spread: float = 0.6, words: str | None = None) -> Features:
    vector = np.eye(3)[label] + RANDOM.normal(scale=spread, size=3)
    vectors = (vector / np.linalg.norm(vector)).astype(np.float32)[None]
    return features(vectors, [WORDS[label] if words is None else words])


def examples(count: int, spread: float = 0.6) -> list[Example]:
    return [Example(f"{number:064x}", document(number % 3, spread), number % 3) for number in range(count)]


def learned(some: list[Example], min_score: float = 0.5, max_error: float = 0.05) -> Head:
    return train(SET, some, "m", min_score=min_score, max_error=max_error)[0]


def test_without_examples_the_nearest_description_is_likeliest() -> None:
    head, report = train(SET, [], "m", min_score=0.5, max_error=0.05)
    assert (report, head.examples, head.threshold, len(head.vocabulary)) == (None, 0, 0.5, 0)
    for label in range(3):
        assert head.probabilities([document(label, 0.1)])[0].argmax() == label


def test_examples_teach_words_that_no_description_has() -> None:
    puzzling = features(np.full((1, 3), 3**-0.5, np.float32), [WORDS[2]])
    assert learned([]).probabilities([puzzling])[0] == pytest.approx([1 / 3] * 3, abs=1e-3)
    assert learned(examples(9)).probabilities([puzzling])[0].argmax() == 2


def test_one_example_of_one_label_is_enough_to_begin_with() -> None:
    only = [Example("a" * 64, document(1), 1)]
    found = learned(only).probabilities([document(1, 0.1), document(0, 0.1)])
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_the_order_of_examples_makes_no_difference() -> None:
    some = examples(24)
    assert learned(some).encoded() == learned(some[::-1]).encoded()


def test_measures_are_of_examples_that_were_held_back() -> None:
    """Labels that say nothing can be learned by heart, but not be guessed: held back they are right by chance only."""
    random = np.random.default_rng(0)
    noise = [Example(f"{n:064x}", document(n % 3, 0.1, f"unique{n}"), int(random.integers(3))) for n in range(60)]
    head, report = train(SET, noise, "m", min_score=0.5, max_error=0.05)
    assert report is not None
    assert report.accuracy < 0.6
    assert not is_certain(head)
    label = Labeller(head, "h").label(np.eye(3, dtype=np.float32)[:1], [""])
    assert label is not None
    assert label.name == NEEDS_REVIEW


def test_measures_of_what_is_easy() -> None:
    head, report = train(SET, examples(90, 0.2), "m", min_score=0.5, max_error=0.05)
    assert report is not None
    assert report.accuracy > 0.95
    assert report.kept > 0.9
    assert report.kept_error <= 0.05
    assert report.confusion.sum() == report.examples == 90
    assert is_certain(head)


def test_too_few_examples_are_not_measured_and_keep_the_configured_threshold() -> None:
    head, report = train(SET, examples(MIN_HELD_BACK - 1), "m", min_score=0.42, max_error=0.05)
    assert (report, head.threshold) == (None, 0.42)
    assert train(SET, examples(MIN_HELD_BACK), "m", min_score=0.42, max_error=0.05)[1] is not None


def test_contradicting_examples_share_the_probability() -> None:
    same = document(0, 0.0)
    both = [Example(f"{n:064x}", same, n % 2) for n in range(10)]
    east, north, up = learned(both).probabilities([same])[0]
    assert east == pytest.approx(north, abs=0.3)
    assert up < min(east, north)


@pytest.mark.parametrize("words", ["", "a", "same " * 20_000, "\u200b\ud800".encode("utf-8", "replace").decode()])
def test_strange_texts_are_examples_like_others(words: str) -> None:
    some = [*examples(6), Example("f" * 64, document(0, words=words), 0)]
    assert np.isfinite(learned(some).probabilities([document(1), document(0, words=words)])).all()


def test_five_hundred_labels() -> None:
    names = tuple(f"label-{number}" for number in range(500))
    vectors = RANDOM.normal(size=(500, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    head, _ = train(LabelSet("many", names, vectors), [], "m", min_score=0.5, max_error=0.05)
    found = head.probabilities([Features(row, np.empty(0, np.int64), np.empty(0, np.float32)) for row in vectors])
    assert (found.argmax(axis=1) == np.arange(500)).mean() > 0.99


def test_a_head_comes_back_from_its_bytes_and_says_the_same() -> None:
    head = learned(examples(30))
    again = Head.decoded(head.encoded())
    asked = [document(number % 3) for number in range(20)]
    assert again.probabilities(asked) == pytest.approx(head.probabilities(asked), abs=0.01)
    assert again.encoded() == Head.decoded(again.encoded()).encoded()
    assert (again.names, again.model, again.examples, again.set_name) == (NAMES, "m", 30, "kind")


def test_bytes_that_are_no_head_are_refused() -> None:
    good = learned(examples(6)).encoded()
    for place in range(0, len(good), 7):
        for content in (good[:place], good[:place] + b"\xff" + good[place + 1 :]):
            try:
                head = Head.decoded(content)
            except UsageError as error:
                assert error.code == "head_unusable"
            else:
                assert np.isfinite(head.probabilities([document(0)])).all()
    with pytest.raises(UsageError):
        Head.decoded(b"")


def test_a_label_tells_its_probability_the_alternatives_and_the_passages_that_spoke_for_it() -> None:
    labeller = Labeller(learned([], min_score=0.4), "h")
    vectors = np.array([[0.0, 1, 0], [1, 0, 0], [0.9, 0.1, 0]], np.float32)
    chunks = [Chunk(1, 0, 5, ""), Chunk(1, 5, 9, ""), Chunk(2, 0, 7, "")]
    found = labeller.label(vectors, [""], chunks)
    assert found is not None
    assert found.name == "east"
    assert found.evidence[0] in ((1, 5, 9), (2, 0, 7))
    assert found.evidence[-1] == (1, 0, 5)
    assert [name for name, _ in found.alternatives] == ["east", "north", "up"]
    assert found.score == found.alternatives[0][1]
    assert found.margin == pytest.approx(found.score - found.alternatives[1][1])
    assert (found.threshold, found.head) == (0.4, "h")
    assert labeller.label(np.empty((0, 3), np.float32), []) is None
    strict = Labeller(learned([], min_score=1.0), "h").label(vectors, [""], chunks)
    assert strict is not None
    assert (strict.name, strict.score) == (NEEDS_REVIEW, found.score)

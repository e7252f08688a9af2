"""Whether a passage is an answer at all: the rule, and the usual cosine against a comparison with every passage."""

import statistics
from pathlib import Path

import numpy as np
import pytest

from pipeline import Pipeline
from pipeline.insight import relevance
from pipeline.insight.relevance import STRANGERS, Closeness, is_relevant
from tests.conftest import write


@pytest.mark.parametrize(
    ("near", "usual", "expected"),
    [
        (Closeness(0.50, 0.0), 0.26, True),
        (Closeness(0.474, 0.0), 0.26, True),
        (Closeness(0.472, 0.0), 0.26, False),  # no nearer than chance brings it, and no word of the question
        (Closeness(0.472, 0.0), 0.25, True),
        (Closeness(0.50, 0.0), 0.30, False),
        (Closeness(0.35, 0.4), 0.26, True),  # some words make up for some distance
        (Closeness(0.35, 0.2), 0.26, False),
        (Closeness(-0.1, 0.94), 0.26, False),
        (Closeness(-0.1, 0.95), 0.26, True),  # all the words in one sentence: it was looked for
        (Closeness(None, 0.5), 0.26, True),
        (Closeness(None, 0.49), 0.26, False),
        (Closeness(0.9, 0.49, familiarity=0.49), 0.26, False),  # the model does not know the words
        (Closeness(0.1, 0.5, familiarity=0.49), 0.26, True),
        (Closeness(0.9, 0.0, familiarity=0.5), 0.26, True),
    ],
)
def test_a_passage_is_relevant_that_is_nearer_than_chance_or_has_the_words(
    near: Closeness, usual: float, expected: bool
) -> None:
    assert is_relevant(near, usual) is expected


def test_the_questions_of_strangers_are_fifty_different_ones() -> None:
    assert len(set(STRANGERS)) == len(STRANGERS) == 50
    assert all(question.endswith("?") and question.isascii() for question in STRANGERS)


def settings(pipeline: Pipeline) -> str | None:
    row = pipeline.database.row("SELECT value FROM settings WHERE name LIKE 'usual_cosine_%'")
    return None if row is None else str(row[0])


def by_comparison(pipeline: Pipeline) -> float:
    """The median of the best cosines, each question against each stored vector."""
    codes = [np.frombuffer(row[0], np.int8) for row in pipeline.database.rows("SELECT codes FROM vectors")]
    rows = np.array(codes, np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    questions = pipeline.embedder.encode(STRANGERS, as_query=True).astype(np.float64)
    return float(statistics.median((questions @ rows.T).max(axis=1).tolist()))


def test_the_usual_cosine_is_the_median_of_the_best_and_measured_as_the_index_grows(
    pipeline: Pipeline, inbox: Path
) -> None:
    model_id = pipeline._models.current().model.id
    assert relevance.usual(pipeline.database, model_id) == 0.26
    pipeline.drain()
    assert settings(pipeline) is None  # of nothing, nothing is usual
    subjects = ("rent of a flat", "a cake with sugar", "sailing a yacht", "the chess club", "bees in spring",
                "a glacier", "an orchestra", "tax law")  # fmt: skip
    for number, subject in enumerate(subjects):
        write(inbox, f"{number}.txt", f"This is a text about {subject}, and about nothing else.")
    pipeline.drain()
    first = settings(pipeline)
    assert first is not None
    assert first.split()[1] == "8"
    assert relevance.usual(pipeline.database, model_id) == pytest.approx(by_comparison(pipeline), abs=1e-4)
    assert relevance.usual(pipeline.database, model_id + 1) == 0.26
    for number in (8, 9):
        write(inbox, f"{number}.txt", f"How many strings does a cello have? {number}")
    pipeline.drain()
    assert settings(pipeline) == first  # 10 of 8 are no more than a quarter
    write(inbox, "10.txt", "How do volcanoes form?")
    pipeline.drain()
    grown = settings(pipeline)
    assert grown is not None
    assert grown.split()[1] == "11"
    assert relevance.usual(pipeline.database, model_id) == pytest.approx(by_comparison(pipeline), abs=1e-4)
    for number in range(8):
        (inbox / f"{number}.txt").unlink()
    pipeline.drain()
    shrunk = settings(pipeline)
    assert shrunk is not None
    assert shrunk.split()[1] == "3"
    assert relevance.usual(pipeline.database, model_id) == pytest.approx(by_comparison(pipeline), abs=1e-4)

"""From marked names to the tags of words, and from their probabilities back to names."""

import numpy as np
import pytest

from pipeline.insight.names import words
from pipeline.insight.names.material import passage
from pipeline.insight.names.tags import TAGS, names, tagged


@pytest.mark.parametrize(
    "marked",
    [
        "{P:Maria Keller} of {O:Kestrel Freight Ltd.} moved to {L:Ostrava}.",
        "{L:Leeds} {L:York} {P:Ann} {P:Bo Li}",
        "no name at all",
        "{O:K&M, Inc.}",
    ],
)
def test_certain_tags_give_the_marked_names_back(marked: str) -> None:
    said = passage(marked)
    places = words.spans(said.text)
    certain = np.eye(TAGS, dtype=np.float32)[tagged(places, said.names)]
    found = list(names(places, certain))
    assert tuple((one.start, one.end, one.kind) for one in found) == said.names
    assert all(one.score == 1 for one in found)


def test_a_name_is_of_the_kind_that_is_most_probable_whichever_its_part() -> None:
    """First word and further word of a person together outweigh a place; the score is the mean over the words."""
    probable = np.zeros((2, TAGS), np.float32)
    probable[0, [0, 1, 2, 5]] = 0.1, 0.3, 0.25, 0.35
    probable[1, [0, 2]] = 0.25, 0.75
    (found,) = names([(0, 3), (4, 9)], probable)
    assert (found.start, found.end, found.kind, found.score) == (0, 9, "person", 0.65)

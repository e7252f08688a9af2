"""The built-in texts: who searches among whom, and that no text is printed with its value."""

from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.evaluation import texts
from pipeline.evaluation.judgements import JudgedQuery
from tests.evaluation.conftest import CALIBRATION, NAMES, PASSAGES, write_texts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_texts(tmp_path)
    return tmp_path


def test_each_held_out_passage_searches_all_others(folder: Path) -> None:
    found = texts.builtin(folder)
    assert found.passages == (*PASSAGES, *NAMES, *CALIBRATION)
    assert [found.ids[place] for place in (0, 11, 12, 13, 14)] == [
        "evaluation 1", "evaluation 12", "names 1", "names 2", "calibration 1",
    ]  # fmt: skip
    assert (found.measured, found.names, found.corpus) == (range(12), range(12, 14), range(24))
    assert [(query.text, query.passage) for query in found.queries] == [(None, place) for place in range(14)]
    assert not found.of_index


def test_queries_of_a_file_take_the_place_of_passages(folder: Path) -> None:
    found = texts.builtin(folder, [JudgedQuery(1, "how long is the notice?", {})])
    assert [(query.text, query.passage, query.relevant) for query in found.queries] == [
        ("how long is the notice?", None, None)
    ]
    assert "how long" not in found.description


def test_no_text_is_printed_with_its_value(folder: Path) -> None:
    printed = repr(texts.builtin(folder, [JudgedQuery(1, "secret question", {})]))
    assert not [word for word in ("tenant", "Brandhuber", "Paragraph", "secret") if word in printed]


def test_texts_that_are_missing_are_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        texts.builtin(tmp_path)
    assert caught.value.code == "model_texts"

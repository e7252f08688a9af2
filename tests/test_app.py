"""The Python interface that scripts rely on: names, types and values."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pipeline as package
from pipeline import Pipeline, PipelineError, SearchHit
from pipeline.errors import ConfigError, ModelError, UsageError
from pipeline.outcomes import State
from tests.conftest import Configure, write

LEASE = "The tenant shall pay the monthly rent in advance to the landlord."


def test_the_documented_way_works(configure: Configure, inbox: Path) -> None:
    file = write(inbox, "lease.txt", LEASE)
    with Pipeline.open(str(configure())) as p:
        report = p.ingest(inbox)
        assert report.states[State.INDEXED] == report.files == 1
        (hit,) = p.search("rent", limit=10, mode="hybrid")
    assert isinstance(hit, SearchHit)
    assert (hit.path, hit.page, hit.start, hit.end, hit.snippet) == (file, 1, 0, len(LEASE), LEASE)
    assert (hit.semantic_rank, hit.keyword_rank, hit.matched) == (1, 1, ("rent",))
    assert hit.relevant
    assert hit.words is not None
    assert hit.cosine is not None
    assert hit.score == pytest.approx(hit.cosine + hit.words + 1)  # all the words stand in one sentence
    assert len(hit.document) == 64
    assert hit.label is not None


def test_embed_gives_unit_rows_that_know_meaning(pipeline: Pipeline) -> None:
    rows = pipeline.embed(["a cat sleeps on the sofa", "a kitten naps on the couch", "quarterly tax return"])
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]


def test_the_modes_are_their_lists(pipeline: Pipeline, inbox: Path) -> None:
    write(inbox, "a.txt", "Landlord and tenant.")
    write(inbox, "b.txt", "Property owner and occupant of the flat.")
    pipeline.drain()
    semantic = pipeline.search("landlord", mode="semantic")
    keyword = pipeline.search("landlord", mode="keyword")
    assert [(hit.semantic_rank, hit.keyword_rank) for hit in semantic] == [(1, None), (2, None)]
    assert [(hit.path.name, hit.semantic_rank, hit.keyword_rank, hit.cosine) for hit in keyword] == [
        ("a.txt", None, 1, None)
    ]


def test_a_label_filters_before_ranking(pipeline: Pipeline, inbox: Path) -> None:
    for number in range(12):
        write(inbox, f"{number}.txt", f"Invoice {number}: amount due, tax and payment terms for items.")
    write(inbox, "minutes.txt", "Minutes of the meeting: attendees, agenda, decisions, actions. The invoice was paid.")
    pipeline.drain()
    label = next(row.label for row in pipeline.documents() if row.paths[0].name == "minutes.txt")
    assert label == "minutes"
    for mode in ("semantic", "keyword", "hybrid"):
        assert [hit.path.name for hit in pipeline.search("invoice", limit=1, mode=mode, label=label)] == ["minutes.txt"]


def test_a_quoted_sentence_comes_first_whatever_its_passage_is_about(pipeline: Pipeline, inbox: Path) -> None:
    quoted = "The brass key hangs behind the third shelf."
    filler = "Whisk the eggs with sugar, fold in the flour and bake the cake until golden. " * 12
    write(inbox, "recipe.txt", f"{filler}{quoted} {filler}")
    for number in range(30):
        write(inbox, f"{number}.txt", f"Brass keys, key rings and shelves number {number}: where keys hang.")
    pipeline.drain()
    assert pipeline.search(quoted, limit=1)[0].path.name == "recipe.txt"


def test_the_same_question_gets_the_same_answer_after_a_restart(configure: Configure, inbox: Path) -> None:
    for number in range(8):
        write(inbox, f"{number}.txt", LEASE)
        write(inbox, f"twin{number}.txt", f"{LEASE} {number}")
    with Pipeline.open(configure()) as first:
        first.drain()
        before = first.search("rent")
    with Pipeline.open(configure()) as second:
        assert second.search("rent") == before


@pytest.mark.parametrize(
    "text", ["'\"; DROP TABLE x --", "NEAR(a b)", "💥", "\ud800", "a\x00b", "word " * 2000, "ש" * 99]
)
def test_any_text_is_a_question(pipeline: Pipeline, inbox: Path, text: str) -> None:
    write(inbox, "a.txt", LEASE)
    pipeline.drain()
    assert len(pipeline.search(text)) <= 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"text": " "}, "query_empty"),
        ({"text": "x", "limit": 0}, "limit_bound"),
        ({"text": "x", "limit": 1001}, "limit_bound"),
        ({"text": "x", "mode": "fuzzy"}, "mode_unknown"),
        ({"text": "x", "label": "no such"}, "label_unknown"),
    ],
)
def test_a_senseless_argument_is_refused_with_a_code(pipeline: Pipeline, arguments: dict[str, str], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        pipeline.search(**arguments)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_an_empty_store_has_no_hits(pipeline: Pipeline) -> None:
    assert pipeline.search("anything") == ()


def test_a_model_that_is_missing_is_named_and_nothing_is_changed(configure: Configure, inbox: Path) -> None:
    file = configure()
    file.write_text(file.read_text(encoding="utf-8") + "model: {name: absent}\n", encoding="utf-8")
    write(inbox, "a.txt", LEASE)
    with Pipeline.open(file) as pipeline:
        with pytest.raises(ModelError) as missing:
            pipeline.drain()
        assert missing.value.code == "model_unknown"
        assert pipeline.counts().open == 0
        assert pipeline.documents() == []


def test_every_public_name_resolves_and_others_do_not() -> None:
    assert {name: getattr(package, name).__name__ for name in package.__all__ if name != "__version__"} == {
        name: name for name in package.__all__ if name != "__version__"
    }
    with pytest.raises(AttributeError):
        _ = package.nothing_of_this_name
    assert issubclass(ConfigError, PipelineError)


def test_importing_the_package_imports_almost_nothing() -> None:
    code = "import pipeline, sys; print(sorted(name for name in sys.modules if name.startswith('pipeline')))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['pipeline']"

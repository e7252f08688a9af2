"""The sample documents, in all their formats: a question finds its document first, and what has no answer says so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from pipeline import Pipeline
from tests.conftest import SAMPLES


class Expected(msgspec.Struct):
    """What a search for a question is to find first."""

    file: str
    kind: str
    pages: int
    question: str
    page: int


EXPECTED = msgspec.convert(YAML(typ="safe").load(SAMPLES / "expected.yaml"), list[Expected])
# What the model is not good enough for, so that nothing may be added to it unseen.
ANOTHER_PAGE = ("contract-piano-loan.docx", "financial-report-orchard.xlsx")  # has more of the question's words
FEW_WORDS = ("minutes-allotment-committee.md", "complaint-night-train.eml")  # is hardly nearer than chance brings it
STRANGE = (
    "How many moons does Saturn have?",
    "Which wine goes with grilled mackerel?",
    "Who composed the opera about the barber?",
    "zxqv blorf gnarp",
)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder: Path = tmp_path_factory.mktemp("samples")
    shutil.copytree(SAMPLES, folder / "inbox", ignore=shutil.ignore_patterns("README.md", "expected.yaml"))
    (folder / "config.yaml").write_text("inbox: {path: inbox, settle_s: 0.0}\nstore: {path: store}\n", encoding="utf-8")
    with Pipeline.open(folder / "config.yaml") as opened:
        opened.drain()
        yield opened


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda one: one.file)
def test_a_question_finds_its_document_first(pipeline: Pipeline, expected: Expected) -> None:
    first = pipeline.search(expected.question)[0]
    assert first.path.name == expected.file
    assert first.page == expected.page or expected.file in ANOTHER_PAGE
    assert first.relevant or expected.file in FEW_WORDS
    once = pipeline.search(expected.question, by_document=True)
    assert [hit.path.name for hit in once][:1] == [expected.file]
    assert len({hit.document for hit in once}) == len(once) > 1


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "keyword"])
@pytest.mark.parametrize("question", STRANGE)
def test_what_no_document_answers_has_no_relevant_hit(pipeline: Pipeline, question: str, mode: str) -> None:
    assert [hit.path.name for hit in pipeline.search(question, mode=mode) if hit.relevant] == []


def test_what_is_quoted_from_a_document_is_found_there_and_nowhere_else(pipeline: Pipeline) -> None:
    for file in ("regulation-bees.txt", "complaint-folding-bicycle.txt", "insurance-claim-pottery.txt"):
        words = (SAMPLES / file).read_text(encoding="utf-8").split()
        quoted = " ".join(word.strip('"“”') for word in words[40:52])
        assert {hit.path.name for hit in pipeline.search(f'"{quoted}"')} == {file}

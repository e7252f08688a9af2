"""What is learned is kept beside the model, whole, and is used only with the build that it was learned for."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.insight.names import card, teaching, training
from pipeline.insight.names.finder import NameFinder
from pipeline.insight.names.head import Head
from pipeline.personal import NAMES
from pipeline.registry import catalogue
from pipeline.registry.runtime import Embedder
from tests.insight.names.conftest import NAME

LITTLE = ("mixed_1.txt", "mixed_2.txt")


@pytest.fixture
def copy(root: Path, taught: Path, tmp_path: Path) -> Path:
    """A root whose model and head may be changed, with little to learn from."""
    assert taught.exists()
    shutil.copytree(root, tmp_path / "models", symlinks=True)
    for file in (tmp_path / "models" / "names" / "text").iterdir():
        if file.name not in LITTLE:
            file.unlink()
    return tmp_path / "models"


def test_a_card_says_what_was_learned_from_what_for_which_model(root: Path, taught: Path) -> None:
    installed = catalogue.find(root, NAME)
    said = card.read(taught, installed.manifest)
    assert said is not None
    assert said.model == installed.manifest.model.sha256
    assert teaching.is_taught(root, installed)
    assert set(said.precision) == set(said.recall) == set(NAMES)
    assert min(*said.precision.values(), *said.recall.values()) > teaching.LEAST
    assert not list(taught.glob("*.tmp"))


def test_it_learns_and_tells_how_far_it_is(copy: Path) -> None:
    """From little it learns little, and what it keeps is found again."""
    installed, told = catalogue.find(copy, NAME), []
    assert not teaching.is_taught(copy, installed)
    teaching.teach(copy, installed, lambda *stage: told.append(stage))
    assert teaching.is_taught(copy, installed)
    assert {stage for stage, _, _ in told} == {"passages read", "steps learned"}
    assert all(0 < done <= total for _, done, total in told)
    assert NameFinder.of(Embedder(installed.folder, threads=1)) is not None


@pytest.mark.long
def test_it_learns_the_same_whenever_it_does(copy: Path) -> None:
    installed = catalogue.find(copy, NAME)
    once, again = (teaching.teach(copy, installed, lambda *_: None) for _ in range(2))
    assert once == again


def test_it_learns_anew_when_the_text_has_changed(copy: Path) -> None:
    (copy / "names" / "text" / "more.txt").write_text("{P:Ada Njoroge} left.\n", encoding="utf-8")
    assert not teaching.is_taught(copy, catalogue.find(copy, NAME))


def test_a_head_of_another_build_is_none(copy: Path) -> None:
    file = copy / NAME / card.CARD
    file.write_text(json.dumps(json.loads(file.read_text()) | {"model": "0" * 64}), encoding="utf-8")
    installed = catalogue.find(copy, NAME)
    assert card.read(installed.folder, installed.manifest) is None
    assert not teaching.is_taught(copy, installed)
    assert NameFinder.of(Embedder(installed.folder, threads=1)) is None


def test_a_head_that_was_changed_is_refused(copy: Path) -> None:
    file = copy / NAME / card.FILE
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    installed = catalogue.find(copy, NAME)
    said = card.read(installed.folder, installed.manifest)
    assert said is not None
    with pytest.raises(ModelError) as caught:
        Head(installed.folder, said)
    assert caught.value.code == "model_tampered"


@pytest.mark.parametrize("content", ["", "{", '{"head": 3}', "[]", '{"secret": 1}'])
def test_a_card_that_cannot_be_read_is_told(copy: Path, content: str) -> None:
    (copy / NAME / card.CARD).write_text(content, encoding="utf-8")
    installed = catalogue.find(copy, NAME)
    with pytest.raises(ModelError) as caught:
        card.read(installed.folder, installed.manifest)
    assert caught.value.code == "names_unreadable"
    assert "pipeline models names" in caught.value.advice
    assert not teaching.is_taught(copy, installed)


def test_one_that_learned_nothing_is_not_kept(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (copy / NAME / card.CARD).read_bytes()
    monkeypatch.setattr(training, "ROUNDS", 1)
    monkeypatch.setattr(training, "STEPS", 1)
    monkeypatch.setattr(training, "RATE", 0.0)
    with pytest.raises(ModelError) as caught:
        teaching.teach(copy, catalogue.find(copy, NAME), lambda *_: None)
    assert caught.value.code == "names_unlearned"
    assert (copy / NAME / card.CARD).read_bytes() == before


def test_a_model_without_states_cannot_be_taught(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Embedder, "has_states", False)
    with pytest.raises(ModelError) as caught:
        teaching.teach(copy, catalogue.find(copy, NAME), lambda *_: None)
    assert caught.value.code == "names_unteachable"
    assert NameFinder.of(Embedder(copy / NAME, threads=1)) is None

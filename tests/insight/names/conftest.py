"""A model that was taught: by set-up, or once for all of these tests."""

import shutil
from pathlib import Path

import pytest

from pipeline.insight.names import card, teaching
from pipeline.insight.names.finder import NameFinder
from pipeline.registry import catalogue
from pipeline.registry.runtime import Embedder

MODELS = Path(__file__).parents[3] / "models"
NAME = "all-minilm-l6-v2-int8"


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models of our own, with links to what is large."""
    made = tmp_path_factory.mktemp("models")
    folder = made / NAME
    folder.mkdir()
    for file in ("manifest.yaml", "ranges.json", "model.onnx", "source"):
        (folder / file).symlink_to(MODELS / NAME / file)
    shutil.copytree(MODELS / "names", made / "names")
    if teaching.is_taught(MODELS, catalogue.find(MODELS, NAME)):
        for file in (card.FILE, card.CARD):
            shutil.copy(MODELS / NAME / file, folder)
    return made


@pytest.fixture(scope="session")
def taught(root: Path) -> Path:
    """The folder of the model, once it has learned."""
    installed = catalogue.find(root, NAME)
    if not (installed.folder / card.CARD).exists():
        teaching.teach(root, installed, lambda *_: None)
    return installed.folder


@pytest.fixture(scope="session")
def finder(taught: Path) -> NameFinder:
    """Finds names with it."""
    found = NameFinder.of(Embedder(taught, threads=2))
    assert found is not None
    return found

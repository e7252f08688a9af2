"""What the tests of the registry share: the built model, loaded once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.registry.runtime import Embedder

MODEL = Path(__file__).parents[2] / "models" / "all-minilm-l6-v2-int8"


@pytest.fixture(scope="session")
def model() -> Path:
    """The folder of the model that `make setup` builds."""
    return MODEL


@pytest.fixture(scope="session")
def embedder(model: Path) -> Iterator[Embedder]:
    """The model, on one thread."""
    loaded = Embedder(model, threads=1)
    yield loaded
    loaded.close()

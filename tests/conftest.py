"""What several parts of the tests share: the built model, a pipeline on a fresh store, sample files."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.config import Config, load
from pipeline.isolation import environment
from pipeline.registry import build
from pipeline.registry import manifest as manifests
from pipeline.storage import texts
from pipeline.storage.database import Database

environment.silence_telemetry()  # before any test imports onnxruntime
SAMPLES = Path(__file__).parent / "samples"
MODELS = Path(__file__).parents[1] / "models"
Configure = Callable[..., Path]


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample documents."""
    return SAMPLES


@pytest.fixture(scope="session")
def float_model() -> Path:
    """The folder of the float32 model, built when it is not there yet."""
    folder = MODELS / "all-minilm-l6-v2-fp32"
    manifest = manifests.read(folder)
    if not build.is_built(folder, manifest):
        if not (manifests.source_folder(folder, manifest) / build.WEIGHTS_FILE).is_file():
            pytest.skip("the weights are not here; `make setup` gets them")
        build.build(folder)
    return folder


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Write a config.yaml into tmp_path, with an inbox and a store beside it and files settling at once."""

    def write(**inbox: object) -> Path:
        settings = {"path": "inbox", "settle_s": 0.0, "rescan_s": 0.3} | inbox
        lines = "".join(f"  {name}: {value}\n" for name, value in settings.items())
        file = tmp_path / "config.yaml"
        file.write_text(f"inbox:\n{lines}store: {{path: store}}\njobs: {{backoff_s: 0.05}}\n", encoding="utf-8")
        (tmp_path / "inbox").mkdir(exist_ok=True)
        return file

    return write


@pytest.fixture
def config(configure: Configure) -> Config:
    """The usual configuration of a test."""
    return load(configure())


@pytest.fixture
def pipeline(configure: Configure) -> Iterator[Pipeline]:
    """A pipeline on an empty store."""
    with Pipeline.open(configure()) as opened:
        yield opened


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The inbox of `config` and `pipeline`."""
    folder = tmp_path / "inbox"
    folder.mkdir(exist_ok=True)
    return folder


def write(folder: Path, name: str, text: str) -> Path:
    """A text file, with its missing folders."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def every_page(database: Database) -> list[str]:
    """The texts of all pages that have any, document by document."""
    ids = [row[0] for row in database.rows("SELECT id FROM documents ORDER BY id")]
    return [text for one in ids for text in texts.of_pages(database, one).values()]


def make_socket(path: Path) -> None:
    """A Unix socket that nobody listens to; bound by its name alone, as its whole path may be too long for one."""
    with socket.socket(socket.AF_UNIX) as made, contextlib.chdir(path.parent):
        made.bind(path.name)


def age(file: Path, seconds: float) -> None:
    """Set a file's modification time back."""
    then = time.time() - seconds
    os.utime(file, (then, then))

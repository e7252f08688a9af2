"""sentence-transformers itself as the measure of the models that come with the project."""

import importlib.util
import json
import socket
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, ModelError
from pipeline.registry import catalogue, reference
from pipeline.registry import manifest as manifests
from pipeline.registry.importing import import_model
from pipeline.registry.runtime import Embedder
from tests.conftest import MODELS
from tests.registry import directories

needs_extra = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]  # warnings of torch's own making
TEXTS = ("", "rent", "Who pays for the repair?", "The tenant may end the lease early. " * 80)


@pytest.fixture(scope="module")
def source(float_model: Path) -> Path:
    """The published files."""
    return manifests.source_folder(float_model, manifests.read(float_model))


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="this environment has the extra")
def test_without_the_extra_the_way_to_it_is_named(float_model: Path, source: Path) -> None:
    with pytest.raises(ConfigError, match="make setup-models") as caught:
        reference.encode(source, TEXTS, manifests.read(float_model))
    assert caught.value.code == "extra_missing"


def test_a_file_that_is_not_the_promised_one_is_never_loaded(float_model: Path, source: Path, tmp_path: Path) -> None:
    for file in source.iterdir():
        (tmp_path / file.name).symlink_to(file)
    content = (source / "config.json").read_bytes().replace(b"12", b"13", 1)
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(ModelError) as caught:
        reference.encode(tmp_path, TEXTS, manifests.read(float_model))
    assert caught.value.code == "model_tampered"


class TestWithTheExtra:
    pytestmark = needs_extra

    def test_the_float32_model_gives_its_vectors_and_no_socket_is_opened(
        self, float_model: Path, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection"))
        expected = reference.encode(source, TEXTS, manifests.read(float_model))
        embedder = Embedder(float_model, threads=1)
        assert expected.shape == (len(TEXTS), 384)
        assert float((embedder.encode(TEXTS) * expected).sum(axis=1).min()) > 0.99999
        embedder.close()

    def test_the_int8_model_keeps_what_is_promised_of_them(self, model: Path, float_model: Path, source: Path) -> None:
        passages = catalogue.texts(MODELS, "evaluation")
        expected = reference.encode(source, passages, manifests.read(float_model))
        embedder = Embedder(model)
        cosines = (embedder.encode(passages) * expected).sum(axis=1)
        embedder.close()
        assert cosines.mean() >= 0.997
        assert np.percentile(cosines, 1) >= 0.993

    def test_its_directory_is_imported_to_the_same_float32_file(
        self, float_model: Path, source: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "minilm"
        for name, content in directories.settings().items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(json.dumps(content).replace("32", "384"), encoding="utf-8")
        (folder / "config.json").unlink()
        for file in source.iterdir():
            (folder / file.name).symlink_to(file)
        (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256}', encoding="utf-8")
        (folder / "config_sentence_transformers.json").unlink()
        made = import_model(folder, directories.root(tmp_path / "models"), None, say=lambda _line: None)
        assert made.variants.float32.model == manifests.read(float_model).model
        assert made.variants.least_cosine is not None
        assert made.variants.least_cosine > 0.99999
        assert made.variants.static.mean > 0.99
        assert 250 < made.variants.int8.vector_scale < 450  # that of the project is 320

"""Embeds texts with sentence-transformers itself, on torch, in float32: what every model here is measured against.

Needs the extra [models]. Reads a local folder only: no hub, no code of the model's own, no pickled weights.
"""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.datatypes import Vectors
from pipeline.errors import ConfigError, ModelError
from pipeline.registry import weights
from pipeline.registry.manifest import Manifest

_MODULES_FILE = "modules.json"


def encode(source: Path, texts: Sequence[str], manifest: Manifest, *, as_query: bool = False) -> Vectors:
    """Embed texts with the model whose published files lie in `source`: (n, dimension) float32, rows of length 1.

    Where only the encoder's files are there, pooling and length are those of the manifest; prompts always are.
    Raises ConfigError when the extra is not installed, ModelError when a file is not the promised one or does not load.
    """
    for entry in manifest.source.files:
        weights.verified(source, entry)
    prompt = manifest.query_prompt if as_query else manifest.document_prompt
    require()
    with quiet():
        model = load(source) if (source / _MODULES_FILE).is_file() else _assembled(source, manifest)
        try:
            vectors: Vectors = model.encode(
                list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
            )
        except Exception as error:  # torch and transformers raise whatever they like, with tensors in the message
            raise _failed("run", error) from None
    return vectors


def load(folder: Path) -> Any:  # noqa: ANN401 - torch has no part in our types
    """The SentenceTransformer in a folder. Raises ModelError."""
    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    settings = {"dtype": torch.float32, "use_safetensors": True}
    with _loading():
        return SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, trust_remote_code=False, model_kwargs=settings
        )


def require() -> None:
    """Import the packages of the extra. Raises ConfigError with the advice how to install it."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the libraries are imported
    try:
        import sentence_transformers  # noqa: F401, PLC0415 - takes seconds and is seldom there
        import torch  # noqa: F401, PLC0415
        import transformers  # noqa: F401, PLC0415
    except ModuleNotFoundError as missing:
        raise ConfigError(
            "extra_missing",
            f"This needs sentence-transformers; the package {missing.name} is not installed.",
            "Install the extra: make setup-models, or pip install 'sealed-inbox[models]'. "
            "The first makes .venv-models, with its own `pipeline`.",
        ) from None


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings, progress bars or messages of the libraries: they name paths, and stderr is ours."""
    import transformers  # noqa: PLC0415

    transformers.utils.logging.disable_progress_bar()
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _assembled(source: Path, manifest: Manifest) -> Any:  # noqa: ANN401
    """An encoder with the pooling that the manifest names, for models whose source has no modules.json."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.models import Normalize, Pooling, Transformer  # noqa: PLC0415

    local = {"local_files_only": True, "trust_remote_code": False}
    with _loading():
        encoder = Transformer(
            str(source),
            max_seq_length=manifest.max_tokens,
            model_kwargs=local | {"use_safetensors": True},
            processor_kwargs=local,
            config_kwargs=local,
        )
        modules = [encoder, Pooling(manifest.dimension, manifest.pooling), Normalize()]
        return SentenceTransformer(modules=modules, device="cpu")


@contextmanager
def _loading() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # as above
        raise _failed("load", error) from None


def _failed(verb: str, error: Exception) -> ModelError:
    why = f"sentence-transformers cannot {verb} this model: {type(error).__name__}."
    return ModelError("reference_failed", why, "Without the extra, or for another model, there is no such comparison.")

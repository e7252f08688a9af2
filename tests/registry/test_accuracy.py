"""Both models against the published weights, computed in float64 with numpy alone, straight from the papers."""

import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.registry import catalogue, weights
from pipeline.registry.runtime import Embedder

Array = npt.NDArray[np.float64]

TEXTS = (
    "The tenant may terminate the lease with three months' notice.",
    "How can the renter end the contract?",
    "Ferritin was measured in the blood sample.",
    "Invoice No. 2214: oak shelves, amount due within 14 days.",
    "rent",
)


class Reference:
    """Devlin et al. 2019, section 3, with mean pooling (Reimers and Gurevych 2019, section 3)."""

    def __init__(self, source: Path) -> None:
        self.shape = json.loads((source / "config.json").read_text(encoding="utf-8"))
        self.tensors = weights.load((source / "model.safetensors").read_bytes())

    def encode(self, ids: list[int]) -> Array:
        words = self.tensors["embeddings.word_embeddings.weight"][ids].astype(np.float64)
        places = self["embeddings.position_embeddings.weight"][: len(ids)]
        x = self.norm(words + places + self["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(self.shape["num_hidden_layers"]):
            prefix = f"encoder.layer.{layer}."
            attended = self.linear(self.attend(x, prefix), f"{prefix}attention.output.dense")
            x = self.norm(x + attended, f"{prefix}attention.output.LayerNorm")
            inner = self.linear(x, f"{prefix}intermediate.dense")
            activated = inner * 0.5 * (1.0 + np.vectorize(math.erf)(inner / math.sqrt(2.0)))
            x = self.norm(x + self.linear(activated, f"{prefix}output.dense"), f"{prefix}output.LayerNorm")
        pooled: Array = x.mean(axis=0)
        return pooled / np.linalg.norm(pooled)

    def attend(self, x: Array, prefix: str) -> Array:
        heads = self.shape["num_attention_heads"]
        parts = (self.linear(x, f"{prefix}attention.self.{name}") for name in ("query", "key", "value"))
        query, key, value = (part.reshape(len(x), heads, -1).transpose(1, 0, 2) for part in parts)
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        context: Array = (shares / shares.sum(axis=-1, keepdims=True)) @ value
        return context.transpose(1, 0, 2).reshape(len(x), -1)

    def linear(self, x: Array, name: str) -> Array:
        result: Array = x @ self[f"{name}.weight"].T + self[f"{name}.bias"]
        return result

    def norm(self, x: Array, name: str) -> Array:
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + self.shape["layer_norm_eps"])
        result: Array = (x - x.mean(axis=-1, keepdims=True)) / spread * self[f"{name}.weight"] + self[f"{name}.bias"]
        return result

    def __getitem__(self, name: str) -> Array:
        return self.tensors[name].astype(np.float64)


@pytest.fixture(scope="module")
def expected(model: Path, embedder: Embedder) -> Array:
    """The vectors of TEXTS as the published weights give them."""
    if not (model / "source" / "model.safetensors").is_file():
        pytest.skip("the weights are not here; `make setup` gets them")
    tokenizer = json.loads((model / "source" / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    reference = Reference(model / "source")
    return np.stack([reference.encode(ids(text, embedder, vocabulary)) for text in TEXTS])


def ids(text: str, embedder: Embedder, vocabulary: dict[str, int]) -> list[int]:
    """Token numbers of plain English: a piece that continues a word is marked in the vocabulary."""
    found, before = [vocabulary["[CLS]"]], -1
    for start, end in embedder.token_spans(text):
        piece = text[start:end].lower()
        found.append(vocabulary[f"##{piece}" if start == before and piece.isalnum() else piece])
        before = end if piece.isalnum() else -1
    return [*found, vocabulary["[SEP]"]]


def test_vectors_are_those_of_the_published_weights(embedder: Embedder, expected: Array) -> None:
    assert float((embedder.encode(TEXTS) * expected).sum(axis=1).min()) > 0.99


def test_similarities_are_those_of_the_published_weights(embedder: Embedder, expected: Array) -> None:
    vectors = embedder.encode(TEXTS)
    assert float(np.abs(vectors @ vectors.T - expected @ expected.T).max()) < 0.05
    assert float(vectors[0] @ vectors[1]) > 0.5
    assert float(vectors[0] @ vectors[2]) < 0.1


def test_the_float32_model_computes_what_the_papers_say(float_model: Path, expected: Array) -> None:
    embedder = Embedder(float_model, threads=1)
    np.testing.assert_allclose(embedder.encode(TEXTS), expected, atol=2e-6)
    embedder.close()


@pytest.mark.parametrize(("name", "mean", "p1"), [("evaluation", 0.997, 0.993), ("names", 0.995, 0.99)])
def test_quantization_costs_no_more_than_the_gate_allows(
    model: Path, float_model: Path, embedder: Embedder, name: str, mean: float, p1: float
) -> None:
    """Held-out passages, and lists of names, which are the worst case known. On every processor alike."""
    texts = catalogue.texts(model.parent, name)
    reference = Embedder(float_model)
    cosines = (embedder.encode(texts) * reference.encode(texts)).sum(axis=1)
    reference.close()
    assert float(cosines.mean()) >= mean
    assert float(np.percentile(cosines, 1)) >= p1

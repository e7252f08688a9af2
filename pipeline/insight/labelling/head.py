"""What gives documents of one set their labels: weights over vectors and words, a temperature, a threshold.

It is data: exported and imported as such, named by the sha256 of its bytes, and of no use with another model.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np

from pipeline.errors import UsageError
from pipeline.insight.labelling import calibration
from pipeline.insight.labelling.calibration import Doubles
from pipeline.insight.labelling.features import Features, Floats, Ints, table
from pipeline.insight.labelling.logistic import Weights

FORMAT = 1
MAX_BYTES = 64 << 20


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head as bytes. Numbers are little-endian; the weights of words are rounded to int8, one scale a label."""

    format: int
    set_name: str
    model: str
    names: tuple[str, ...]
    examples: int
    temperature: float
    threshold: float
    dimension: int
    dense: bytes
    bias: bytes
    vocabulary: bytes
    rarity: bytes
    scales: bytes
    terms: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """`names` are the labels, `model` the sha256 of the embedding model; `vocabulary` and `rarity` (v,) are of terms.

    A label is given where its probability reaches `threshold`. `examples` is how many it was learned from.
    """

    set_name: str
    model: str
    names: tuple[str, ...]
    examples: int
    temperature: float
    threshold: float
    vocabulary: Ints
    rarity: Floats
    weights: Weights

    def probabilities(self, rows: Sequence[Features]) -> Doubles:
        """Of each document (n,) each label (k,)."""
        logits = self.weights.logits(table(rows, self.vocabulary, self.rarity))
        return calibration.probabilities(logits, self.temperature)

    def encoded(self) -> bytes:
        """The head as bytes. Rounding the weights of words to int8 changes no probability by more than a hundredth."""
        scales = np.maximum(np.abs(self.weights.terms).max(axis=0, initial=0.0), 1e-12) / 127
        return msgspec.msgpack.encode(
            _Stored(
                format=FORMAT,
                set_name=self.set_name,
                model=self.model,
                names=self.names,
                examples=self.examples,
                temperature=self.temperature,
                threshold=self.threshold,
                dimension=len(self.weights.dense),
                dense=self.weights.dense.astype("<f4").tobytes(),
                bias=self.weights.bias.astype("<f4").tobytes(),
                vocabulary=self.vocabulary.astype("<u4").tobytes(),
                rarity=self.rarity.astype("<f4").tobytes(),
                scales=scales.astype("<f4").tobytes(),
                terms=np.round(self.weights.terms / scales).astype(np.int8).tobytes(),
            )
        )

    @classmethod
    def decoded(cls, content: bytes) -> Self:
        """The head in these bytes. Raises UsageError for anything else."""
        try:
            stored = msgspec.msgpack.decode(content, type=_Stored)
            count, dimension = len(stored.names), stored.dimension
            vocabulary = np.frombuffer(stored.vocabulary, "<u4").astype(np.int64)
            scales = np.frombuffer(stored.scales, "<f4").astype(np.float32)
            terms = np.frombuffer(stored.terms, np.int8).astype(np.float32).reshape(len(vocabulary), count) * scales
            dense = np.frombuffer(stored.dense, "<f4").astype(np.float32).reshape(dimension, count)
            bias = np.frombuffer(stored.bias, "<f4").astype(np.float32).reshape(count)
            rarity = np.frombuffer(stored.rarity, "<f4").astype(np.float32).reshape(len(vocabulary))
        except (msgspec.MsgspecError, ValueError):
            raise _unusable() from None
        numbers = (dense, terms, bias, rarity, np.array([stored.temperature, stored.threshold]))
        is_sound = count >= 2 and stored.temperature > 0 and all(np.isfinite(one).all() for one in numbers)
        if (
            stored.format != FORMAT
            or not is_sound
            or (np.diff(vocabulary) <= 0).any()
            or len(set(stored.names)) < count
        ):
            raise _unusable()
        return cls(
            stored.set_name, stored.model, stored.names, stored.examples, stored.temperature, stored.threshold,
            vocabulary, rarity, Weights(dense, terms, bias),
        )  # fmt: skip


def sha256(content: bytes) -> str:
    """The name of a head."""
    return hashlib.sha256(content).hexdigest()


def _unusable() -> UsageError:
    return UsageError("head_unusable", "These are no learned labels that this version can use.", "Export them again.")

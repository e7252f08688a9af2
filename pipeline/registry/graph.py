"""Writes a BERT-family sentence encoder as an ONNX graph with INT8 weights, from tensors alone (numpy and onnx).

Input: input_ids (1, tokens) int32, one unpadded sequence. Output: embedding (1, hidden) float32 of length 1.
Linear layers are com.microsoft.DynamicQuantizeMatMul with symmetric per-channel int8 weights; there is no mask
because nothing is padded; LayerNormalization stays a node of its own, which is faster than the fused operator.
Only operations with one exact IEEE result per element shape the weights, so the bytes are the same on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from pipeline.registry.weights import Tensors

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]

OPSET = 20
IR_VERSION = 10
MICROSOFT = "com.microsoft"
QMAX = 127  # symmetric: -128 is not used, so that negation stays exact
TINY = np.float32(1e-12)  # keeps an all-zero channel from dividing by zero


@dataclass(frozen=True, slots=True)
class Architecture:
    """The numbers of a BERT encoder, from its config.json."""

    hidden: int
    heads: int
    layers: int
    epsilon: float


def quantize_columns(weight: Floats) -> tuple[Bytes, Floats]:
    """Symmetric int8 codes of a (inputs, outputs) matrix and one scale per output column."""
    scale = np.maximum(np.abs(weight).max(axis=0), TINY) / np.float32(QMAX)
    codes = np.clip(np.rint(weight / scale), -QMAX, QMAX).astype(np.int8)
    return codes, scale.astype(np.float32)


def write(path: Path, weights: Tensors, architecture: Architecture) -> None:
    """Build the graph and write it; the same weights give the same bytes."""
    path.write_bytes(_Builder(weights, architecture).model().SerializeToString(deterministic=True))


class _Builder:
    """Collects nodes and constants in the order in which the encoder computes."""

    def __init__(self, weights: Tensors, architecture: Architecture) -> None:
        self._weights = weights
        self._shape = architecture
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        hidden = self._embeddings()
        for layer in range(self._shape.layers):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.")
        pooled = self._node("ReduceMean", [hidden, self._constant("axis_1", np.array([1], np.int64))], keepdims=0)
        self._node("LpNormalization", [pooled], output="embedding", axis=-1, p=2)
        graph = helper.make_graph(
            self._nodes,
            "sentence_encoder",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT32, [1, "tokens"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, self._shape.hidden])],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="sealed-inbox")
        model.ir_version = IR_VERSION
        return model

    def _embeddings(self) -> str:
        words = self._weights["embeddings.word_embeddings.weight"]
        codes, scale = quantize_columns(words.T)  # one scale per word
        table = self._constant("embeddings.words.codes", np.ascontiguousarray(codes.T))
        scales = self._constant("embeddings.words.scale", scale[:, None])
        looked_up = self._node("Cast", [self._node("Gather", [table, "input_ids"])], to=TensorProto.FLOAT)
        word = self._node("Mul", [looked_up, self._node("Gather", [scales, "input_ids"])])
        positions = (
            self._weights["embeddings.position_embeddings.weight"]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        one, zero = (
            self._constant("index_1", np.array([1], np.int64)),
            self._constant("index_0", np.array([0], np.int64)),
        )
        length = self._node("Gather", [self._node("Shape", ["input_ids"]), one])
        table = self._constant("embeddings.positions", positions[None])
        position = self._node("Slice", [table, zero, length, one])
        return self._norm(self._node("Add", [word, position]), "embeddings.LayerNorm")

    def _layer(self, hidden: str, prefix: str) -> str:
        query, key, value = self._split(self._qkv(hidden, prefix), 3)
        context = self._node("MultiHeadAttention", [query, key, value], domain=MICROSOFT, num_heads=self._shape.heads)
        attended = self._linear(context, f"{prefix}attention.output.dense")
        hidden = self._norm(self._node("Add", [attended, hidden]), f"{prefix}attention.output.LayerNorm")
        inner = self._linear(hidden, f"{prefix}intermediate.dense", bias=False)
        bias = self._constant(f"{prefix}gelu.bias", self._weights[f"{prefix}intermediate.dense.bias"])
        activated = self._node("BiasGelu", [inner, bias], domain=MICROSOFT)
        outer = self._linear(activated, f"{prefix}output.dense")
        return self._norm(self._node("Add", [outer, hidden]), f"{prefix}output.LayerNorm")

    def _qkv(self, hidden: str, prefix: str) -> str:
        """Query, key and value in one multiplication: one pass over the activations instead of three."""
        parts = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
        weight = np.concatenate([self._weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        return self._quantized(hidden, f"{prefix}qkv", weight, bias)

    def _linear(self, x: str, name: str, *, bias: bool = True) -> str:
        weight = self._weights[f"{name}.weight"].T
        return self._quantized(x, name, weight, self._weights[f"{name}.bias"] if bias else None)

    def _quantized(self, x: str, name: str, weight: Floats, bias: Floats | None) -> str:
        codes, scale = quantize_columns(weight)
        inputs = [
            x,
            self._constant(f"{name}.codes", codes),
            self._constant(f"{name}.scale", scale),
            self._constant(f"{name}.zero", np.zeros(scale.shape, np.int8)),
        ]
        if bias is not None:
            inputs.append(self._constant(f"{name}.bias", bias))
        return self._node("DynamicQuantizeMatMul", inputs, domain=MICROSOFT)

    def _norm(self, x: str, name: str) -> str:
        gain = self._constant(f"{name}.gain", self._weights[f"{name}.weight"])
        shift = self._constant(f"{name}.shift", self._weights[f"{name}.bias"])
        return self._node("LayerNormalization", [x, gain, shift], axis=-1, epsilon=self._shape.epsilon)

    def _constant(self, name: str, values: Array) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def _node(
        self, kind: str, inputs: Sequence[str], *, output: str = "", domain: str = "", **attributes: int | float
    ) -> str:
        """Append a node with one output and return the output's name."""
        return self._append(kind, inputs, [output or f"{kind}_{len(self._nodes)}"], domain, attributes)[0]

    def _split(self, x: str, parts: int) -> list[str]:
        names = [f"Split_{len(self._nodes)}_{part}" for part in range(parts)]
        return self._append("Split", [x], names, "", {"axis": 2, "num_outputs": parts})

    def _append(
        self, kind: str, inputs: Sequence[str], names: list[str], domain: str, attributes: Mapping[str, int | float]
    ) -> list[str]:
        node = helper.make_node(kind, inputs, names, name=f"{kind}_{len(self._nodes)}", domain=domain, **attributes)
        self._nodes.append(node)
        return names

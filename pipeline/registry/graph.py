"""Writes a BERT-family sentence encoder as a float32 ONNX graph, from tensors alone (numpy and onnx).

Input: input_ids (1, tokens) int32, one unpadded sequence. Outputs: embedding (1, hidden) float32 of length 1, and
states (1, tokens, hidden) float32: what the layer in the middle says of each token (insight/names reads them).
There is no mask because nothing is padded; LayerNormalization stays a node of its own, which is faster than the fused
operator. What INT8 makes of the multiplications is the business of quantize.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from pipeline.registry.outputs import OUTPUT, STATES
from pipeline.registry.weights import Tensors

Array = npt.NDArray[np.generic]

OPSET = 20
IR_VERSION = 10
MICROSOFT = "com.microsoft"


@dataclass(frozen=True, slots=True)
class Architecture:
    """The numbers of a BERT encoder, from its config.json, and how its token vectors become one: mean, cls or max."""

    hidden: int
    heads: int
    layers: int
    epsilon: float
    pooling: str = "mean"


def build(weights: Tensors, architecture: Architecture) -> onnx.ModelProto:
    """The graph; the same weights give the same graph. Raises KeyError naming a tensor that is missing."""
    return _Builder(weights, architecture).model()


class _Builder:
    """Collects nodes and constants in the order in which the encoder computes."""

    def __init__(self, weights: Tensors, architecture: Architecture) -> None:
        self._weights = weights
        self._shape = architecture
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        hidden = self._embeddings()
        middle = (self._shape.layers + 1) // 2
        for layer in range(self._shape.layers):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.", STATES if layer + 1 == middle else "")
        self._node("LpNormalization", [self._pooled(hidden)], output=OUTPUT, axis=-1, p=2)
        graph = helper.make_graph(
            self._nodes,
            "sentence_encoder",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT32, [1, "tokens"])],
            [
                helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, self._shape.hidden]),
                helper.make_tensor_value_info(STATES, TensorProto.FLOAT, [1, "tokens", self._shape.hidden]),
            ],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="sealed-inbox")
        model.ir_version = IR_VERSION
        return model

    def _embeddings(self) -> str:
        table = self._constant("embeddings.words", self._weights["embeddings.word_embeddings.weight"])
        word = self._node("Gather", [table, "input_ids"])
        positions = (
            self._weights["embeddings.position_embeddings.weight"]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        one = self._constant("index_1", np.array([1], np.int64))
        zero = self._constant("index_0", np.array([0], np.int64))
        length = self._node("Gather", [self._node("Shape", ["input_ids"]), one])
        table = self._constant("embeddings.positions", positions[None])
        position = self._node("Slice", [table, zero, length, one])
        return self._norm(self._node("Add", [word, position]), "embeddings.LayerNorm")

    def _layer(self, hidden: str, prefix: str, output: str = "") -> str:
        query, key, value = self._split(self._qkv(hidden, prefix), 3)
        context = self._node("MultiHeadAttention", [query, key, value], domain=MICROSOFT, num_heads=self._shape.heads)
        attended = self._linear(context, f"{prefix}attention.output.dense")
        hidden = self._norm(self._node("Add", [attended, hidden]), f"{prefix}attention.output.LayerNorm")
        inner = self._linear(hidden, f"{prefix}intermediate.dense", bias=False)
        bias = self._constant(f"{prefix}gelu.bias", self._weights[f"{prefix}intermediate.dense.bias"])
        activated = self._node("BiasGelu", [inner, bias], domain=MICROSOFT)
        outer = self._linear(activated, f"{prefix}output.dense")
        return self._norm(self._node("Add", [outer, hidden]), f"{prefix}output.LayerNorm", output)

    def _pooled(self, hidden: str) -> str:
        axis = self._constant("axis_1", np.array([1], np.int64))
        if self._shape.pooling == "cls":
            return self._node("Gather", [hidden, self._constant("first", np.array(0, np.int64))], axis=1)
        kind = {"mean": "ReduceMean", "max": "ReduceMax"}[self._shape.pooling]
        return self._node(kind, [hidden, axis], keepdims=0)

    def _qkv(self, hidden: str, prefix: str) -> str:
        """Query, key and value in one multiplication: one pass over the activations instead of three."""
        parts = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
        weight = np.concatenate([self._weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        return self._multiplied(hidden, f"{prefix}qkv", weight, bias)

    def _linear(self, x: str, name: str, *, bias: bool = True) -> str:
        weight = self._weights[f"{name}.weight"].T
        return self._multiplied(x, name, weight, self._weights[f"{name}.bias"] if bias else None)

    def _multiplied(self, x: str, name: str, weight: Array, bias: Array | None) -> str:
        product = self._node("MatMul", [x, self._constant(f"{name}.weight", weight)], output=name)
        return product if bias is None else self._node("Add", [product, self._constant(f"{name}.bias", bias)])

    def _norm(self, x: str, name: str, output: str = "") -> str:
        gain = self._constant(f"{name}.gain", self._weights[f"{name}.weight"])
        shift = self._constant(f"{name}.shift", self._weights[f"{name}.bias"])
        return self._node("LayerNormalization", [x, gain, shift], output=output, axis=-1, epsilon=self._shape.epsilon)

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

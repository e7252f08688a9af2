"""Writes what was learned as an INT8 ONNX graph (numpy and onnx), which says the same as network.py."""

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from pipeline.datatypes import Vectors
from pipeline.insight.names.card import INPUT, OUTPUT
from pipeline.insight.names.network import NEAR, WIDE
from pipeline.insight.names.tags import TAGS
from pipeline.registry.graph import IR_VERSION, OPSET
from pipeline.registry.quantize import quantize


def written(weights: Mapping[str, Vectors]) -> bytes:
    """The graph: words (n, inputs) float32 to probabilities (n, TAGS) float32."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, values: object, kind: type[np.generic]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(values, kind)), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes: int) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def layer(name: str, x: str) -> str:
        weight = constant(f"{name}.weight", weights[name], np.float32)
        bias = constant(f"{name}.bias", weights[f"{name}.bias"], np.float32)
        return node("Add", [node("MatMul", [x, weight], name), bias], f"{name}.sum")

    def windows(name: str, x: str, width: int) -> str:
        side = width // 2
        padded = node("Pad", [x, constant(f"{name}.pads", [side, 0, side, 0], np.int64)], f"{name}.padded")
        parts = []
        for place in range(width):
            last = place - width + 1
            start = constant(f"{name}.start{place}", [place], np.int64)
            end = constant(f"{name}.end{place}", [last if last else np.iinfo(np.int64).max], np.int64)
            parts.append(node("Slice", [padded, start, end, "rows"], f"{name}.part{place}"))
        return node("Concat", parts, f"{name}.windows", axis=1)

    constant("rows", [0], np.int64)
    entry = node("Relu", [layer("entry", INPUT)], "entry.out")
    wide = node("Relu", [layer("wide", windows("wide", entry, WIDE))], "wide.out")
    second = node("Add", [entry, wide], "second")
    near = node("Relu", [layer("near", windows("near", second, NEAR))], "near.out")
    node("Softmax", [layer("out", node("Add", [second, near], "last"))], OUTPUT, axis=-1)
    graph = helper.make_graph(
        nodes,
        "names",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", len(weights["entry"])])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", TAGS])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="sealed-inbox")
    model.ir_version = IR_VERSION
    content: bytes = quantize(model, None).SerializeToString(deterministic=True)
    return content

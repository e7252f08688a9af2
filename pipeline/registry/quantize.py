"""Turns the float multiplications of an ONNX graph into INT8, exactly the same way on every machine.

Weights: symmetric int8, one scale per output channel, neighbours limited together (see limit_pairs). Activations:
u8 with fixed ranges where calibration gave some (static), else quantized per run (dynamic). Embedding tables: int8
per row. Only operations with one exact IEEE result per element, and exactly rounded sums, shape the constants.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from pipeline.errors import ModelError
from pipeline.registry.ranges import LinearRange, Ranges

Floats = npt.NDArray[np.float32]
Int8 = npt.NDArray[np.int8]

MICROSOFT = "com.microsoft"
QMAX = 127  # symmetric: -128 is not used, so that negation stays exact
PAIR_MAX = 128  # 255 * 128 = 32640 < 2**15
TINY = np.float32(1e-12)  # keeps an all-zero channel from dividing by zero
LEVELS = 255  # steps of a u8 activation
TABLE_ROWS = 1000  # a looked-up table with fewer rows is not worth quantizing


@dataclass(frozen=True, slots=True)
class Linear:
    """A multiplication x @ weight (+ bias) found in a graph. `bias` names the constant that is added to it, if any.

    `added` is the node that adds it and nothing else (None: BiasGelu, or no bias).
    """

    name: str
    node: onnx.NodeProto
    weight: str
    bias: str | None
    added: onnx.NodeProto | None


def linears(model: onnx.ModelProto) -> Iterator[Linear]:
    """The multiplications by constant matrices, in the graph's order."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for node in model.graph.node:
        weight = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2 or weight.data_type != TensorProto.FLOAT:
            continue
        name = node.output[0]
        following = readers.get(name, [])
        bias = added = None
        if len(following) == 1 and following[0].op_type in ("Add", "BiasGelu"):
            other = next((one for one in following[0].input if one != name), "")
            if other in constants and list(constants[other].dims) == [weight.dims[1]]:
                bias = other
                added = following[0] if following[0].op_type == "Add" else None
        yield Linear(name, node, node.input[1], bias, added)


def limit_pairs(weight: Floats) -> tuple[Int8, Floats]:
    """Symmetric int8 codes of a (inputs, outputs) matrix and one scale per column; neighbours are <= 128 together.

    Processors with AVX2 but without VNNI add the products of two neighbouring inputs in 16 bits, saturating
    (vpmaddubsw). With |code| + |next code| <= 128 no u8 input can reach that limit, so that every processor gives
    the same sums; 7-bit weights, the usual remedy, lose more than twice as much (docs/models.md).
    """
    magnitude = np.abs(weight)
    largest = magnitude.max(axis=0)
    if len(magnitude) % 2:
        magnitude = np.concatenate([magnitude, np.zeros_like(magnitude[:1])])
    pairs = (magnitude[0::2] + magnitude[1::2]).max(axis=0)
    scale = np.maximum(np.maximum(largest, pairs), TINY) / np.float32(QMAX)
    codes = np.clip(np.rint(weight / scale), -QMAX, QMAX).astype(np.int8)
    return codes, scale.astype(np.float32)


def quantize(model: onnx.ModelProto, ranges: Ranges | None) -> onnx.ModelProto:
    """The same graph in INT8, with fixed activation ranges where given. Raises ModelError when they do not fit it."""
    found = list(linears(model))
    if not found:
        raise ModelError("model_architecture", "The graph has no multiplication that could be quantized.")
    if ranges is not None and set(ranges.linears) != {linear.name for linear in found}:
        raise ModelError("model_ranges", "The calibration ranges belong to another graph.", _RECALIBRATE)
    return _Quantizer(model, {linear.name: linear for linear in found}, ranges).model()


_RECALIBRATE = "Run `pipeline models calibrate`."


class _Quantizer:
    """Copies a graph node by node, replacing what becomes INT8."""

    def __init__(self, model: onnx.ModelProto, found: dict[str, Linear], ranges: Ranges | None) -> None:
        self._original = model
        self._linears = found
        self._ranges = ranges
        self._constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self._readers = Counter(name for node in model.graph.node for name in node.input)
        self._nodes: list[onnx.NodeProto] = []

    def model(self) -> onnx.ModelProto:
        dropped = {linear.added.output[0] for linear in self._linears.values() if linear.added is not None}
        for node in self._original.graph.node:
            linear = self._linears.get(node.output[0]) if node.op_type == "MatMul" else None
            if linear is not None:
                self._linear(linear)
            elif self._is_table(node):
                self._table(node)
            elif node.output[0] not in dropped:
                self._nodes.append(node)
        made = onnx.ModelProto()
        made.CopyFrom(self._original)
        used = {name for node in self._nodes for name in node.input}
        del made.graph.node[:], made.graph.initializer[:], made.graph.value_info[:]
        made.graph.node.extend(self._nodes)
        made.graph.initializer.extend(tensor for name, tensor in self._constants.items() if name in used)
        if MICROSOFT not in {opset.domain for opset in made.opset_import}:
            made.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
        return made

    def _linear(self, linear: Linear) -> None:
        weight = self._values(linear.weight)
        x, name = linear.node.input[0], linear.name
        fixed = None if self._ranges is None else self._ranges.linears[name]
        smooth = None
        if fixed is not None:
            if len(fixed.smooth) != len(weight) or len(fixed.mean) != len(weight):
                raise ModelError("model_ranges", "The calibration ranges belong to another graph.", _RECALIBRATE)
            smooth = np.array(fixed.smooth, np.float32)
            weight = weight * smooth[:, None]
        codes, scale = limit_pairs(weight)
        bias = None if linear.bias is None else self._values(linear.bias)
        if fixed is not None and smooth is not None:
            shift = _bias_correction(weight, codes, scale, np.array(fixed.mean, np.float32) / smooth)
            bias = shift if bias is None else bias + shift
        if linear.bias is not None and linear.added is None:  # BiasGelu adds it
            self._constants[linear.bias] = numpy_helper.from_array(bias, linear.bias)
            bias = None
        output = name if linear.added is None else linear.added.output[0]
        matrix = [self._constant(f"{name}.codes", codes), self._constant(f"{name}.scale", scale)]
        zero = self._constant(f"{name}.zero", np.zeros(scale.shape, np.int8))
        ends = [] if bias is None else [self._constant(f"{name}.offset", bias)]
        if fixed is None or smooth is None:
            self._node("DynamicQuantizeMatMul", [x, *matrix, zero, *ends], output, MICROSOFT)
            return
        step, middle = self._activation(name, fixed)
        smoothed = self._node("Mul", [x, self._constant(f"{name}.smooth", 1 / smooth)], f"{name}.smoothed")
        level = self._node("QuantizeLinear", [smoothed, step, middle], f"{name}.levels")
        inputs = [level, matrix[0], step, matrix[1], middle, zero, *ends]
        self._node("MatMulIntegerToFloat", inputs, output, MICROSOFT)

    def _activation(self, name: str, fixed: LinearRange) -> tuple[str, str]:
        """Step and zero point of the u8 input: the range holds zero, so that zero stays exact."""
        low, high = np.float32(min(fixed.low, 0.0)), np.float32(max(fixed.high, 0.0))
        step = np.maximum((high - low) / np.float32(LEVELS), TINY)
        middle = np.uint8(np.clip(np.rint(-low / step), 0, LEVELS))
        return (
            self._constant(f"{name}.step", np.array(step, np.float32)),
            self._constant(f"{name}.middle", np.array(middle, np.uint8)),
        )

    def _is_table(self, node: onnx.NodeProto) -> bool:
        table = self._constants.get(node.input[0]) if node.op_type == "Gather" else None
        return (
            table is not None
            and table.data_type == TensorProto.FLOAT
            and len(table.dims) == 2
            and table.dims[0] >= TABLE_ROWS
            and self._readers[table.name] == 1
            and not any(attribute.name == "axis" and attribute.i for attribute in node.attribute)
        )

    def _table(self, node: onnx.NodeProto) -> None:
        """A looked-up table as int8, one scale per row."""
        name, rows = node.input[0], self._values(node.input[0])
        scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True), TINY) / np.float32(QMAX)
        codes = np.rint(rows / scale).astype(np.int8)
        picked = self._node("Gather", [self._constant(f"{name}.codes", codes), node.input[1]], f"{name}.picked")
        levels = self._node("Cast", [picked], f"{name}.levels", to=TensorProto.FLOAT)
        scales = self._node("Gather", [self._constant(f"{name}.scale", scale), node.input[1]], f"{name}.scales")
        self._node("Mul", [levels, scales], node.output[0])

    def _values(self, name: str) -> Floats:
        values: Floats = numpy_helper.to_array(self._constants[name])
        return values

    def _constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def _node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: int) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output


def _bias_correction(weight: Floats, codes: Int8, scale: Floats, mean: Floats) -> Floats:
    """What rounding the weights adds to the mean output, to be taken out again (Nagel et al. 2019, section 4.2).

    math.fsum rounds once, whatever the order: a sum by numpy or BLAS would depend on the processor.
    """
    lost = weight - codes.astype(np.float32) * scale
    products = lost.astype(np.float64) * mean.astype(np.float64)[:, None]  # exact: 24 bits times 24 bits
    return np.array([math.fsum(column) for column in products.T.tolist()], np.float32)

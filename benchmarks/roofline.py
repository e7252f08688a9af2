"""How fast this processor multiplies u8 by int8 at best: the model's matrices alone, in onnxruntime, on one thread."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from pipeline.registry import quantize, runtime
from pipeline.registry.graph import IR_VERSION, MICROSOFT, OPSET

ROWS = (256, 512, 1024)  # tokens multiplied at a time
LEAST_S = 0.08  # each matrix is multiplied for at least so long


@dataclass(frozen=True, slots=True)
class Shape:
    """What of an encoder's shape decides how much is multiplied."""

    hidden: int
    inner: int
    layers: int

    @property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """Inputs and outputs of a layer's four multiplications by weights: QKV, attention's output, and twice inner."""
        hidden, inner = self.hidden, self.inner
        return (hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden)

    def macs_per_token(self, lengths: Sequence[int]) -> float:
        """Multiply-accumulates for a token, on average over sequences of these lengths; attention's two included."""
        tokens = sum(lengths)
        weights = sum(inputs * outputs for inputs, outputs in self.matrices)
        attention = 2 * self.hidden * sum(length * length for length in lengths) / tokens
        return self.layers * (weights + attention)


class Roofline:
    """The sessions, ready to be timed again and again."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        random = np.random.default_rng(1)
        self._runs = [(rows, [_binding(random, rows, *matrix) for matrix in shape.matrices]) for rows in ROWS]

    def gmacs(self) -> float:
        """10^9 multiply-accumulates in a second of one core: of the four matrices together, with the best ROWS."""
        return max(self._rate(rows, bindings) for rows, bindings in self._runs) / 1e9

    def _rate(self, rows: int, bindings: Sequence[tuple[Any, Any]]) -> float:
        macs = sum(inputs * outputs for inputs, outputs in self._shape.matrices)
        return rows * macs / sum(_seconds(session, binding) for session, binding in bindings)


def _seconds(session: Any, binding: Any) -> float:  # noqa: ANN401 - onnxruntime has no types
    """Processor seconds of one run."""
    session.run_with_iobinding(binding)
    runs, started = 0, time.process_time()
    while (passed := time.process_time() - started) < LEAST_S or not runs:
        session.run_with_iobinding(binding)
        runs += 1
    return passed / runs


def _binding(random: np.random.Generator, rows: int, inputs: int, outputs: int) -> tuple[Any, Any]:
    """A session of one multiplication and its input and output, which stay where they are from run to run."""
    session = runtime.session(_multiplication(random, inputs, outputs).SerializeToString())
    import onnxruntime  # after the product has imported it, with its telemetry switched off

    binding = session.io_binding()
    levels = random.integers(0, 256, (rows, inputs), np.uint8)
    binding.bind_ortvalue_input("levels", onnxruntime.OrtValue.ortvalue_from_numpy(levels))
    product = onnxruntime.OrtValue.ortvalue_from_shape_and_type([rows, outputs], np.float32)
    binding.bind_ortvalue_output("product", product)
    return session, binding


def _multiplication(random: np.random.Generator, inputs: int, outputs: int) -> onnx.ModelProto:
    """What each matrix of the product's model is: MatMulIntegerToFloat with one scale per column and a bias."""
    codes, scale = quantize.limit_pairs(random.standard_normal((inputs, outputs), np.float32))
    constants = {
        "codes": codes,
        "step": np.array(0.01, np.float32),
        "scale": scale,
        "middle": np.array(128, np.uint8),
        "zero": np.zeros(outputs, np.int8),
        "offset": np.zeros(outputs, np.float32),
    }
    node = helper.make_node(
        "MatMulIntegerToFloat",
        ["levels", "codes", "step", "scale", "middle", "zero", "offset"],
        ["product"],
        domain=MICROSOFT,
    )
    graph = helper.make_graph(
        [node],
        "multiplication",
        [helper.make_tensor_value_info("levels", TensorProto.UINT8, ["rows", inputs])],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, ["rows", outputs])],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets)
    model.ir_version = IR_VERSION
    return model

"""INT8 arithmetic against exact integers: what a graph becomes, and that no processor can saturate on it."""

import math

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from onnx import TensorProto, helper, numpy_helper

from pipeline.errors import ModelError
from pipeline.evaluation import hardware
from pipeline.registry import quantize
from pipeline.registry.quantize import PAIR_MAX, QMAX, Floats, limit_pairs
from pipeline.registry.ranges import LinearRange, Ranges
from pipeline.registry.runtime import session

MATRICES = arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(
    -1000, 1000, width=32
))  # fmt: skip
K, N = 64, 24


@settings(deadline=None, derandomize=True)
@given(MATRICES)
def test_codes_are_the_nearest_and_no_two_neighbours_reach_the_limit_together(weight: Floats) -> None:
    codes, scale = limit_pairs(weight)
    assert (str(codes.dtype), str(scale.dtype)) == ("int8", "float32")
    assert (codes.shape, scale.shape) == (weight.shape, weight.shape[1:])
    for row, column in np.ndindex(weight.shape):
        assert abs(float(codes[row, column]) - float(weight[row, column]) / float(scale[column])) <= 0.5 + 1e-3
    magnitude = np.abs(codes.astype(int))
    assert magnitude.max(initial=0) <= QMAX
    pairs = magnitude[0:-1:2] + magnitude[1::2]
    assert pairs.max(initial=0) <= PAIR_MAX


def test_a_column_without_large_neighbours_uses_all_codes_and_one_of_zeros_stays_zero() -> None:
    codes, scale = limit_pairs(np.array([[0.0, 2.0], [0.0, 0.0], [0.0, -4.0], [0.0, 0.0]], np.float32))
    np.testing.assert_array_equal(codes[:, 0], 0)
    np.testing.assert_array_equal(codes[:, 1], [64, 0, -127, 0])
    assert np.isfinite(scale).all()


def product(codes: npt.NDArray[np.int8], levels: npt.NDArray[np.uint8], middle: int) -> npt.NDArray[np.float32]:
    """What onnxruntime makes of u8 levels times int8 codes on this processor."""
    constants = {
        "w": codes, "step": np.float32(1), "scale": np.ones(codes.shape[1], np.float32), "middle": np.uint8(middle),
        "zero": np.zeros(codes.shape[1], np.int8),
    }  # fmt: skip
    node = helper.make_node(
        "MatMulIntegerToFloat", ["x", "w", "step", "scale", "middle", "zero"], ["y"], domain=quantize.MICROSOFT
    )
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, ["rows", codes.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(quantize.MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    result: npt.NDArray[np.float32] = session(model.SerializeToString()).run(None, {"x": levels})[0]
    return result


@pytest.mark.parametrize("rows", [1, 7, 33])
@pytest.mark.parametrize("middle", [0, 128, 255])
def test_the_worst_inputs_give_exact_sums_on_this_processor(rows: int, middle: int) -> None:
    """All levels at 255, weights of one sign in each pair: where vpmaddubsw would saturate with ordinary codes."""
    random = np.random.default_rng(rows)
    weight = np.abs(random.normal(size=(384, 96))).astype(np.float32) * random.choice([-1, 1], (1, 96))
    codes, _ = limit_pairs(weight.astype(np.float32))
    for levels in (np.full((rows, 384), 255, np.uint8), random.integers(0, 256, (rows, 384)).astype(np.uint8)):
        exact = (levels.astype(np.int64) - middle) @ codes.astype(np.int64)
        np.testing.assert_array_equal(product(codes, levels, middle), exact.astype(np.float32))


def small_graph(weight: Floats, bias: Floats | None = None, gelu: Floats | None = None) -> onnx.ModelProto:
    """x @ weight (+ bias), or BiasGelu(x @ weight, gelu)."""
    constants = {"w": weight} | ({"b": bias} if bias is not None else {}) | ({"g": gelu} if gelu is not None else {})
    nodes = [helper.make_node("MatMul", ["x", "w"], ["product" if len(constants) > 1 else "y"])]
    if bias is not None:
        nodes.append(helper.make_node("Add", ["b", "product"], ["y"]))
    if gelu is not None:
        nodes.append(helper.make_node("BiasGelu", ["product", "g"], ["y"], domain=quantize.MICROSOFT))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "tokens", K])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(quantize.MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def ran(model: onnx.ModelProto, x: Floats) -> Floats:
    result: Floats = session(model.SerializeToString()).run(None, {"x": x})[0]
    return result


def ranges(x: Floats, name: str) -> Ranges:
    smooth = np.linspace(0.5, 2.0, K).astype(np.float32)
    smoothed = x[0] / smooth
    linear = LinearRange(
        low=float(smoothed.min()), high=float(smoothed.max()),
        smooth=tuple(map(float, smooth)), mean=tuple(map(float, x[0].mean(axis=0))),
    )  # fmt: skip
    return Ranges(graph_sha256="0" * 64, texts_sha256="0" * 64, passages=1, alpha=0.8, linears={name: linear})


@pytest.fixture
def x() -> Floats:
    values: Floats = np.random.default_rng(3).normal(0.7, 1.0, (1, 50, K)).astype(np.float32)
    return values


@pytest.fixture
def weight() -> Floats:
    values: Floats = np.random.default_rng(4).normal(size=(K, N)).astype(np.float32)
    return values


BIAS = np.arange(N, dtype=np.float32)


@pytest.mark.parametrize("bias", [None, BIAS])
def test_the_static_graph_computes_nearly_what_the_float_graph_does(
    x: Floats, weight: Floats, bias: Floats | None
) -> None:
    model = small_graph(weight, bias)
    name = "product" if bias is not None else "y"
    made = quantize.quantize(model, ranges(x, name))
    kinds = [node.op_type for node in made.graph.node]
    assert kinds == ["Mul", "QuantizeLinear", "MatMulIntegerToFloat"]
    expected = ran(model, x)
    assert np.abs(ran(made, x) - expected).max() < 0.02 * np.abs(expected).max()


def test_the_dynamic_graph_computes_nearly_what_the_float_graph_does(x: Floats, weight: Floats) -> None:
    model = small_graph(weight, BIAS)
    made = quantize.quantize(model, None)
    assert [node.op_type for node in made.graph.node] == ["DynamicQuantizeMatMul"]
    expected = ran(model, x)
    assert np.abs(ran(made, x) - expected).max() < 0.02 * np.abs(expected).max()


@pytest.mark.parametrize("gelu", [False, True])
def test_rounding_shifts_no_mean(x: Floats, weight: Floats, gelu: bool) -> None:
    """The bias takes out what rounding the weights adds on average: computed here by hand, in float64."""
    model = small_graph(weight, None if gelu else BIAS, BIAS if gelu else None)
    fixed = ranges(x, "product")
    made = quantize.quantize(model, fixed)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in made.graph.initializer}
    smooth = np.array(fixed.linears["product"].smooth)
    mean = np.array(fixed.linears["product"].mean) / smooth
    lost = weight * smooth[:, None] - constants["product.codes"] * constants["product.scale"].astype(np.float64)
    np.testing.assert_allclose(constants["g" if gelu else "product.offset"], BIAS + mean @ lost, rtol=1e-4, atol=1e-4)
    assert np.abs(mean @ lost).max() > 0.01, "there is something to correct"


def test_a_table_is_looked_up_in_int8() -> None:
    rows = np.random.default_rng(5).normal(size=(quantize.TABLE_ROWS, 8)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["picked"]),
            helper.make_node("MatMul", ["picked", "w"], ["y"]),
        ],
        "g",
        [helper.make_tensor_value_info("ids", TensorProto.INT32, [1, "tokens"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(rows, "table"), numpy_helper.from_array(np.eye(8, dtype=np.float32), "w")],
    )
    made = quantize.quantize(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), None)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in made.graph.initializer}
    assert "table" not in constants
    restored = constants["table.codes"] * constants["table.scale"]
    assert np.abs(restored - rows).max() <= np.abs(rows).max() / 127 / 2 * 1.01
    ids = np.array([[3, 999, 0]], np.int32)
    found = session(made.SerializeToString()).run(None, {"ids": ids})[0]
    np.testing.assert_allclose(found[0], rows[ids[0]], atol=0.06)


def test_a_value_that_others_read_too_is_not_swallowed(weight: Floats) -> None:
    model = small_graph(weight, BIAS)
    model.graph.output.append(helper.make_tensor_value_info("product", TensorProto.FLOAT, None))
    model.graph.node.append(helper.make_node("Identity", ["product"], ["again"]))
    (linear,) = quantize.linears(model)
    assert (linear.name, linear.bias, linear.added) == ("product", None, None)


def test_ranges_that_belong_to_another_graph_are_refused(x: Floats, weight: Floats) -> None:
    with pytest.raises(ModelError) as refused:
        quantize.quantize(small_graph(weight), ranges(x, "another"))
    assert refused.value.code == "model_ranges"
    with pytest.raises(ModelError) as refused:
        quantize.quantize(small_graph(weight[: K // 2]), ranges(x, "y"))
    assert refused.value.code == "model_ranges"


def test_a_graph_without_multiplications_is_refused() -> None:
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [], [])
    with pytest.raises(ModelError) as refused:
        quantize.quantize(helper.make_model(graph), None)
    assert refused.value.code == "model_architecture"


def test_a_sum_that_is_rounded_once_does_not_depend_on_its_order() -> None:
    values = [1e16, 1.0, -1e16] * 5
    assert math.fsum(values) == math.fsum(sorted(values)) == 5.0


def test_ordinary_codes_saturate_exactly_on_the_processors_that_are_said_to() -> None:
    """What doctor says of this processor, against what it does: two neighbours at 127 under levels of 255."""
    kernel = hardware.hardware().integer_kernel
    if kernel == hardware.UNKNOWN:
        pytest.skip("this system does not tell which instructions the processor has")
    codes = np.zeros((64, 32), np.int8)
    codes[:2] = QMAX
    found = product(codes, np.full((4, 64), 255, np.uint8), 0)
    saturates = not np.array_equal(found, np.full((4, 32), 2.0 * 255 * QMAX, np.float32))
    assert saturates == (kernel == hardware.SATURATING)

"""What a model file may not be: a pickle, a reader of other files, a user of foreign operators, or nonsense."""

import pickle
import random
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.errors import ModelError
from pipeline.registry import inspection


def model(*nodes: onnx.NodeProto, weight: onnx.TensorProto | None = None) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes or [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
        [weight or numpy_helper.from_array(np.ones(2, np.float32), "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def external(name: str = "w") -> onnx.TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def code_of(content: bytes) -> str:
    with pytest.raises(ModelError) as refused:
        inspection.check(content)
    assert refused.value.exit_status == 4
    return refused.value.code


def test_an_ordinary_model_passes_and_the_same_with_one_foreign_operator_does_not() -> None:
    ordinary = model()
    inspection.check(ordinary.SerializeToString())
    ordinary.graph.node[0].domain = "com.example"
    assert code_of(ordinary.SerializeToString()) == "model_operator"


def test_the_installed_model_passes_until_one_of_its_tensors_lies_elsewhere(model: Path) -> None:
    content = (model / "model.onnx").read_bytes()
    inspection.check(content)
    loaded = onnx.load_from_string(content)
    loaded.graph.initializer[-1].data_location = TensorProto.EXTERNAL
    assert code_of(loaded.SerializeToString()) == "model_external"


def test_data_in_another_file_is_refused_wherever_it_hides() -> None:
    assert code_of(model(weight=external()).SerializeToString()) == "model_external"
    constant = helper.make_node("Constant", [], ["c"], value=external("c"))
    assert code_of(model(constant).SerializeToString()) == "model_external"
    inner = helper.make_graph([constant], "inner", [], [])
    branch = helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)
    assert code_of(model(branch).SerializeToString()) == "model_external"
    only_key = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2])
    only_key.external_data.add(key="location", value="weights.bin")
    assert code_of(model(weight=only_key).SerializeToString()) == "model_external"


def test_operators_that_need_another_library_are_refused() -> None:
    foreign = helper.make_node("Anything", ["x"], ["y"], domain="ai.onnx.contrib")
    assert code_of(model(foreign).SerializeToString()) == "model_operator"
    declared = model()
    declared.opset_import.append(helper.make_opsetid("evil.domain", 1))
    assert code_of(declared.SerializeToString()) == "model_operator"


def test_pickles_and_archives_are_refused() -> None:
    assert code_of(pickle.dumps({"weights": [1, 2]})) == "model_format"
    assert code_of(b"PK\x03\x04 a torch file") == "model_format"


def test_every_cut_of_a_model_is_refused_or_harmless() -> None:
    content = model(weight=external()).SerializeToString()
    for end in range(1, len(content)):
        try:
            inspection.check(content[:end])
        except ModelError as refused:
            assert refused.code in ("model_format", "model_external")


def test_noise_never_does_more_than_refuse() -> None:
    source = random.Random(1)
    content = bytearray(model().SerializeToString())
    codes: set[str] = set()
    for _ in range(2000):
        damaged = bytearray(content)
        for _ in range(source.randrange(1, 4)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        try:
            inspection.check(bytes(damaged))
        except ModelError as refused:
            codes.add(refused.code)
    assert codes == {"model_format", "model_external", "model_operator"}


def test_a_message_within_messages_without_end_is_refused() -> None:
    graph = b""
    for _ in range(200):  # graph -> node -> attribute -> graph ...
        attribute = b"\x32" + _sized(graph)
        graph = b"\x0a" + _sized(b"\x2a" + _sized(attribute))
    assert code_of(b"\x3a" + _sized(graph)) == "model_format"


def _sized(content: bytes) -> bytes:
    size, out = len(content), b""
    while True:
        out += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return out + content

"""Runs texts through the float graph and writes down what reaches each multiplication. Keeps numbers, never text."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from pipeline.registry import quantize, runtime
from pipeline.registry.ranges import LinearRange, Ranges

# How much of the difficulty moves from activations to weights (SmoothQuant, equation 4). With weights limited in pairs
# and their bias corrected, 0.8 kept most on ordinary text and lists of names together (docs/models.md).
ALPHA = 0.8
DIGITS = 4  # significant; more would change nothing that a build can see
SMOOTH_BOUNDS = (1e-3, 1e4)

Channels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of one input, per channel: the least, the greatest and the sum over all tokens."""

    low: Channels
    high: Channels
    total: Channels


def calibrate(graph: onnx.ModelProto, tokenizer: Any, texts: Sequence[str], alpha: float = ALPHA) -> Ranges:  # noqa: ANN401 - tokenizers has no types
    """The ranges of every multiplication of the float `graph` over the texts, each one unpadded sequence."""
    found = list(quantize.linears(graph))
    constants = {tensor.name: tensor for tensor in graph.graph.initializer}
    tapped = _tapped(graph, [linear.node.input[0] for linear in found])
    session = runtime.session(tapped.SerializeToString())
    taps = [output.name for output in session.get_outputs()]
    seen: dict[str, _Seen] = {}
    tokens = 0
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], np.int32)
        tokens += ids.shape[1]
        for name, values in zip(taps, session.run(taps, {"input_ids": ids}), strict=True):
            rows = values.reshape(-1, values.shape[-1]).astype(np.float64)
            seen[name] = _merged(seen.get(name), _Seen(rows.min(axis=0), rows.max(axis=0), rows.sum(axis=0)))
    return Ranges(
        graph_sha256=hashlib.sha256(graph.SerializeToString(deterministic=True)).hexdigest(),
        texts_sha256=hashlib.sha256("\0".join(texts).encode()).hexdigest(),
        passages=len(texts),
        alpha=alpha,
        linears={
            linear.name: _linear_range(
                seen[linear.node.input[0]], tokens, numpy_helper.to_array(constants[linear.weight]), alpha
            )
            for linear in found
        },
    )


def _tapped(graph: onnx.ModelProto, names: Sequence[str]) -> onnx.ModelProto:
    """The graph with the given values as its outputs."""
    tapped = onnx.ModelProto()
    tapped.CopyFrom(graph)
    del tapped.graph.output[:]
    for name in dict.fromkeys(names):
        tapped.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return tapped


def _merged(before: _Seen | None, now: _Seen) -> _Seen:
    if before is None:
        return now
    return _Seen(np.minimum(before.low, now.low), np.maximum(before.high, now.high), before.total + now.total)


def _linear_range(seen: _Seen, tokens: int, weight: npt.NDArray[np.float32], alpha: float) -> LinearRange:
    activations = np.maximum(np.maximum(-seen.low, seen.high), 1e-5)
    weights = np.maximum(np.abs(weight).max(axis=1).astype(np.float64), 1e-5)
    smooth = _rounded(np.clip(activations**alpha / weights ** (1 - alpha), *SMOOTH_BOUNDS))
    divisor = np.array(smooth)
    low, high = float((seen.low / divisor).min()), float((seen.high / divisor).max())
    return LinearRange(
        low=_rounded([low])[0], high=_rounded([high])[0], smooth=smooth, mean=_rounded(seen.total / tokens)
    )


def _rounded(values: Sequence[float] | Channels) -> tuple[float, ...]:
    return tuple(float(f"{value:.{DIGITS}g}") for value in values)

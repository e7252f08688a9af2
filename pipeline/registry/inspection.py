"""Looks into an ONNX file before it is loaded: no data outside it, no operator but the known ones, no other format.

Reads the protobuf wire format directly (protobuf.dev/programming-guides/encoding), since the onnx package is not part
of the runtime; field numbers are those of onnx.proto (IR version 10).
"""

import mmap
from collections.abc import Iterator

from pipeline.errors import ModelError

DOMAINS = frozenset({b"", b"ai.onnx", b"com.microsoft"})  # what onnxruntime brings itself
MAX_DEPTH = 32

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# message -> field -> message inside; the rest is data
_INSIDE = {
    "model": {7: "graph", 8: "opset", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 9: "opset", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}  # fmt: skip
_DOMAIN_FIELD = {"node": 7, "opset": 1}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14


def check(content: bytes | mmap.mmap) -> None:
    """Raise ModelError unless the bytes are an ONNX model that needs nothing but themselves and onnxruntime."""
    if content[:2] == b"PK" or content[:1] == b"\x80":
        raise ModelError("model_format", "The model file is a pickle or an archive, which may hold code.")
    try:
        _walk(memoryview(content), "model", 0)
    except (ValueError, IndexError):
        raise ModelError("model_format", "The model file is not a valid ONNX model.") from None


def _walk(message: memoryview, kind: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    inside = _INSIDE.get(kind, {})
    for field, value in _fields(message):
        if kind == "tensor" and (field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value != 0)):
            raise ModelError("model_external", "The model keeps data in another file, which is not allowed.")
        if isinstance(value, int):
            continue
        if field == _DOMAIN_FIELD.get(kind) and bytes(value) not in DOMAINS:
            raise ModelError("model_operator", "The model uses operators that onnxruntime does not have itself.")
        if field in inside:
            _walk(value, inside[field], depth + 1)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Number and value of each field of a message. Raises ValueError, IndexError where it is cut or malformed."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        field, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(message, place)
            yield field, value
            continue
        if wire == _BYTES:
            size, place = _varint(message, place)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError("unknown wire type")
        if place + size > len(message):
            raise ValueError("cut short")
        yield field, message[place : place + size]
        place += size


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("varint too long")

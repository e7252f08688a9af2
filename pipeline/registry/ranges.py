"""ranges.json: what calibration saw at the input of every multiplication. Numbers only; committed, so builds repeat."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from pipeline.errors import ModelError
from pipeline.registry.manifest import Sha256


class LinearRange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The input of one multiplication, channel by channel, in decimals that every machine reads alike.

    `smooth` is what each channel is divided by (SmoothQuant, Xiao et al. 2023, equation 4), `mean` its mean before
    that; `low` and `high` bound all channels after it.
    """

    low: float
    high: float
    smooth: tuple[float, ...]
    mean: tuple[float, ...]


class Ranges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, and what they were made from: hashes of the float graph and the texts, SmoothQuant's alpha."""

    graph_sha256: Sha256
    texts_sha256: Sha256
    passages: int
    alpha: float
    linears: Mapping[str, LinearRange]


def decode(content: bytes) -> Ranges:
    """The ranges in a file's bytes. Raises ModelError."""
    try:
        return msgspec.json.decode(content, type=Ranges)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError("model_ranges", f"The calibration ranges cannot be read: {error}") from None


def encode(ranges: Ranges) -> bytes:
    """The file's bytes: JSON, one multiplication a line so that a change of one can be seen."""
    head = {name: getattr(ranges, name) for name in ("graph_sha256", "texts_sha256", "passages", "alpha")}
    lines = [f"{_json(name)}: {_json(value)}," for name, value in head.items()]
    linears = ",\n".join(f"  {_json(name)}: {_json(linear)}" for name, linear in ranges.linears.items())
    return "\n".join(["{", *lines, f'"linears": {{\n{linears}\n}}', "}", ""]).encode()


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()

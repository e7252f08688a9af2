"""What coordinator and parser child say to each other: one request, then length-prefixed JSON frames. No behaviour.

The child's side is untrusted: the coordinator decodes frames strictly into these types and checks every bound
before it believes a value (sandbox.py).
"""

import struct
from typing import BinaryIO

import msgspec

from pipeline.outcomes import Code

LENGTH = struct.Struct(">I")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Read one file, given as an open descriptor. Sizes in bytes, times in seconds, pages counted from 1."""

    suffix: str  # lower case, with the dot: a hint where the content does not tell
    first_page: int
    max_pages: int
    max_text_bytes: int
    address_space_bytes: int
    cpu_s: int
    page_cpu_s: float  # after which a page, or opening the document, is given up without another try


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The document could be opened."""

    format: str
    page_count: int


class Page(msgspec.Struct, frozen=True, tag="page"):
    """One page, in order. `code` is set where it was not fully read."""

    number: int
    text: str
    code: Code | None = None


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The last frame. `code` is set where the document ended early or was refused."""

    code: Code | None = None


Frame = Opened | Page | Finished
_encoder = msgspec.json.Encoder()


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Send one frame at once."""
    body = _encoder.encode(frame)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()

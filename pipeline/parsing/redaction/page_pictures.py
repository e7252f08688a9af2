"""Paints over places of a page's picture, and has it made small. The values themselves are changed here, in no child.

What is stored is made by a child that has seen nothing but these values, so that a document that bends the child which
draws it can change the picture, and nothing else.
"""

import math
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pipeline.config import ParsingConfig
from pipeline.datatypes import Picture
from pipeline.isolation.scratch import scratch_file
from pipeline.parsing.answers import Patience, check, frames
from pipeline.parsing.extraction import collect
from pipeline.parsing.protocol import PIECE_BYTES, Packed, Request, Task
from pipeline.parsing.redaction.glyphs import Box
from pipeline.parsing.redaction.writing import PackedPicture
from pipeline.parsing.sandbox import CPU_SHARE
from pipeline.parsing.zygote import Launcher

_PIXEL_BYTES = 3


def blacken(picture: Picture, areas: Iterable[Box]) -> None:
    """Set all values of these areas of an open picture to black, whole pixels."""
    assert picture.content is not None
    with open(picture.content, "r+b", closefd=False) as file:
        for area in areas:
            left, right = math.floor(area.left * picture.width), math.ceil(area.right * picture.width)
            black = bytes(_PIXEL_BYTES * (min(right, picture.width) - left))
            for row in range(
                math.floor(area.top * picture.height), min(picture.height, math.ceil(area.bottom * picture.height))
            ):
                file.seek(_PIXEL_BYTES * (row * picture.width + left))
                file.write(black)
        file.flush()
        file.seek(0)


class Packer:
    """Makes pictures small, one child each. Threads may share it."""

    def __init__(self, launcher: Launcher, limits: ParsingConfig, stop: threading.Event) -> None:
        self._launcher = launcher
        self._limits = limits
        self._stop = stop

    @contextmanager
    def packed(self, picture: Picture) -> Iterator[PackedPicture]:
        """A picture in colour, small, as long as the context is open. Raises ChildLost, Stopped, SandboxError."""
        assert picture.content is not None
        patience = Patience(self._limits.page_timeout_s, self._limits.page_timeout_s)
        child = self._launcher.start(picture.content, self._request(picture))
        try:
            with scratch_file() as content:
                answer = frames(child, 2 * PIECE_BYTES, patience, self._stop, lambda: 1.0)
                packed = next(answer, None)
                check(isinstance(packed, Packed) and packed.channels in (1, _PIXEL_BYTES))
                assert isinstance(packed, Packed)
                size = collect(answer, content, 2 * _PIXEL_BYTES * picture.width * picture.height + PIECE_BYTES)
                with open(content, "rb", closefd=False) as file:
                    yield PackedPicture(picture.width, picture.height, packed.channels, packed.packing, size, file)
        finally:
            child.kill()

    def _request(self, picture: Picture) -> Request:
        return Request(
            task=Task.PACK,
            suffix="",
            first_page=1,
            size=(picture.width, picture.height),
            max_pages=1,
            max_text_bytes=0,
            address_space_bytes=2 * (self._limits.memory_mb << 20),
            cpu_s=int(self._limits.page_timeout_s) + 1,
            page_cpu_s=self._limits.page_timeout_s * CPU_SHARE,
        )

"""Markdown is read as it is written: its marks are few, and offsets stay those of the file."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.parsing.protocol import Opened, Page, Request
from pipeline.parsing.readers import text


def read(file: BinaryIO, request: Request) -> Iterator[Opened | Page]:
    """The text, under its own format name."""
    for frame in text.read(file, request):
        yield Opened("markdown", frame.page_count) if isinstance(frame, Opened) else frame

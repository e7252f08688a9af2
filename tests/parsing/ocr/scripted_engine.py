"""A child of text recognition that follows a script instead; fork, lock, limits and the wire are the product's.

Run as `python -m tests.parsing.ocr.scripted_engine ENFORCEMENT FD|once ENGINE`, like pipeline.parsing.ocr.worker. The
grey values of its picture are the script: steps by the languages that are asked for, under "" for all others.
"""

import io
import sys
from collections.abc import Iterator
from typing import BinaryIO
from unittest import mock

import msgspec

from pipeline.parsing.ocr import worker
from pipeline.parsing.protocol import PictureRequest, Recognised
from tests.parsing import scripted_worker
from tests.parsing.script import Step, says
from tests.parsing.support import REQUEST


def act(_reader: object, picture: BinaryIO, request: PictureRequest) -> Iterator[bytes]:
    """Follow the script."""
    scripts = msgspec.json.decode(picture.read(), type=dict[str, list[Step]])
    for step in scripts.get("+".join(request.languages), scripts.get("", [])):
        if step.probe:
            yield says(Recognised(msgspec.json.encode(scripted_worker.probe()).decode(), 100.0)).raw
        else:
            yield from scripted_worker.act(io.BytesIO(msgspec.json.encode([step])), REQUEST)


if __name__ == "__main__":
    with (
        mock.patch.object(worker, "recognise", act),
        mock.patch.object(worker, "write_frame", scripted_worker.send),
        mock.patch.object(worker, "Tesseract", mock.Mock()),
    ):
        worker.main(sys.argv[1:])

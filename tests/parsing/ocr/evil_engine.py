"""A child of text recognition that a picture has taken over: it tries the ways out that its grey values name.

Run as `python -m tests.parsing.ocr.evil_engine ENFORCEMENT FD|once ENGINE`, like pipeline.parsing.ocr.worker, whose
lock, limits and wire it has. The text of its answer is what came of each attempt.
"""

import sys
from collections.abc import Iterator
from typing import BinaryIO
from unittest import mock

import msgspec

from pipeline.isolation import attempts, probe
from pipeline.parsing.ocr import worker
from pipeline.parsing.protocol import Finished, Frame, PictureRequest, Recognised
from tests.parsing.evil_worker import Plan


def act(_reader: object, picture: BinaryIO, _request: PictureRequest) -> Iterator[Frame]:
    """Try each way that the picture names."""
    plan = msgspec.json.decode(picture.read(), type=Plan)
    known = {attempt.__name__: attempt for attempt in attempts.ALL}
    outcomes = [probe.try_out(known[name], plan.sink) for name in plan.names]
    yield Recognised(msgspec.json.encode(outcomes).decode(), 100.0)
    yield Finished()


if __name__ == "__main__":
    with mock.patch.object(worker, "recognise", act), mock.patch.object(worker, "Tesseract", mock.Mock()):
        worker.main(sys.argv[1:])

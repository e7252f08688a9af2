"""A parser child that a document has taken over: it tries the ways out that the document names, instead of reading.

Run as `python evil_worker.py ENFORCEMENT FD` or `… ENFORCEMENT once`, like pipeline.parsing.worker, whose lock, limits
and wire it has. Each page of its answer is what came of one attempt.
"""

import sys
from collections.abc import Iterator
from typing import BinaryIO
from unittest import mock

import msgspec

from pipeline.isolation import attempts, probe
from pipeline.isolation.attempts import Sink
from pipeline.parsing import worker
from pipeline.parsing.protocol import Finished, Frame, Opened, Page, Request


class Plan(msgspec.Struct, frozen=True):
    """What the document says: where to, and by which ways."""

    sink: Sink
    names: tuple[str, ...]


def act(file: BinaryIO, request: Request) -> Iterator[Frame]:
    """Try each way that the document names."""
    plan = msgspec.json.decode(file.read(), type=Plan)
    known = {attempt.__name__: attempt for attempt in attempts.ALL}
    yield Opened("text", len(plan.names))
    for number, name in enumerate(plan.names, 1):
        if number >= request.first_page:
            outcome = probe.try_out(known[name], plan.sink)
            yield Page(number, msgspec.json.encode(outcome).decode())
    yield Finished()


if __name__ == "__main__":
    with mock.patch.object(worker, "read", act):
        worker.main(sys.argv[1:])

"""The searches of others, answered beside whatever a Pipeline does. Decides nothing about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from pipeline.datatypes import Query
from pipeline.isolation.listener import Listener
from pipeline.service.messages import Answer
from pipeline.service.server import Server

if TYPE_CHECKING:
    from pipeline.app import Pipeline


def answer(pipeline: "Pipeline", query: Query) -> Answer:
    """The passages, and what there is to say where there are none, or not all yet. Raises UsageError."""
    hits, counts = pipeline.answer(query), pipeline.counts()
    return Answer(hits, has_files=bool(counts.ended), unfinished=counts.open > 0)


def answer_of_one_state(beside: "Pipeline", query: Query) -> Answer:
    """The same of a Pipeline beside another, whose commits are in all of it or in nothing. Raises PipelineError."""
    with beside.database.snapshot():
        return answer(beside, query)


@contextmanager
def answering(pipeline: "Pipeline", listener: Listener) -> Iterator[None]:
    """Until the end of the block, answer who connects, beside whatever the pipeline does."""
    beside = pipeline.beside()
    try:
        with Server(listener, pipeline.config, partial(answer_of_one_state, beside)):
            yield
    finally:
        beside.close()

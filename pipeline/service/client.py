"""Asks a running watcher, which has all loaded. Where none answers soon, whoever asks opens the index himself."""

from pipeline.config import Config
from pipeline.datatypes import Query
from pipeline.errors import UsageError
from pipeline.isolation import listener
from pipeline.isolation.line import Line
from pipeline.service import messages
from pipeline.service.messages import MAX_REPLY_BYTES, SOCKET, Answer, Question, Refusal

_CONNECT_S = 0.2  # it is a matter of microseconds, unless more wait than the system lets wait
_ANSWER_S = 1.5  # a busy machine takes a third of it; beyond, opening the index is faster


def connect(config: Config) -> Line | None:
    """A line to the watcher of this store. To be called before the lock, which lets a process make no socket."""
    return listener.connect(config.store_path, SOCKET, _CONNECT_S) if config.search.service else None


def ask(line: Line | None, config: Config, query: Query) -> Answer | None:
    """What the watcher answers, and hang up. Raises UsageError.

    None when it did not: there is no line, it is busy, is being stopped, has another version or configuration, or met
    an error that is not the query's fault, which whoever asks meets and tells himself.
    """
    if line is None:
        return None
    try:
        with line:
            line.send(messages.encoded(Question(messages.identity(config), query)), _CONNECT_S)
            reply = messages.reply(line.receive(MAX_REPLY_BYTES, _ANSWER_S))
    except (OSError, ValueError):
        return None
    if isinstance(reply, Refusal):
        raise UsageError(reply.code, reply.message, reply.advice)
    return reply

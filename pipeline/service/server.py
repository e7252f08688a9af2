"""Answers searches for other commands, beside a watcher's own work. A few threads, each with one connection at a time.

Whoever connects is a process of this user, and still not trusted: it has so long to ask, and to take its answer; a
question has a largest size; who wastes a thread's time makes that thread rest. Whoever finds all threads taken waits
with the kernel, and gives up by himself.
"""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.config import Config
from pipeline.datatypes import Query
from pipeline.errors import PipelineError, UsageError
from pipeline.isolation.line import Line
from pipeline.isolation.listener import Listener, is_there
from pipeline.isolation.sealing import make_private_folder
from pipeline.service import messages
from pipeline.service.messages import MAX_QUESTION_BYTES, SOCKET, Answer, Refusal, Reply

THREADS = 4  # that wait for who says nothing; searches go one after the other
_QUESTION_S = 1.0  # who has connected locks itself before it asks, in a few hundredths of that
_TAKE_S = 2.0
_REST_S = 0.1  # after a connection that came to nothing: so a flood of them costs little
_END_S = 2.0
_log = logging.getLogger("pipeline.service")


@contextmanager
def listening(config: Config) -> Iterator[Listener | None]:
    """A watcher's listener, made before its lock. None: it is switched off, cannot be, or another watcher has one."""
    listener = None
    if config.search.service:
        make_private_folder(config.store_path)
        listener = Listener.open(config.store_path, SOCKET)
    try:
        yield listener
    finally:
        if listener is not None:
            listener.close()


class AnsweredBy(StrEnum):
    """Who answers the searches of other commands."""

    WATCHER = "watcher"
    NOBODY = "nobody"
    OFF = "off"

    @property
    def sentence(self) -> str:
        """For people."""
        return _SENTENCES[self]


_SENTENCES = {
    AnsweredBy.WATCHER: "answered by a running watcher",
    AnsweredBy.NOBODY: "no watcher runs that answers: each search opens the index",
    AnsweredBy.OFF: "each search opens the index (search.service: false)",
}


def answered_by(config: Config) -> AnsweredBy:
    """Who answers searches of this store, as a locked process can tell, too."""
    if not config.search.service:
        return AnsweredBy.OFF
    return AnsweredBy.WATCHER if is_there(config.store_path, SOCKET) else AnsweredBy.NOBODY


class Server:
    """Use as a context: answers from its beginning to its end. `search` is called in its threads, several at once."""

    def __init__(self, listener: Listener, config: Config, search: Callable[[Query], Answer]) -> None:
        self._listener = listener
        self._identity = messages.identity(config)
        self._search = search
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"search-{number}", daemon=True) for number in range(THREADS)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._listener.stop()
        deadline = time.monotonic() + _END_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                line = self._listener.accept()
            except OSError:  # it has stopped, or this process has too many files open at the moment
                line = None
            if line is None or not self._serve(line):
                self._ended.wait(_REST_S)

    def _serve(self, line: Line) -> bool:
        """Answer one connection; whether it was worth it."""
        try:
            with line:
                reply = self._reply(line.receive(MAX_QUESTION_BYTES, _QUESTION_S))
                if reply is not None:
                    line.send(messages.encoded(reply), _TAKE_S)
        except (OSError, ValueError):
            return False
        except Exception as error:  # a fault of ours must cost one answer, not the service
            place = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("internal fault %s at %s:%s", type(error).__name__, Path(place.filename).name, place.lineno)
            return False
        return reply is not None

    def _reply(self, content: bytes) -> Reply | None:
        """None, and whoever asked is left to open the index himself, where that is what helps. Raises ValueError."""
        asked = messages.question(content)
        if asked.identity != self._identity:
            return None
        try:
            return self._search(asked.query)
        except UsageError as error:
            return Refusal(error.code, error.message, error.advice)
        except PipelineError:  # such as a stop, or another model: nothing that the query is to blame for
            return None
